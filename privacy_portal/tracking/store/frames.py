"""What goes between a web process and its writer: requests one way, what became of them the other."""

import socket
from collections.abc import Iterator
from contextlib import suppress

import msgspec

from privacy_portal.line import LENGTH, length_in
from privacy_portal.tracking.store.row import Request

Results = list[str | None]
"""For each request of a group its eventId, or None: the store did not take it."""

_AT_A_TIME = 1024 * 1024

requests_in = msgspec.msgpack.Decoder(list[Request]).decode
results_in = msgspec.msgpack.Decoder(Results).decode


def groups(line: socket.socket) -> Iterator[list[Request]]:
    """Whenever something has come, all that has come since the last group. Ends when the other side hangs up."""
    got = bytearray()
    while True:
        group = list[Request]()
        while frame := _taken_from(got):
            group += requests_in(frame)
        if group:
            yield group
            with suppress(BlockingIOError):
                got += line.recv(_AT_A_TIME, socket.MSG_DONTWAIT)
        elif more := line.recv(_AT_A_TIME):
            got += more
        else:
            return


def _taken_from(got: bytearray) -> bytes:
    """The content of the first frame, if it is there as a whole."""
    if len(got) < LENGTH or len(got) < (end := LENGTH + length_in(got)):
        return b""
    frame = bytes(got[LENGTH:end])
    del got[:end]
    return frame
