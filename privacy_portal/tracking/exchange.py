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
encode = msgspec.json.encode


def headers_of(scope: Any) -> dict[str, str]:
    """Names in lower case; lines of the same name are joined, as HTTP means it."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    return headers


def media_type(headers: dict[str, str]) -> str:
    return headers.get("content-type", "").split(";")[0].strip().lower()


def encoding(headers: dict[str, str]) -> str:
    return headers.get("content-encoding", "").strip().lower()


def is_gzipped(headers: dict[str, str]) -> bool:
    """Refusal 415 for any other encoding."""
    if encoding(headers) not in ("", "identity", "gzip"):
        raise refusal.content_encoding()
    return encoding(headers) == "gzip"


def address_of(scope: Any, headers: dict[str, str]) -> str:
    peer = scope.get("client")
    return caller_address(peer[0] if peer else "", headers.get("x-forwarded-for", ""), settings.TRUSTED_PROXIES)


def refusal_of(error: Exception, action: str) -> Refusal:
    """The refusal itself; a fault of ours is told without its text, which may quote what we were sent."""
    if isinstance(error, Refusal):
        return error
    logger.error("tracking.fault action=%s error=%s", action, type(error).__name__)
    return refusal.fault()


def told(refused: Refusal) -> bytes:
    return encode({"success": False, "code": refused.code, "message": refused.message})


async def send_answer(send: Any, status: int, body: bytes, headers: dict[str, str]) -> None:
    described = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())] if body else []
    lines = [
        *described,
        (b"cache-control", b"no-store"),
        *((name.lower().encode(), value.encode()) for name, value in headers.items()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
