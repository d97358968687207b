"""Receiving a body: bounded in size and time while it arrives, unpacked, and thrown away beyond the limit (contract T3,
T4)."""

import asyncio
import time
import zlib
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from privacy_portal.tracking.refusal import Refusal, bad_body, body_too_large

WHOLE_WITHIN_S = 30.0
DRAIN_BYTES = 8 * 1024 * 1024
DRAIN_SECONDS = 5.0
MAX_MEMBERS = 1_000
PIECE = 16 * 1024
WITHOUT_LIMIT = nullcontext()
Receive = Callable[[], Awaitable[Any]]


class Body:
    """One request's body as it arrives. `patience` ends the wait for it, by TimeoutError."""

    def __init__(self, receive: Receive, patience: AbstractContextManager[None] = WITHOUT_LIMIT) -> None:
        self._receive = receive
        self._patience = patience
        self._since = time.monotonic()
        self._size = 0
        self._ended = False
        self._text: bytes | None = None

    @property
    def age(self) -> float:
        """Seconds since the request began."""
        return time.monotonic() - self._since

    async def read(self, limit: int, gzipped: bool) -> bytes:
        """Its bytes, unpacked; the same when asked again. Refusal 413 over `limit`, which counts what is
        unpacked, 400 when it breaks off or does not come."""
        if self._text is None:
            body = await self._packed(limit, gzipped)
            self._text = unpacked(body, limit) if gzipped else body
        return self._text

    async def _packed(self, limit: int, gzipped: bool) -> bytes:
        # What cannot be packed grows a little by packing.
        most = limit + limit // 8 + 1024 if gzipped else limit
        pieces: list[bytes] = []
        try:
            with self._patience:
                while not self._ended:
                    pieces.append(self._piece(await self._receive()))
                    if self._size > most:
                        raise body_too_large(limit)
        except TimeoutError:
            self._ended = True  # nor is the rest waited for
            raise bad_body("must be whole") from None
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def drain(self) -> None:
        """Read the rest and keep none of it, so that the caller gets to read our answer instead of a reset."""
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while not self._ended and self._size < DRAIN_BYTES:
                    self._piece(await self._receive())
        except (TimeoutError, Refusal):
            return

    def _piece(self, message: Any) -> bytes:
        if message["type"] == "http.disconnect":
            # Mostly nobody is left to read it; a body that breaks its own encoding ends like this as well.
            self._ended = True
            raise bad_body("must be whole")
        piece: bytes = message.get("body", b"")
        self._size += len(piece)
        self._ended = not message.get("more_body", False)
        return piece


def unpacked(packed: bytes, limit: int) -> bytes:
    """gzip, members one after another. Never unpacks more than one byte over the limit."""
    plain = bytearray()
    at, members = 0, 0
    while at < len(packed):
        members += 1
        if members > MAX_MEMBERS:
            raise bad_body(f"must be gzip of at most {MAX_MEMBERS} members")
        at = _unpack_member(memoryview(packed), at, plain, limit)
    return bytes(plain)


def _unpack_member(packed: memoryview, at: int, plain: bytearray, limit: int) -> int:
    """Append the member that begins at `at` to `plain`. Returns where it ends. In pieces, because zlib copies what it
    was given and did not use."""
    member = zlib.decompressobj(wbits=31)
    while at < len(packed):
        piece = packed[at : at + PIECE]
        try:
            plain += member.decompress(piece, limit + 1 - len(plain))
        except zlib.error:
            raise bad_body("must be valid gzip") from None
        if len(plain) > limit:
            raise body_too_large(limit)
        at += len(piece) - len(member.unused_data)
        if member.eof:
            return at
    raise bad_body("must be valid gzip")
