"""A body that breaks its own encoding: whoever sent it is still there to read what is wrong."""

import socket

import pytest

from tests.portal import Portal

NOT_HEX = b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"
TOO_SHORT = b"Content-Length: 100\r\n\r\n{}"
DOORS = ("/track/{brand}/v1/track", "/v1/track")
OTHERS = ("/api/v1/regulations/", "/p/token/", "/u/token", "/tag/1/tag.js")


def answered(portal: Portal, path: str, rest: bytes) -> bytes:
    head = (
        f"POST {path.format(brand=portal.brand)} HTTP/1.1\r\nHost: 127.0.0.1\r\nauth-token: {portal.server_token}\r\n"
    )
    with socket.create_connection(("127.0.0.1", portal.port), timeout=20) as caller:
        caller.sendall(f"{head}Content-Type: application/json\r\n".encode() + rest)
        caller.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: caller.recv(65536), b""))


@pytest.mark.parametrize("rest", [NOT_HEX, TOO_SHORT], ids=["not hex", "too short"])
@pytest.mark.parametrize("path", DOORS)
def test_a_door_says_that_it_is_not_whole(portal: Portal, path: str, rest: bytes) -> None:
    answer = answered(portal, path, rest)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b'{"success":false,"code":"invalid_body","message":"body must be whole"}')


@pytest.mark.parametrize("rest", [NOT_HEX, TOO_SHORT], ids=["not hex", "too short"])
@pytest.mark.parametrize("path", OTHERS)
def test_nothing_else_takes_it_for_a_fault_of_ours(portal: Portal, path: str, rest: bytes) -> None:
    answer = answered(portal, path, rest)
    assert answer.startswith(b"HTTP/1.1 4"), answer[:200]
