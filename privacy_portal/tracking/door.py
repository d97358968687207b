"""The tracking API's door: a small ASGI application beside Django (contract §2). Checks run in the order of T3."""

import logging
import re
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from privacy_portal.brands.models import TokenKind
from privacy_portal.subjects import keys
from privacy_portal.tracking import refusal
from privacy_portal.tracking.access import Access, Reader, TokenView
from privacy_portal.tracking.body import Body, Disconnected
from privacy_portal.tracking.buckets import Buckets, open_buckets
from privacy_portal.tracking.cors import Cors, check_origin, origin_of
from privacy_portal.tracking.metrics import answers, calls
from privacy_portal.tracking.peer import caller_address
from privacy_portal.tracking.reading import request_from
from privacy_portal.tracking.refusal import Refusal
from privacy_portal.tracking.status import status_of
from privacy_portal.tracking.write_key import key_in, without_key
from privacy_portal.tracking.writer import Writer

logger = logging.getLogger(__name__)
_PATH = re.compile(r"/track/([^/]+)/([^/]+)/([^/]+)/v1/(identify|track|page|screen|group|batch|events/([^/]+))")
_encode = msgspec.json.encode
NO_HEADERS: dict[str, str] = {}
PLAIN = "text/plain"


class Door:
    """One per web process; made when the process starts."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._access = Access(self._reader)
        self._cors = Cors(self._access)
        self._buckets: Buckets = open_buckets()
        self._writer = Writer()

    async def open(self) -> None:
        # The first keyed hash checks the key against the database, which no event loop may do.
        await self._reader.ask(keys.user_key, "", "")
        self._writer.start()

    async def close(self) -> None:
        """Write what was taken, then give the connections back."""
        await self._writer.stop()
        self._reader.close()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        match = _PATH.fullmatch(scope["path"])
        action = "none" if match is None else "events" if match[5] else match[4]
        origin = origin_of(scope)
        body = Body(receive)
        status, code, headers = 200, "ok", NO_HEADERS
        try:
            if match is None:
                raise refusal.unknown_action()
            if origin is not None and scope["method"] == "OPTIONS" and not match[5]:
                status, answer, headers = 204, b"", await self._cors.preflight(origin, _brand_path(match))
            else:
                answer = await (self._status if match[5] else self._take)(match, scope, body)
        except Disconnected:
            return
        except Exception as error:
            refused = error if isinstance(error, Refusal) else _fault(action, error)
            status, code, headers = refused.status, refused.code, refused.headers
            answer = _encode({"success": False, "code": code, "message": refused.message})
            await body.drain()
        if origin is not None and match is not None:
            secret = _headers(scope).get("auth-token")
            headers = {**headers, **await self._cors.headers(origin, _brand_path(match), secret)}
        answers(action, status, code).inc()
        await _send(send, status, answer, headers)

    async def _take(self, match: re.Match[str], scope: Any, body: Body) -> bytes:
        if scope["method"] != "POST":
            raise refusal.method("POST")
        headers = _headers(scope)
        secret = headers.get("auth-token")
        is_keyed = not secret and _media_type(headers) == PLAIN
        if is_keyed:
            secret = await key_in(body, settings.TRACKING_MAX_BODY_BYTES, _encoding(headers) == "gzip")
        token, brand = await self._access.check(secret, match[1], match[2], match[3])
        if is_keyed and token.kind != TokenKind.JS_TAG:
            raise refusal.not_authorised()
        check_origin(headers.get("origin"), token, brand)
        if wait := await self._buckets.take(token.pk, token.rate, token.burst):
            raise refusal.rate_limited(wait)
        _check_type(headers, token)
        text = await body.read(settings.TRACKING_MAX_BODY_BYTES, _is_gzipped(headers))
        if is_keyed and match[4] != "batch":
            text = without_key(text)
        request = request_from(text, match[4], token, brand, lambda: _address(scope, headers))
        event_id = await self._writer.store(request)
        for row in request.rows:
            calls(row.action).inc()
        return b'{"success":true,"eventId":"%s"}' % str(event_id).encode()

    async def _status(self, match: re.Match[str], scope: Any, _: Body) -> bytes:
        if scope["method"] != "GET":
            raise refusal.method("GET")
        token, brand = await self._access.check(_headers(scope).get("auth-token"), match[1], match[2], match[3])
        if token.public:
            raise refusal.not_authorised()
        try:
            event_id = UUID(match[5])
        except ValueError:
            raise refusal.unknown_event() from None
        found = await self._reader.ask(status_of, event_id, [brand.pk])
        if found is None:
            raise refusal.unknown_event()
        return _encode(found)


def _fault(action: str, error: Exception) -> Refusal:
    """A fault of ours, told without its text, which may quote what we were sent."""
    logger.error("tracking.fault action=%s error=%s", action, type(error).__name__)
    return refusal.fault()


def _brand_path(match: re.Match[str]) -> tuple[str, str, str]:
    return match[1], match[2], match[3]


def _headers(scope: Any) -> dict[str, str]:
    """Names in lower case; lines of the same name are joined, as HTTP means it."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]},{text}" if key in headers else text
    return headers


def _media_type(headers: dict[str, str]) -> str:
    return headers.get("content-type", "").split(";")[0].strip().lower()


def _check_type(headers: dict[str, str], token: TokenView) -> None:
    media_type = _media_type(headers)
    if media_type != "application/json" and not (media_type == PLAIN and token.kind == TokenKind.JS_TAG):
        raise refusal.content_type()


def _encoding(headers: dict[str, str]) -> str:
    return headers.get("content-encoding", "").strip().lower()


def _is_gzipped(headers: dict[str, str]) -> bool:
    encoding = _encoding(headers)
    if encoding not in ("", "identity", "gzip"):
        raise refusal.content_encoding()
    return encoding == "gzip"


def _address(scope: Any, headers: dict[str, str]) -> str:
    peer = scope.get("client")
    return caller_address(peer[0] if peer else "", headers.get("x-forwarded-for", ""), settings.TRUSTED_PROXIES)


async def _send(send: Any, status: int, body: bytes, headers: dict[str, str]) -> None:
    described = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())] if body else []
    lines = [
        *described,
        (b"cache-control", b"no-store"),
        *((name.lower().encode(), value.encode()) for name, value in headers.items()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})


_door: Door | None = None


async def startup() -> None:
    """Called when the web process starts."""
    global _door
    door = Door()
    await door.open()
    _door = door


async def shutdown() -> None:
    """Called when it stops: what was taken is written first."""
    if _door is not None:
        await _door.close()


async def application(scope: Any, receive: Any, send: Any) -> None:
    if _door is None:
        await startup()
    assert _door is not None
    await _door(scope, receive, send)
