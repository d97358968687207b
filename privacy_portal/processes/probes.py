"""`/healthz`, `/readyz` and `/metrics`, beside Django: a probe names no host that Django knows, nor speaks HTTPS."""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

from privacy_portal.processes.guarded import Guarded
from privacy_portal.processes.health import Health
from privacy_portal.processes.metrics import CONTENT_TYPE, exposition
from privacy_portal.tracking.peer import address_in

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
State = Callable[[], Awaitable[str]]
PATHS = ("/healthz", "/readyz", "/metrics")
FORWARDED = {b"x-forwarded-for", b"forwarded", b"x-real-ip"}

METRICS_PATIENCE_S = 8.0

_health = Health()
_exposition = Guarded("metrics", exposition)


async def application(scope: Scope, send: Send, beside: Mapping[str, State]) -> None:
    """`beside`: asks each of the processes beside this one how it is."""
    if scope["method"] not in ("GET", "HEAD"):
        return await _answer(send, 405, b"", "text/plain", (b"allow", b"GET, HEAD"))
    if scope["method"] == "HEAD":
        send = without_body(send)
    if scope["path"] == "/healthz":
        return await _json(send, 200, {"status": "ok"})
    if scope["path"] == "/readyz":
        checks = await _checks(beside)
        ready = all(state == "ok" for state in checks.values())
        return await _json(send, 200 if ready else 503, {"status": "ok" if ready else "not ready", "checks": checks})
    if not may_read_metrics(scope):
        return await _answer(send, 403, b"metrics need a token or an allowed address\n", "text/plain")
    return await _metrics(send)


async def _checks(beside: Mapping[str, State]) -> dict[str, str]:
    """All at once, so that it takes no longer than the one that takes longest."""
    asked = asyncio.gather(*(ask() for ask in beside.values()))
    health, states = await asyncio.gather(_health.states(), asked)
    return dict(zip(beside, states, strict=True)) | health


def without_body(send: Send) -> Send:
    async def send_head(message: dict[str, Any]) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return send_head


def may_read_metrics(scope: Scope) -> bool:
    """By METRICS_TOKEN if one is set; else from METRICS_ALLOWED, which is this machine unless set otherwise.

    What came through a proxy bears the proxy's address, so it needs the token.
    """
    headers = dict(scope["headers"])
    if settings.METRICS_TOKEN:
        expected = f"Bearer {settings.METRICS_TOKEN}".encode()
        if hmac.compare_digest(headers.get(b"authorization", b""), expected):
            return True
        if settings.METRICS_ALLOWED is None:
            return False
    if FORWARDED & headers.keys() or not scope.get("client"):
        return False
    address = address_in(scope["client"][0])
    if settings.METRICS_ALLOWED is None:
        return address.is_loopback
    return any(address in network for network in settings.METRICS_ALLOWED)


async def _metrics(send: Send) -> None:
    try:
        await _answer(send, 200, await _exposition.answer(METRICS_PATIENCE_S), CONTENT_TYPE)
    except TimeoutError:
        await _answer(send, 503, b"the database does not answer\n", "text/plain")


async def _json(send: Send, status: int, body: dict[str, Any]) -> None:
    await _answer(send, status, json.dumps(body).encode(), "application/json")


async def _answer(send: Send, status: int, body: bytes, content_type: str, *more: tuple[bytes, bytes]) -> None:
    headers = [(b"content-type", content_type.encode()), (b"cache-control", b"no-store"), *more]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
