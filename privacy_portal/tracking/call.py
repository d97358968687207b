"""One call, checked field by field in the order of contract T5, ready to be stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from privacy_portal.timestamps import BadTimestamp, parse
from privacy_portal.tracking.refusal import bad_field

ACTIONS = ("identify", "track", "page", "screen", "group")
NAMED_AFTER_THEMSELVES = ("identify", "page")
PAYLOADS = ("traits", "properties", "context")


@dataclass(slots=True)
class Call:
    """`text` is what is stored; `content` the same as an object, for readers."""

    action: str
    user_id: str | None
    anonymous_id: str | None
    event: str | None
    timestamp: datetime | None
    message_id: str | None
    content: dict[str, Any]
    text: bytes


def check(content: dict[str, Any], text: bytes, action: str, at: str = "") -> Call:
    """A checked call. `at` prefixes the field names of messages ("batch[3]."). Refusal names field and rule."""
    user_id = _identity(content, "userId", at)
    anonymous_id = _identity(content, "anonymousId", at)
    if user_id is None and anonymous_id is None:
        raise bad_field(f"{at}userId", "must not be empty")
    event = _event(content, action, at)
    if action == "group" and _identity(content, "groupId", at) is None:
        raise bad_field(f"{at}groupId", "must not be empty")
    _payloads(content, action, at)
    if action == "screen":
        _text(content, "name", at)
    return Call(action, user_id, anonymous_id, event, _timestamp(content, at), message_id(content, at), content, text)


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


def _event(content: dict[str, Any], action: str, at: str) -> str | None:
    event = _text(content, "event", at)
    if action in NAMED_AFTER_THEMSELVES:
        # In a batch `type` may already say it (contract T10, and what the SDKs send).
        if not event and not (at and content.get("type") == action):
            raise bad_field(f"{at}event", "must not be empty")
        if event and event != action:
            raise bad_field(f"{at}event", f'must be "{action}"')
    if action == "track":
        if not event:
            raise bad_field(f"{at}event", "must not be empty")
        if len(event) > 200:
            raise bad_field(f"{at}event", "must be at most 200 characters")
    return event


def _payloads(content: dict[str, Any], action: str, at: str) -> None:
    for name in PAYLOADS:
        value = content.get(name)
        if value is not None and not isinstance(value, dict):
            raise bad_field(at + name, "must be an object")
        if value is None and name == "traits" and action == "identify" and not at:
            raise bad_field("traits", "must be an object")


def _timestamp(content: dict[str, Any], at: str) -> datetime | None:
    value = content.get("timestamp")
    if value is None:
        return None
    try:
        return parse(value)
    except BadTimestamp as error:
        raise bad_field(f"{at}timestamp", str(error)) from None


def message_id(content: dict[str, Any], at: str = "") -> str | None:
    value = _text(content, "messageId", at)
    if value and len(value) > 100:
        raise bad_field(f"{at}messageId", "must be at most 100 characters")
    return value or None
