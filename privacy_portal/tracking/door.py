"""The tracking API's door: a small ASGI application beside Django (contract §2). Checks run in the order of T3."""

import re
from collections.abc import Coroutine
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings

from privacy_portal.brands.models import TokenKind
from privacy_portal.subjects import keys
from privacy_portal.tracking import refusal
from privacy_portal.tracking.access import FRESH, Access, Reader, TokenView
from privacy_portal.tracking.body import WHOLE_WITHIN_S, Body
from privacy_portal.tracking.buckets import Buckets, open_buckets
from privacy_portal.tracking.cors import Cors, check_origin
from privacy_portal.tracking.exchange import (
    JSON,
    PLAIN,
    address_of,
    encode,
    encoding,
    headers_of,
    is_gzipped,
    media_type,
    refusal_of,
    send_answer,
    told,
)
from privacy_portal.tracking.homecoming import was_forwarded_here
from privacy_portal.tracking.metrics import answers, calls
from privacy_portal.tracking.patience import Patience
from privacy_portal.tracking.reading import request_from
from privacy_portal.tracking.status import status_of
from privacy_portal.tracking.store.row import Request
from privacy_portal.tracking.write_key import key_in, without_key
from privacy_portal.tracking.writer import Writer
from privacy_portal.tracking.writer_process import Store, WriterProcess

_PATH = re.compile(r"/track/([^/]+)/([^/]+)/([^/]+)/v1/(identify|track|page|screen|group|batch|events/([^/]+))")
LONGEST = 300  # characters of a path that leads anywhere
_known = lru_cache(1024)(_PATH.fullmatch)  # a portal has few paths, and each is asked for again and again
Lines = dict[str, str]
NO_HEADERS: Lines = {}


class Door:
    """One per web process; made when the process starts. Segment's door shares what it holds."""

    def __init__(self, store: Store | None = None) -> None:
        self.reader = Reader()
        self.access = Access(self.reader)
        self._cors = Cors(self.access)
        self.buckets: Buckets = open_buckets()
        self.patience = Patience(WHOLE_WITHIN_S)
        self.writer = Writer(store or WriterProcess())

    async def open(self) -> None:
        # The first keyed hash checks the key against the database, which no event loop may do.
        await self.reader.ask(keys.user_key, "", "")
        await self.writer.start()

    async def close(self) -> None:
        """Write what was taken, then give the connections back."""
        await self.writer.stop()
        self.reader.close()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        match = _matched(scope["path"])
        action = "none" if match is None else "events" if match[5] else match[4]
        lines = headers_of(scope)
        origin = lines.get("origin")
        body = Body(receive, self.patience)
        status, code, headers = 200, "ok", NO_HEADERS
        try:
            if match is None:
                raise refusal.unknown_action()
            if origin is not None and scope["method"] == "OPTIONS" and not match[5]:
                status, answer, headers = 204, b"", await self._cors.preflight(origin, _brand_path(match))
            else:
                answer = await (self._status if match[5] else self._take)(match, scope, lines, body)
        except Exception as error:
            refused = refusal_of(error, action)
            status, code, headers, answer = refused.status, refused.code, refused.headers, told(refused)
            await body.drain()
            del refused  # it leads to this frame, and so to the connection, which ends when nobody holds its body
        if origin is not None and match is not None:
            headers = headers | await self._cors.headers(origin, _brand_path(match), lines.get("auth-token"))
        answers(action, status, code).inc()
        await send_answer(send, status, answer, headers)

    async def _take(self, match: re.Match[str], scope: Any, headers: Lines, body: Body) -> bytes:
        if scope["method"] != "POST":
            raise refusal.method("POST")
        secret = headers.get("auth-token")
        is_keyed = not secret and media_type(headers) == PLAIN
        if is_keyed:
            secret = await key_in(body, settings.TRACKING_MAX_BODY_BYTES, encoding(headers) == "gzip")
        if was_forwarded_here(headers.get("via")):
            raise refusal.forwarded_to_itself()
        token, brand = await self.access.check(secret, match[1], match[2], match[3])
        if is_keyed and token.kind != TokenKind.JS_TAG:
            raise refusal.not_authorised()
        check_origin(headers.get("origin"), token, brand)
        if wait := await self.buckets.take(token.pk, token.rate, token.burst):
            raise refusal.rate_limited(wait)
        _check_type(headers, token)
        text = await body.read(settings.TRACKING_MAX_BODY_BYTES, is_gzipped(headers))
        if body.age > FRESH:  # sent slowly: the token may have been revoked meanwhile
            token, brand = await self.access.check(secret, match[1], match[2], match[3])
        if is_keyed and match[4] != "batch":
            text = without_key(text)
        request = request_from(text, match[4], token, brand, lambda: address_of(scope, headers))
        return await self.store(request)

    async def store(self, request: Request) -> bytes:
        """The answer, once the request is durable."""
        event_id = await self.writer.store(request)
        for row in request.rows:
            calls(row.action).inc()
        return b'{"success":true,"eventId":"%s"}' % event_id.encode()

    async def _status(self, match: re.Match[str], scope: Any, headers: Lines, _: Body) -> bytes:
        if scope["method"] != "GET":
            raise refusal.method("GET")
        token, brand = await self.access.check(headers.get("auth-token"), match[1], match[2], match[3])
        if token.public:
            raise refusal.not_authorised()
        try:
            event_id = UUID(match[5])
        except ValueError:
            raise refusal.unknown_event() from None
        found = await self.reader.ask(status_of, event_id, [brand.pk])
        if found is None:
            raise refusal.unknown_event()
        return encode(found)


def _matched(path: str) -> re.Match[str] | None:
    """Nothing is remembered of what may be as long as its sender likes."""
    return _known(path) if len(path) <= LONGEST else _PATH.fullmatch(path)


def _brand_path(match: re.Match[str]) -> tuple[str, str, str]:
    return match[1], match[2], match[3]


def _check_type(headers: dict[str, str], token: TokenView) -> None:
    kind = media_type(headers)
    if kind != JSON and not (kind == PLAIN and token.kind == TokenKind.JS_TAG):
        raise refusal.content_type()


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


def forget() -> None:
    """Another database stands in place of the one that the writer knows."""
    if _door is not None:
        _door.writer.renew()


def opened() -> Door:
    """This process's door, which was opened when it started."""
    assert _door is not None
    return _door


def application(scope: Any, receive: Any, send: Any) -> Coroutine[Any, Any, None]:
    return opened()(scope, receive, send)
