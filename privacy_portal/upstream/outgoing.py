"""A stored event as the text that goes upstream: what was received, with its eventId as messageId."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import msgspec

from privacy_portal.timestamps import parse, written
from privacy_portal.tracking import json_text
from privacy_portal.tracking.batch import IMPLIED
from privacy_portal.tracking.models import Action, Event

_PREFERENCES = "marketingPreferences"
_CHANNELS_AT = (("traits", _PREFERENCES, "channels"), ("traits", _PREFERENCES))
LOWERED_AT = (*_CHANNELS_AT, *(("context", *path) for path in _CHANNELS_AT))
"""Here only an identify says something of channels; what reads it there may take any call's traits for news."""

_FALSE = b"false"


def text_of(event: Event, withdrawn: Collection[str] = ()) -> bytes:
    """The call's text. Changed is only what would mean something else there than it did here, or later than now:
    `messageId`; a `timestamp` that is missing (the time of receipt) or that `sentAt` has corrected, which would correct
    it again; what names the method in a batch; `context.direct`, which asked for the caller's address and would get
    ours; a grant of a channel that the ledger holds as `withdrawn` (contract G7), and one of any channel by a public
    token, which cannot make it (T15): there it would be told in the brand's own name."""
    content, text = event.call(), bytes(event.body or b"")
    text = without_grants(text) if event.public else lowered(text, withdrawn)
    if isinstance(context := content.get("context"), dict) and context.get("direct") is True:
        text = json_text.with_changed(text, ("context", "direct"), lambda _: _FALSE)
    added = _names_of_the_method(content, event.action) | {"messageId": str(event.event_id)}
    if event.timestamp is not None and _said_at(content) != event.timestamp:
        added["timestamp"] = written(event.timestamp)
        if "sentAt" in content:
            text = json_text.without_member(text, "sentAt")
    for name, value in added.items():
        text = json_text.with_member(text, name, msgspec.json.encode(value))
    return text


def _said_at(content: dict[str, Any]) -> datetime | None:
    value = content.get("timestamp")
    return None if value is None else parse(value)


def people_in(event: Event) -> list[str]:
    """The ids by which the call names someone; the longest first, since one may be a part of another."""
    found = (event.call().get(name) for name in ("userId", "anonymousId", "previousId"))
    return sorted((name for name in found if isinstance(name, str) and name.strip()), key=len, reverse=True)


def _names_of_the_method(content: dict[str, Any], action: str) -> dict[str, str]:
    """What a call needs for a batch to take it for what it is: the upstream reads `event`, others `type` first."""
    named = {} if content.get("event") or action == Action.TRACK else {"event": action}
    event, kind = named.get("event") or content.get("event"), content.get("type")
    read_as = kind if kind is not None else event if event in IMPLIED else Action.TRACK.value
    return named if read_as == action else {**named, "type": action}


def without_grants(text: bytes) -> bytes:
    """A call without the entries that name a channel and say anything but false, in the end; also channels that the
    brand does not list, since the upstream may."""

    def grants(entry: bytes) -> bool:
        return _is_about(entry, None) and _said(entry, "subscribed")[-1:] != [_FALSE]

    return lowered(_with_entries(text, lambda entries: json_text.without_items(entries, grants)), None)


def lowered(text: bytes, channels: Collection[str] | None) -> bytes:
    """A call whose entries say false for each of these channels (None: for any), whatever they said; repeated keys
    too, since another reader may see another of them."""
    if channels is not None and not channels:
        return text

    def lower(entry: bytes) -> bytes:
        said = _said(entry, "subscribed")
        if not _is_about(entry, channels) or (said and all(value == _FALSE for value in said)):
            return entry
        return json_text.with_changed(
            json_text.with_member(entry, "subscribed", _FALSE), ("subscribed",), lambda _: _FALSE
        )

    return _with_entries(text, lambda entries: json_text.with_changed_items(entries, lower))


def _with_entries(text: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The text with `change` made to each array of entries, wherever an upstream may look for one."""
    if json_text.may_hold(text, _PREFERENCES):
        for path in LOWERED_AT:
            text = json_text.with_changed(text, path, change)
    return text


def _is_about(entry: bytes, channels: Collection[str] | None) -> bool:
    names = (msgspec.json.decode(name) for name in _said(entry, "channel") if name[:1] == b'"')
    return any(channels is None or name in channels for name in names)


def _said(entry: bytes, key: str) -> list[bytes]:
    """The texts of this member's values: of an object, and mostly one."""
    if entry[:1] != b"{":
        return []
    return [entry[begins:ends] for name, _, begins, ends in json_text.members(entry) if name == key]
