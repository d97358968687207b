"""One exchange over HTTP: what the lines of a request say, and how it is answered."""

import logging
from typing import Any

import msgspec
from django.conf import settings

from privacy_portal.tracking import refusal
from privacy_portal.tracking.peer import caller_address
from privacy_portal.tracking.refusal import Refusal

logger = logging.getLogger(__name__)
JSON, PLAIN = "application/json", "text/plain"
_NAMES = ("auth-token", "authorization", "content-encoding", "content-type", "origin", "via", "x-forwarded-for")
_READ = {name.encode(): name for name in _NAMES}
encode = msgspec.json.encode


def headers_of(scope: Any) -> dict[str, str]:
    """The lines that a door reads; those of the same name are joined, as HTTP means it."""
    headers: dict[str, str] = {}
    for line, value in scope["headers"]:
        if name := _READ.get(line):  # a server under ASGI writes names in lower case
            text = value.decode("latin-1")
            headers[name] = f"{headers[name]},{text}" if name in headers else text
    return headers


def media_type(headers: dict[str, str]) -> str:
    said = headers.get("content-type", "")
    return said if said == JSON else said.split(";")[0].strip().lower()


def encoding(headers: dict[str, str]) -> str:
    said = headers.get("content-encoding", "")
    return said.strip().lower() if said else said


def is_gzipped(headers: dict[str, str]) -> bool:
    """Refusal 415 for any other encoding."""
    said = encoding(headers)
    if said not in ("", "identity", "gzip"):
        raise refusal.content_encoding()
    return said == "gzip"


def address_of(scope: Any, headers: dict[str, str]) -> str:
    peer = scope.get("client")
    return caller_address(peer[0] if peer else "", headers.get("x-forwarded-for", ""), settings.TRUSTED_PROXIES)


def refusal_of(error: Exception, action: str) -> Refusal:
    """The refusal itself; a fault of ours is told without its text, which may quote what we were sent."""
    if isinstance(error, Refusal):
        return error
    logger.error("tracking.fault action=%s error=%s", action, type(error).__name__, exc_info=error)
    return refusal.fault()


def told(refused: Refusal) -> bytes:
    return encode({"success": False, "code": refused.code, "message": refused.message})


async def send_answer(send: Any, status: int, body: bytes, headers: dict[str, str]) -> None:
    lines = [(b"cache-control", b"no-store")]
    if body:
        lines += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    if headers:
        lines += [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
