"""Errors reported to Sentry, when SENTRY_DSN names one: where and what kind, never what they were handling."""

from importlib import import_module
from typing import Any

from privacy_portal.environment import understood

OURS = ("privacy_portal", "regulations")
"""The packages whose lines say where a fault is, and whose log holds constant names."""
NAMED_BY_US = ("route", "task")
"""Where Sentry's client has the name of what was done from. Of an address that no route knows it takes the address."""


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
    """Drop every text that could quote a person: messages, request, log arguments, task arguments, an address that
    leads nowhere. What is left of a line of our log is its constant name."""
    logged = event.pop("logentry", {}).get("message") or ""
    for part in ("request", "extra", "breadcrumbs", "user", "contexts", "message"):
        event.pop(part, None)
    if event.get("transaction_info", {}).get("source") not in NAMED_BY_US:
        event.pop("transaction", None)
    if (event.get("logger") or "").partition(".")[0] in OURS:
        event["message"] = logged.partition(" ")[0]
    for exception in event.get("exception", {}).get("values", []):
        exception["value"] = ""
        for frame in (exception.get("stacktrace") or {}).get("frames", []):
            frame.pop("vars", None)
    return event
