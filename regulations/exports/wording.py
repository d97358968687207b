"""The words of the page: what a person calls what the portal calls otherwise."""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import dateformat

from privacy_portal.consent.models import Source
from privacy_portal.timestamps import in_zone
from regulations.models import Regulation, RegulationStatus

LONGEST = 160
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_ -]?[A-Za-z0-9]+)*")
_UNPRINTABLE = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}
KINDS = {
    "identify": "Your details updated",
    "track": "Activity",
    "page": "Page viewed",
    "screen": "App screen viewed",
    "group": "Membership",
    "alias": "Device recognised",
}
_REQUESTS = {
    "access": "A copy of your data",
    "delete": "Erase your data",
    "suppress": "Stop using your data",
    "suppress_and_delete": "Stop using your data and erase it",
    "unsuppress": "Use your data again",
    "no_track": "Stop recording what you do",
    "track": "Record what you do again",
}
_ADDRESSES = {"email": "e-mail address", "phone": "phone number"}
_PROGRESS = {
    RegulationStatus.SCHEDULED: "waiting",
    RegulationStatus.RUNNING: "in progress",
    RegulationStatus.FINISHED: "done",
    RegulationStatus.PARTIAL: "partly done",
    RegulationStatus.FAILED: "not done yet",
    RegulationStatus.CANCELLED: "cancelled",
}
_WAYS = {
    Source.IDENTIFY: "through our website, app or systems",
    Source.PREFERENCE_CENTRE: "by you, on your preference page",
    Source.ONE_CLICK: "by you, with an unsubscribe button",
    Source.STAFF: "entered by our staff",
    Source.API: "entered by our customer service",
    Source.IMPORT: "from an import",
    Source.REGULATION: "because of your request",
    Source.GPC: "by your browser’s privacy signal",
    Source.STOP_WORD: "by your reply to a message",
}


def when(moment: datetime, zone: ZoneInfo) -> str:
    """A time as people write it."""
    return dateformat.format(in_zone(moment, zone), "j F Y, H:i")


def day(moment: datetime, zone: ZoneInfo) -> str:
    return when(moment, zone).rpartition(",")[0]


def short_day(moment: datetime, zone: ZoneInfo) -> str:
    """ "1 Mar 2024", for narrow places."""
    date, month, year = day(moment, zone).split()
    return f"{date} {month[:3]} {year}"


def printable(text: str) -> str:
    """Without the control characters that HTML does not allow."""
    return text.translate(_UNPRINTABLE)


def label(name: str) -> str:
    """ "firstName" as "First name"; what is no plain name stays as it is."""
    if not _NAME.fullmatch(name):
        return shown(name)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_-]", " ", name)
    words = " ".join(word if word.isupper() else word.lower() for word in words.split())
    return shown(words[:1].upper() + words[1:])


def shown(value: Any, longest: int = LONGEST) -> str:
    """A value of a call for reading, cut short."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = _plain(value)
    return text if len(text) <= longest else text[:longest].rstrip() + "…"


def _plain(value: Any) -> str:
    """Objects and lists of simple values as people write them, anything deeper as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and _is_flat(value.values()):
        return ", ".join(f"{label(name)}: {shown(item)}" for name, item in value.items())
    if isinstance(value, list) and _is_flat(value):
        return ", ".join(shown(item) for item in value)
    return json.dumps(value, ensure_ascii=False)


def _is_flat(items: Iterable[Any]) -> bool:
    return not any(isinstance(item, dict | list) for item in items)


def kept_as_code(devices: int, addresses: Iterable[str]) -> str:
    """Of what the portal keeps a keyed hash: "2 devices, phone number"; empty when of nothing."""
    told = [f"{devices} device" if devices == 1 else f"{devices} devices"] if devices else []
    return ", ".join(told + [_ADDRESSES[kind] for kind in addresses])


def request(regulation: Regulation) -> str:
    return _REQUESTS.get(regulation.type, regulation.kind.label)


def progress(regulation: Regulation) -> str:
    return _PROGRESS[RegulationStatus(regulation.status)]


def way(source: str) -> str:
    return _WAYS[Source(source)]
