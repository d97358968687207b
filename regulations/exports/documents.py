"""JSON files for people and programs: indented, and written piece by piece where a list may be long."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from privacy_portal.timestamps import written

_encode = msgspec.json.Encoder().encode


def document(**members: Any) -> Iterator[bytes]:
    """An object. A member that is an iterator becomes an array, one element at a time; msgspec.Raw keeps its text."""
    before = b"{\n"
    for name, value in members.items():
        yield before + b"  " + _encode(name) + b": "
        if isinstance(value, Iterator):
            yield from _array(value)
        else:
            yield _indented(value, b"  ")
        before = b",\n"
    yield b"\n}\n"


def moment(at: datetime | None) -> str | None:
    return None if at is None else written(at)


def _array(values: Iterator[Any]) -> Iterator[bytes]:
    before = b"[\n    "
    for value in values:
        yield before + _indented(value, b"    ")
        before = b",\n    "
    yield b"[]" if before[:1] == b"[" else b"\n  ]"


def _indented(value: Any, by: bytes) -> bytes:
    return msgspec.json.format(_encode(value), indent=2).replace(b"\n", b"\n" + by)
