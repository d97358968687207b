"""A body that breaks its own encoding: whoever sent it is still there to read what is wrong."""

import socket
import time
from contextlib import ExitStack

import pytest

from tests.portal import Portal

NOT_HEX = b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"
TOO_SHORT = b"Content-Length: 100\r\n\r\n{}"
DOORS = ("/track/{brand}/v1/track", "/v1/track")
OTHERS = ("/api/v1/regulations/", "/p/token/", "/u/token", "/tag/1/tag.js")


def head(portal: Portal, path: str) -> bytes:
    """But for its last lines, which tell of the body."""
    first = f"POST {path.format(brand=portal.brand)} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    return f"{first}auth-token: {portal.server_token}\r\nContent-Type: application/json\r\n".encode()


def answered(portal: Portal, path: str, rest: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", portal.port), timeout=20) as caller:
        caller.sendall(head(portal, path) + rest)
        caller.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: caller.recv(65536), b""))


@pytest.mark.parametrize("rest", [NOT_HEX, TOO_SHORT], ids=["not hex", "too short"])
@pytest.mark.parametrize("path", DOORS)
def test_a_door_says_that_it_is_not_whole(portal: Portal, path: str, rest: bytes) -> None:
    answer = answered(portal, path, rest)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b'{"success":false,"code":"invalid_body","message":"body must be whole"}')


def test_who_does_not_send_on_is_answered_within_half_a_minute(portal: Portal) -> None:
    began = time.monotonic()
    with ExitStack() as stack:
        callers = {}
        for path in (*DOORS, *OTHERS[:2]):
            callers[path] = stack.enter_context(socket.create_connection(("127.0.0.1", portal.port), timeout=45))
            callers[path].sendall(head(portal, path) + TOO_SHORT)
        for path, caller in callers.items():
            answer = b"".join(iter(lambda caller=caller: caller.recv(65536), b""))
            assert answer.startswith(b"HTTP/1.1 400 "), path
            assert (b"body must be whole" in answer) == (path in DOORS)
    assert 29 < time.monotonic() - began < 40


@pytest.mark.parametrize("rest", [NOT_HEX, TOO_SHORT], ids=["not hex", "too short"])
@pytest.mark.parametrize("path", OTHERS)
def test_nothing_else_takes_it_for_a_fault_of_ours(portal: Portal, path: str, rest: bytes) -> None:
    answer = answered(portal, path, rest)
    assert answer.startswith(b"HTTP/1.1 4"), answer[:200]
