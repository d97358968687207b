"""What the web process keeps of requests that led nowhere: nothing that grows with what anyone sends."""

import asyncio
import gc
import json
from typing import Any

import pytest
from django.db import OperationalError

from privacy_portal.tracking import access, door
from privacy_portal.tracking.body import Body
from privacy_portal.tracking.door import Door
from tests.factories.brands import make_brand
from tests.tracking.in_thread import InThread

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


async def ask(door: Door, path: str, method: str, body: bytes = b"", **headers: str) -> int:
    """The status of the answer."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": lines, "client": ("192.0.2.1", 1)}
    await door(scope, receive, send)
    return int(sent[0]["status"])


@pytest.mark.parametrize("name", ["é" * 60_000, "x" * 60_000])
def test_of_an_address_of_any_length(name: str) -> None:
    async def many() -> int:
        opened = Door(InThread())
        await opened.open()
        for number in range(20):
            path = f"/track/{name}{number}/acme/ACME/v1/track"
            assert await ask(opened, path, "OPTIONS", origin="https://shop.example") == 403
            assert await ask(opened, path, "POST", origin="https://shop.example", auth_token="unknown") == 403
        kept = sum(len(str(key)) for key in opened.access._held)
        await opened.close()
        return kept

    before = door._known.cache_info().currsize
    assert asyncio.run(many()) < 1_000
    assert door._known.cache_info().currsize == before


def test_of_a_body_whose_key_could_not_be_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    make_brand()

    def away(_: bytes) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(access, "_token", away)

    async def many() -> int:
        opened = Door(InThread())
        await opened.open()
        for number in range(10):
            body = json.dumps({"writeKey": f"key {number}"}).encode()
            assert await ask(opened, "/track/acme/acme/ACME/v1/track", "POST", body, content_type="text/plain") == 503
        kept = bodies()
        await opened.close()
        return kept

    before = bodies()
    assert asyncio.run(many()) <= before


def bodies() -> int:
    gc.collect()
    return sum(type(thing) is Body for thing in gc.get_objects())  # isinstance would ask what is a weak reference
