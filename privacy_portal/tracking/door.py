"""The tracking API's door: a small ASGI application beside Django (contract §2). Checks run in the order of T3."""

import re
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from privacy_portal.subjects import keys
from privacy_portal.tracking import refusal
from privacy_portal.tracking.access import Access, Reader
from privacy_portal.tracking.body import Disconnected, receive_body
from privacy_portal.tracking.buckets import Buckets, open_buckets
from privacy_portal.tracking.metrics import ANSWERS, CALLS
from privacy_portal.tracking.peer import caller_address
from privacy_portal.tracking.reading import request_from
from privacy_portal.tracking.refusal import Refusal
from privacy_portal.tracking.status import status_of
from privacy_portal.tracking.writer import Writer

_PATH = re.compile(r"/track/([^/]+)/([^/]+)/([^/]+)/v1/(identify|track|page|screen|group|batch|events/([^/]+))")
_encode = msgspec.json.encode


class Door:
    """One per web process; made when the process starts."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._access = Access(self._reader)
        self._buckets: Buckets = open_buckets()
        self.writer = Writer()

    async def open(self) -> None:
        # The first keyed hash checks the key against the database, which no event loop may do.
        await self._reader.ask(keys.user_key, "", "")
        self.writer.start()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        match = _PATH.fullmatch(scope["path"])
        action = "none" if match is None else "events" if match[5] else match[4]
        headers: dict[str, str] = {}
        try:
            if match is None:
                raise refusal.unknown_action()
            body = await (self._status if match[5] else self._take)(match, scope, receive)
            status, code = 200, "ok"
        except Refusal as refused:
            status, code, headers = refused.status, refused.code, refused.headers
            body = _encode({"success": False, "code": refused.code, "message": refused.message})
        except Disconnected:
            return
        ANSWERS.labels(action, status, code).inc()
        await _answer(send, status, body, headers)

    async def _take(self, match: re.Match[str], scope: Any, receive: Any) -> bytes:
        if scope["method"] != "POST":
            raise refusal.method("POST")
        headers = _headers(scope)
        token, brand = await self._access.check(headers.get("auth-token"), match[1], match[2], match[3])
        if wait := await self._buckets.take(token.pk, token.rate, token.burst):
            raise refusal.rate_limited(wait)
        _check_type(headers)
        gzipped = _is_gzipped(headers)
        text = await receive_body(receive, settings.TRACKING_MAX_BODY_BYTES, gzipped)
        request = request_from(text, match[4], token, brand, lambda: _address(scope, headers))
        event_id = await self.writer.store(request)
        for row in request.rows:
            CALLS.labels(row.action).inc()
        return b'{"success":true,"eventId":"%s"}' % str(event_id).encode()

    async def _status(self, match: re.Match[str], scope: Any, _: Any) -> bytes:
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


def _headers(scope: Any) -> dict[str, str]:
    """Names in lower case; of X-Forwarded-For every line, of others the last."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        joins = key == "x-forwarded-for" and key in headers
        headers[key] = f"{headers[key]},{text}" if joins else text
    return headers


def _check_type(headers: dict[str, str]) -> None:
    if headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise refusal.content_type()


def _is_gzipped(headers: dict[str, str]) -> bool:
    encoding = headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise refusal.content_encoding()
    return encoding == "gzip"


def _address(scope: Any, headers: dict[str, str]) -> str:
    peer = scope.get("client")
    return caller_address(peer[0] if peer else "", headers.get("x-forwarded-for", ""), settings.TRUSTED_PROXIES)


async def _answer(send: Any, status: int, body: bytes, headers: dict[str, str]) -> None:
    lines = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()),
             (b"cache-control", b"no-store"), *((k.lower().encode(), v.encode()) for k, v in headers.items())]  # fmt: skip
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
        await _door.writer.stop()


async def application(scope: Any, receive: Any, send: Any) -> None:
    if _door is None:
        await startup()
    assert _door is not None
    await _door(scope, receive, send)
