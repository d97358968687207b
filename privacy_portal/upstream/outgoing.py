"""A stored event as the text that goes upstream: what was received, with its eventId as messageId."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec

from privacy_portal.timestamps import parse, written
from privacy_portal.tracking import json_text
from privacy_portal.tracking.batch import IMPLIED
from privacy_portal.tracking.models import Action, Event
from privacy_portal.tracking.store.consent import CHANNELS_AT as NAMED_AT
from privacy_portal.tracking.store.consent import GRANT_BY_PUBLIC

CHANNELS_AT = (("traits", "marketingPreferences", "channels"), ("traits", "marketingPreferences"))
LOWERED_AT = (*CHANNELS_AT, *(("context", *path) for path in CHANNELS_AT))
"""Here only an identify says something of channels; what reads it there may take any call's traits for news."""

_FALSE = b"false"
_REFUSED_GRANT = re.compile(rf"{re.escape(NAMED_AT)}\[(\d+)\]\.subscribed {re.escape(GRANT_BY_PUBLIC)}")


def text_of(event: Event, withdrawn: Collection[str] = ()) -> bytes:
    """The call's text. Changed is only what would mean something else there than it did here, or later than now:
    `messageId`; a `timestamp` that is missing (the time of receipt) or that `sentAt` has corrected, which would correct
    it again; what names the method in a batch; `context.direct`, which asked for the caller's address and would get
    ours; a grant of a channel that the ledger holds as `withdrawn` (contract G7), and one that a public token cannot
    make (T15): there it would be told in the brand's own name."""
    content, text = event.call(), bytes(event.body or b"")
    text = lowered(_without_refused_grants(text, event.errors or ()), withdrawn)
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


def _without_refused_grants(text: bytes, errors: Collection[str]) -> bytes:
    refused = {int(match[1]) for error in errors if (match := _REFUSED_GRANT.fullmatch(error))}
    if refused:
        for path in CHANNELS_AT:
            text = json_text.with_changed(text, path, lambda channels: json_text.without_items(channels, refused))
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


def lowered(text: bytes, withdrawn: Collection[str]) -> bytes:
    """A call whose entries say false for each channel that is withdrawn, whatever they said; repeated keys too,
    since another reader may see another of them."""
    if not withdrawn:
        return text

    def lower(entry: bytes) -> bytes:
        named = {entry[begins:ends] for key, _, begins, ends in json_text.members(entry) if key == "channel"}
        if entry[:1] != b"{" or not any(msgspec.json.decode(name) in withdrawn for name in named if name[:1] == b'"'):
            return entry
        said = [entry[begins:ends] for key, _, begins, ends in json_text.members(entry) if key == "subscribed"]
        if said and all(value == _FALSE for value in said):
            return entry
        return json_text.with_changed(
            json_text.with_member(entry, "subscribed", _FALSE), ("subscribed",), lambda _: _FALSE
        )

    for path in LOWERED_AT:
        text = json_text.with_changed(text, path, lambda channels: json_text.with_changed_items(channels, lower))
    return text
