"""What goes between a web process and its writer: requests one way, what became of them the other."""

import socket
from collections.abc import Iterator
from contextlib import suppress

import msgspec

from privacy_portal.line import taken_from
from privacy_portal.tracking.store.row import Request

Results = list[str | None]
"""For each request of a group its eventId, or None: the store did not take it."""

_AT_A_TIME = 1024 * 1024

requests_in = msgspec.msgpack.Decoder(list[Request]).decode
results_in = msgspec.msgpack.Decoder(Results).decode


def groups(line: socket.socket) -> Iterator[list[Request]]:
    """Whenever something has come, all that has come since the last group, if only a question whether anybody is
    there: a group of nothing. Ends when the other side hangs up."""
    got = bytearray()
    while True:
        if frames := list(taken_from(got)):
            yield [request for frame in frames for request in requests_in(frame)]
            with suppress(BlockingIOError):
                got += line.recv(_AT_A_TIME, socket.MSG_DONTWAIT)
        elif more := line.recv(_AT_A_TIME):
            got += more
        else:
            return
