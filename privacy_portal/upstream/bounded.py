"""Exchanges that end by a moment of their own, but for the look-up of a name. httpx's time-outs begin anew with each
byte that is read, each piece that is sent and each address that is tried, so a server that drips its headers could keep
a worker for as long as it likes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ssl import SSLContext
from time import monotonic
from typing import Any

import httpcore
import httpx

_ends = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What this thread exchanges in the block fails with ReadTimeout when the time is over."""
    _ends.at = monotonic() + seconds
    try:
        yield
    finally:
        del _ends.at


def _left(timeout: float | None) -> float | None:
    at: float | None = getattr(_ends, "at", None)
    if at is None:
        return timeout
    left = at - monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left if timeout is None else min(timeout, left)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Piece by piece: by itself each piece that a slow reader takes would have the whole time."""
        connected, rest = self.get_extra_info("socket"), memoryview(buffer)
        try:
            while rest:
                connected.settimeout(_left(timeout))
                rest = rest[connected.send(rest) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore.SyncBackend):
    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *more: Any, **named: Any) -> Any:
        """To one address of the host after another: by itself each of them would have the whole time."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        failed: Exception = httpcore.ConnectError("the host has no address")
        for *_, address in found:
            try:
                return _Stream(super().connect_tcp(str(address[0]), port, _left(timeout), *more, **named))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


class Transport(httpx.HTTPTransport):
    """httpx's own, over streams that look at the clock."""

    def __init__(self) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=_Backend(),
        )
