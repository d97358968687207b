"""A line between a process and its child. What goes over it are frames: their length in four bytes, then MessagePack,
which msgspec writes and reads in a microsecond or two for something small."""

from collections.abc import Iterator
from typing import Any

import msgspec

LENGTH = 4
_encode = msgspec.msgpack.encode


def framed(content: Any) -> bytes:
    text = _encode(content)
    return b"%b%b" % (len(text).to_bytes(LENGTH, "big"), text)


def length_in(head: bytes | bytearray) -> int:
    """How many bytes follow the length that a frame begins with."""
    return int.from_bytes(head[:LENGTH], "big")


def taken_from(got: bytearray) -> Iterator[bytearray]:
    """The content of each frame that is there as a whole, taken off the front."""
    while len(got) >= LENGTH and len(got) >= (end := LENGTH + length_in(got)):
        content = got[LENGTH:end]
        del got[:end]
        yield content
