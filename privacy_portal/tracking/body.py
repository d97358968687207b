"""Receiving a body: bounded while it arrives, unpacked, and thrown away beyond the limit (contract T3, T4)."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

from privacy_portal.tracking.refusal import bad_body, body_too_large

DRAIN_BYTES = 8 * 1024 * 1024
DRAIN_SECONDS = 5.0
Receive = Callable[[], Awaitable[Any]]


class Disconnected(Exception):
    """The caller went away before the body was whole: nothing is stored."""


async def receive_body(receive: Receive, limit: int, gzipped: bool) -> bytes:
    """The body's bytes, unpacked. Refusal 413 over `limit`, counted as received and as unpacked."""
    pieces: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        piece = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(piece)
        if size > limit:
            if more:
                await _drain(receive, size)
            raise body_too_large(limit)
        pieces.append(piece)
    body = b"".join(pieces)
    return unpacked(body, limit) if gzipped else body


async def _drain(receive: Receive, size: int) -> None:
    """Read the rest and keep none of it, so that the caller gets to read our answer."""
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while size < DRAIN_BYTES:
                message = await receive()
                size += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return
    except TimeoutError:
        return


def unpacked(packed: bytes, limit: int) -> bytes:
    """gzip, members one after another. Never unpacks more than one byte over the limit."""
    plain = b""
    while packed:
        member = zlib.decompressobj(wbits=31)
        try:
            plain += member.decompress(packed, limit + 1 - len(plain))
        except zlib.error:
            raise bad_body("must be valid gzip") from None
        if len(plain) > limit:
            raise body_too_large(limit)
        if not member.eof:
            raise bad_body("must be valid gzip")
        packed = member.unused_data
    return plain


