"""The latest calls as a person reads them: what happened, when, and the most telling details."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from regulations.exports.calls import Calls, StoredCall
from regulations.exports.line import payload_of
from regulations.exports.survey import Survey
from regulations.exports.wording import KINDS, label, shown, when

DETAILS = 6


@dataclass(frozen=True)
class Moment:
    """One call. `more`: how many further details the files hold."""

    at: str
    kind: str
    name: str
    details: list[tuple[str, str]]
    more: int


def story(calls: Calls, found: Survey, zone: ZoneInfo) -> list[Moment]:
    """The newest calls, the latest first."""
    newest = sorted(found.newest, reverse=True)
    told = {call.id: _moment(call, zone) for call in calls.read((key, size) for _, key, size in newest)}
    return [told[key] for _, key, _ in newest if key in told]


def _moment(call: StoredCall, zone: ZoneInfo) -> Moment:
    content = dict(msgspec.json.decode(call.body))
    payload = content.get(payload_of(call.action)) or {}
    details = [*_details(payload), *_whereabouts(content)]
    return Moment(
        at=when(call.timestamp, zone),
        kind=KINDS[call.action],
        name=_name(call.action, content, payload),
        details=details[:DETAILS],
        more=max(0, len(details) - DETAILS),
    )


def _name(action: str, content: dict[str, Any], payload: dict[str, Any]) -> str:
    """What the call is about, in the caller's words."""
    candidates = {
        "track": (content.get("event"),),
        "page": (payload.get("title"), payload.get("name"), content.get("name"), payload.get("url")),
        "screen": (content.get("name"), content.get("event"), payload.get("name")),
        "group": (payload.get("name"), content.get("groupId")),
        "alias": (content.get("previousId"),),
    }
    texts = (text for text in candidates.get(action, ()) if isinstance(text, str) and text.strip())
    return shown(next(texts, ""))


def _details(payload: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Marketing choices have a chapter of their own on the page."""
    for name, value in payload.items():
        if name != "marketingPreferences" and value not in (None, "", [], {}):
            yield label(name), shown(value)


def _whereabouts(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    context = content.get("context") or {}
    if address := context.get("ip"):
        yield "IP address", shown(address)
