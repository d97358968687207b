"""Handing an export out: whole, in pieces, under both kinds of server (contract G9, A1)."""

import asyncio
import os
import tracemalloc
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.handlers.asgi import ASGIHandler
from django.http import Http404, HttpRequest, HttpResponseBase
from django.test import AsyncClient, Client
from django.urls import path

from privacy_portal.brands.models import Brand
from privacy_portal.storage import storage
from regulations.exports.download import BLOCK, response
from regulations.models import Export
from tests.factories.events import track
from tests.factories.exports import access

pytestmark = pytest.mark.django_db(transaction=True)


def download(request: HttpRequest) -> HttpResponseBase:
    return response(Export.objects.get())


urlpatterns = [path("download/", download)]


@pytest.fixture(autouse=True)
def at_a_url(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def export(brand: Brand) -> Export:
    track(brand, "u1", properties={"a": "b"})
    return access(brand).export


@pytest.fixture
def large(export: Export) -> Export:
    """One that takes many pieces."""
    content = os.urandom(BLOCK * 64 + 1)
    storage().path(export.name).write_bytes(content)
    Export.objects.update(size=len(content))
    return Export.objects.get()


def test_the_headers_say_what_it_is_and_name_nobody(export: Export, client: Client) -> None:
    answer = client.get("/download/")
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Length"] == str(export.size)
    assert answer["Content-Disposition"] == f'attachment; filename="access-{export.regulation_id}.zip"'
    assert answer["ETag"] == f'"{export.sha256}"'
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_it_is_streamed_to_a_synchronous_reader(export: Export, client: Client) -> None:
    answer = client.get("/download/")
    assert answer.streaming
    assert answer.getvalue() == storage().path(export.name).read_bytes()
    answer.close()


def test_it_is_streamed_to_an_asynchronous_reader(large: Export) -> None:
    async def read() -> bytes:
        answer = await AsyncClient().get("/download/")
        return b"".join([part async for part in answer])

    assert async_to_sync(read)() == storage().path(large.name).read_bytes()


def get_under_asgi(send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
    """One GET as a server under ASGI makes it, whose reader stays."""
    scope = {"type": "http", "method": "GET", "path": "/download/", "headers": [], "query_string": b""}
    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()
        return messages.pop()

    async_to_sync(ASGIHandler())(scope, receive, send)


def test_under_asgi_it_is_never_held_in_memory(large: Export) -> None:
    """Django reads a plain iterator to its end before it sends anything."""
    sent = 0

    async def send(message: dict[str, Any]) -> None:
        nonlocal sent
        sent += len(message.get("body", b""))

    tracemalloc.start()
    try:
        get_under_asgi(send)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent == large.size
    assert peak < large.size / 4


def test_the_file_is_closed_when_the_reader_goes_away(large: Export) -> None:
    async def read_a_little() -> HttpResponseBase:
        answer = response(large)
        parts = aiter(answer)
        assert len(await anext(parts)) == BLOCK
        await parts.aclose()
        return answer

    answer = async_to_sync(read_a_little)()
    assert answer._file.closed


def test_a_file_that_has_just_gone_is_not_found(export: Export) -> None:
    storage().delete(export.name)
    with pytest.raises(Http404):
        response(export)
