"""The door for Segment's SDKs, beside the tracking API's: the same tokens, buckets, writer and gate (contract T17).

Checks run in the order of T3. A key that stands in the body can be looked for only once that is there and an object, so
then what is wrong with it so far is told before it; the rest of it is read when it is known who sends.
"""

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from privacy_portal.brands.models import TokenKind
from privacy_portal.tracking import door, refusal
from privacy_portal.tracking.access import FRESH, TokenView
from privacy_portal.tracking.body import Body
from privacy_portal.tracking.cors import PREFLIGHT, check_origin
from privacy_portal.tracking.exchange import (
    JSON,
    PLAIN,
    address_of,
    headers_of,
    is_gzipped,
    media_type,
    refusal_of,
    send_answer,
    told,
)
from privacy_portal.tracking.homecoming import was_forwarded_here
from privacy_portal.tracking.metrics import answers
from privacy_portal.tracking.segment import key, paths
from privacy_portal.tracking.segment.reading import request_from
from privacy_portal.tracking.segment.sdk_settings import sdk_settings
from privacy_portal.tracking.write_key import key_of

ACCEPTED = b'{"success":true}'
Headers = dict[str, str]


@dataclass(slots=True)
class Asked:
    """One request. `token`: whose it is, as soon as that is known."""

    scope: Any
    body: Body
    headers: Headers
    token: TokenView | None = None


class SegmentDoor:
    def __init__(self, house: door.Door) -> None:
        self._house = house

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        action = paths.action_of(scope["path"])
        asked = Asked(scope, Body(receive, self._house.patience), headers_of(scope))
        status, code, headers = 200, "ok", door.NO_HEADERS
        try:
            if scope["method"] == "OPTIONS" and "origin" in asked.headers and action:
                status, answer, headers = 204, b"", PREFLIGHT
            else:
                answer = await self._answer(action, asked)
        except Exception as error:
            refused = refusal_of(error, str(action))
            status, code, headers, answer = refused.status, refused.code, refused.headers, told(refused)
            await asked.body.drain()
            del refused  # it leads to this frame, and so to the connection, which ends when nobody holds its body
        answers(action or "none", status, code).inc()
        await send_answer(send, status, answer, {**headers, **_readable(asked)})

    async def _answer(self, action: str | None, asked: Asked) -> bytes:
        if action is None:
            raise refusal.unknown_sdk_action()
        wanted = "GET" if action == paths.SETTINGS else "POST"
        if asked.scope["method"] != wanted:
            raise refusal.method(wanted)
        if action == paths.SETTINGS:
            return sdk_settings(paths.key_in(asked.scope["path"]))
        if action == paths.METRICS:
            await asked.body.drain()
            return ACCEPTED
        return await self._take(action, asked)

    async def _take(self, action: str, asked: Asked) -> bytes:
        if was_forwarded_here(asked.headers.get("via")):
            raise refusal.forwarded_to_itself()
        secret = key.shown_in(asked.headers) or key_of(await _text(asked))
        asked.token, brand = await self._house.access.of_key(secret)
        check_origin(asked.headers.get("origin"), asked.token, brand)
        if wait := await self._house.buckets.take(asked.token.pk, asked.token.rate, asked.token.burst):
            raise refusal.rate_limited(wait)
        _check_type(asked.headers, asked.token)
        text = await _text(asked)
        if asked.body.age > FRESH:  # sent slowly: the token may have been revoked meanwhile
            asked.token, brand = await self._house.access.of_key(secret)
        request = request_from(text, action, asked.token, brand, lambda: address_of(asked.scope, asked.headers))
        return await self._house.store(request)


async def _text(asked: Asked) -> bytes:
    return await asked.body.read(settings.TRACKING_MAX_BODY_BYTES, is_gzipped(asked.headers))


def _check_type(headers: Headers, token: TokenView) -> None:
    """text/plain is how a browser avoids a preflight, and what Segment's SDK for Android says of its JSON."""
    kind = media_type(headers)
    if kind != JSON and not (kind == PLAIN and token.public):
        raise refusal.content_type()


def _readable(asked: Asked) -> Headers:
    """What lets a page's script read the answer (contract T16). A preflight names no token, and a refusal that its SDK
    cannot read would be tried again; so only an answer to another token than a web page's is kept from it."""
    origin = asked.headers.get("origin")
    if origin is None:
        return door.NO_HEADERS
    if asked.token is not None and asked.token.kind != TokenKind.JS_TAG:
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After",
    }


def application(scope: Any, receive: Any, send: Any) -> Coroutine[Any, Any, None]:
    return SegmentDoor(door.opened())(scope, receive, send)
