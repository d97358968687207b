"""One call, checked field by field in the order of contract T5, ready to be stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from privacy_portal.timestamps import BadTimestamp, parse
from privacy_portal.tracking.refusal import bad_field

ACTIONS = ("identify", "track", "page", "screen", "group")
# `alias` comes through the Segment door alone (contract T17). The browser's SDK leaves out `previousId` where it means
# its own visitor, whom it names as `anonymousId`.
ALIAS = "alias"
NAMED_AFTER_THEMSELVES = ("identify", "page")
PAYLOADS = ("traits", "properties", "context")


@dataclass(slots=True)
class Call:
    """`text` is what is stored; `content` what was sent, as an object, for readers. `direct`: it asks for the caller's
    address."""

    action: str
    user_id: str | None
    anonymous_id: str | None
    event: str | None
    timestamp: datetime | None
    message_id: str | None
    content: dict[str, Any]
    text: bytes
    direct: bool
    previous_id: str | None = None


def check(content: dict[str, Any], text: bytes, action: str, at: str = "", *, brief: bool = False) -> Call:
    """A checked call. `at` prefixes the field names of messages ("batch[3]."). Refusal names field and rule.

    `brief`: in a batch, and from the SDKs, `event` need not say the method again, and `traits` may be left out.
    """
    user_id = _identity(content, "userId", at)
    anonymous_id = _identity(content, "anonymousId", at)
    if user_id is None and (anonymous_id is None or action == ALIAS):
        raise bad_field(f"{at}userId", "must not be empty")
    event = _event(content, action, at, brief)
    previous_id = _identity(content, "previousId", at) if action == ALIAS else None
    if action == ALIAS and previous_id is None and anonymous_id is None:
        raise bad_field(f"{at}previousId", "must not be empty")
    if action == "screen":
        _text(content, "name", at)
    if action == "group" and _identity(content, "groupId", at) is None:
        raise bad_field(f"{at}groupId", "must not be empty")
    _payloads(content, action, at, brief)
    timestamp, message = moment(content, "timestamp", at), message_id(content, at)
    direct = is_direct(content.get("context"))
    return Call(action, user_id, anonymous_id, event, timestamp, message, content, text, direct, previous_id)


def is_direct(context: dict[str, Any] | None) -> bool:
    """Whether a context asks for the caller's address (contract T9)."""
    return context is not None and context.get("direct") is True


def _identity(content: dict[str, Any], name: str, at: str) -> str | None:
    value = content.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise bad_field(at + name, "must be a string")
    if not value.strip():
        return None
    if len(value) > 256:
        raise bad_field(at + name, "must be at most 256 characters")
    if "\x00" in value:
        raise bad_field(at + name, "must not contain \\u0000")
    return value


def _text(content: dict[str, Any], name: str, at: str) -> str | None:
    value = content.get(name)
    if value is not None and not isinstance(value, str):
        raise bad_field(at + name, "must be a string")
    return value


def _event(content: dict[str, Any], action: str, at: str, brief: bool) -> str | None:
    event = _text(content, "event", at)
    if action in NAMED_AFTER_THEMSELVES:
        if not event and not brief:
            raise bad_field(f"{at}event", "must not be empty")
        if event and event != action:
            raise bad_field(f"{at}event", f'must be "{action}"')
    if action == "track":
        if not event:
            raise bad_field(f"{at}event", "must not be empty")
        if len(event) > 200:
            raise bad_field(f"{at}event", "must be at most 200 characters")
    return event


def _payloads(content: dict[str, Any], action: str, at: str, brief: bool) -> None:
    for name in PAYLOADS:
        value = content.get(name)
        if value is not None and not isinstance(value, dict):
            raise bad_field(at + name, "must be an object")
        if value is None and name == "traits" and action == "identify" and not brief:
            raise bad_field("traits", "must be an object")


def moment(content: dict[str, Any], name: str, at: str = "") -> datetime | None:
    """A time as UTC, or None where there is none. Refusal when it is no ISO-8601 date and time."""
    value = content.get(name)
    if value is None:
        return None
    try:
        return parse(value)
    except BadTimestamp as error:
        raise bad_field(at + name, str(error)) from None


def message_id(content: dict[str, Any], at: str = "") -> str | None:
    value = _text(content, "messageId", at)
    if value and len(value) > 100:
        raise bad_field(f"{at}messageId", "must be at most 100 characters")
    return value or None
