"""One call as one line of events.jsonl: what was received, word for word, and what the portal added."""

from datetime import datetime

import msgspec

from privacy_portal.timestamps import BadTimestamp, parse, written
from privacy_portal.tracking.json_text import members
from regulations.exports.calls import StoredCall

OURS = ("eventId", "action", "timestamp", "receivedAt")
WITH_TRAITS = ("identify", "group")


def payload_of(action: str) -> str:
    """The member in which a call of this kind says what it is about."""
    return "traits" if action in WITH_TRAITS else "properties"


def line(call: StoredCall) -> bytes:
    """The members of the call follow ours as they were received, repeated keys and number spellings included.

    `timestamp` is the one that is ours alone, in UTC; what an SDK's clock said, if that was corrected by its `sentAt`,
    stands beside it as `originalTimestamp`. A caller's own `eventId`, `action` or `receivedAt` is kept, and
    ours is then said once more after it, because of repeated keys readers see the last.
    """
    ours = {name: _member(name, value) for name, value in zip(OURS, _values(call), strict=True)}
    parts, seen = list(ours.values()), set()
    for key, begins, value, ends in members(call.body):
        seen.add(key)
        if key != "timestamp":
            parts.append(_on_one_line(call.body[begins:ends]))
        elif was_corrected(call.body[value:ends], call.timestamp):
            parts.append(b'"originalTimestamp":' + call.body[value:ends])
    parts += [_absent(name, call.action) for name in _standard(call.action) if name not in seen]
    parts += [ours[name] for name in OURS if name in seen and name != "timestamp"]
    return b"{" + b",".join(parts) + b"}\n"


def _values(call: StoredCall) -> tuple[str, str, str, str]:
    return str(call.event_id), call.action, written(call.timestamp), written(call.received_at)


def was_corrected(sent: bytes, timestamp: datetime) -> bool:
    """Whether the text of a call's own `timestamp` says another moment than the event's."""
    try:
        return parse(msgspec.json.decode(sent)) != timestamp
    except BadTimestamp:
        return False


def _standard(action: str) -> tuple[str, ...]:
    return "event", "userId", "anonymousId", payload_of(action), "context"


def _absent(name: str, action: str) -> bytes:
    """In a batch, identify may leave out its traits: that means none (contract T5)."""
    return b'"traits":{}' if (name, action) == ("traits", "identify") else b'"%s":null' % name.encode()


def _member(name: str, value: str) -> bytes:
    return b'"%s":%s' % (name.encode(), msgspec.json.encode(value))


def _on_one_line(text: bytes) -> bytes:
    """Raw line ends stand only between tokens (JSON escapes them inside strings), where a space means the same."""
    return text.replace(b"\r", b" ").replace(b"\n", b" ")
