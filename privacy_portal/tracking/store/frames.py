"""What goes between a web process and its writer: a group of requests one way, what became of them the other.

A frame is its length in four bytes, then MessagePack, which msgspec writes and reads in a microsecond or two an event.
"""

import msgspec

from privacy_portal.tracking.store.row import Request

LENGTH = 4
Results = list[str | None]
"""For each request of a group its eventId, or None: the store did not take it."""

_encode = msgspec.msgpack.encode
requests_in = msgspec.msgpack.Decoder(list[Request]).decode
results_in = msgspec.msgpack.Decoder(Results).decode


def framed(content: list[Request] | Results) -> bytes:
    text = _encode(content)
    return b"%b%b" % (len(text).to_bytes(LENGTH, "big"), text)


def length_in(head: bytes | bytearray) -> int:
    """How many bytes follow the length that a frame begins with."""
    return int.from_bytes(head[:LENGTH], "big")
