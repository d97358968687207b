"""Handing an export out: whole, in pieces (contract G9, A1)."""

import os
import tracemalloc
from typing import Any

import pytest
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.test import Client, RequestFactory
from django.urls import path

from privacy_portal.brands.models import Brand
from privacy_portal.storage import storage
from regulations.exports.download import BLOCK, Gone, answer, response
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


def test_it_is_handed_out_whole(export: Export, client: Client) -> None:
    answer = client.get("/download/")
    assert answer.streaming
    assert answer.getvalue() == storage().path(export.name).read_bytes()
    answer.close()


def test_it_is_never_held_in_memory(large: Export) -> None:
    tracemalloc.start()
    try:
        sent = sum(len(part) for part in response(large))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent == large.size
    assert peak < large.size / 4


def test_a_part_is_never_held_in_memory_and_closes_the_file(large: Export) -> None:
    request = RequestFactory().get("/", headers={"Range": "bytes=1-"})
    tracemalloc.start()
    try:
        part = answer(large, request)
        sent = sum(len(block) for block in part)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent == large.size - 1
    assert peak < large.size / 4
    assert isinstance(part, FileResponse)
    part.close()
    assert part.file_to_stream.closed


def test_the_file_is_closed_with_an_answer_that_is_read_in_part(large: Export) -> None:
    answer = response(large)
    assert len(next(iter(answer))) == BLOCK
    answer.close()
    assert answer.file_to_stream.closed


def test_a_file_that_has_just_gone_is_said_to_be(export: Export) -> None:
    storage().delete(export.name)
    with pytest.raises(Gone):
        response(export)
