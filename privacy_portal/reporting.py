"""Errors reported to Sentry, when SENTRY_DSN names one: where and what kind, never what they were handling."""

from importlib import import_module
from typing import Any

from privacy_portal.environment import understood


def start(dsn: str) -> None:
    if not dsn:
        return
    # Imported only when it is wanted: it costs each of our processes a fifth of its start.
    rule = "must be an address such as https://key@sentry.example.com/1, as Sentry shows it"
    understood("SENTRY_DSN", dsn, import_module("sentry_sdk.utils").Dsn, rule)
    import_module("sentry_sdk").init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=only_where,
    )


def only_where(event: Any, _hint: Any) -> Any:
    """Drop every text that could quote a person: messages, request, log arguments, task arguments."""
    for part in ("request", "logentry", "extra", "breadcrumbs", "user", "contexts", "message"):
        event.pop(part, None)
    for exception in event.get("exception", {}).get("values", []):
        exception["value"] = ""
    return event
