"""One call as one row of events.csv."""

import csv
import io
from collections.abc import Iterable, Iterator

import msgspec

from privacy_portal.timestamps import written
from privacy_portal.tracking.json_text import written as written_object
from regulations.exports.calls import StoredCall
from regulations.exports.cells import json_cell, text_cell
from regulations.exports.line import was_corrected

COLUMNS = (
    "eventId", "action", "event", "userId", "anonymousId", "timestamp", "receivedAt", "traits", "properties", "context",
    "other",
)  # fmt: skip
_TEXTS = ("event", "userId", "anonymousId")
_OBJECTS = ("traits", "properties", "context")
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def rows(calls: Iterable[StoredCall]) -> Iterator[bytes]:
    """The file, row by row. Every cell is quoted; objects are JSON; `other` is what else the call held."""
    yield _row(COLUMNS)
    for call in calls:
        yield _row(cells(call))


def cells(call: StoredCall) -> list[str]:
    """A row's cells, in the order of COLUMNS: of repeated keys the last."""
    members = _members(call.body)
    sent = members.pop("timestamp", b"null")
    if was_corrected(sent, call.timestamp):
        members["originalTimestamp"] = sent
    event, user_id, anonymous_id = (text_cell(_text(members.pop(name, None))) for name in _TEXTS)
    objects = [_object(members.pop(name, None)) for name in _OBJECTS]
    rest = json_cell(written_object(members)) if members else ""
    times = (written(call.timestamp), written(call.received_at))
    return [str(call.event_id), call.action, event, user_id, anonymous_id, *times, *objects, rest]


def _members(text: bytes) -> dict[str, bytes]:
    return {name: bytes(value) for name, value in _decode(text).items()}


def _text(value: bytes | None) -> str | None:
    return None if value is None else msgspec.json.decode(value, type=str | None)


def _object(value: bytes | None) -> str:
    return "" if value in (None, b"null") else json_cell(value or b"")


def _row(values: Iterable[str]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(values)
    return buffer.getvalue().encode()
