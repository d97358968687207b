"""`/tag/1/tag.js` as a browser or a cache in between asks for it."""

import gzip

import pytest
from django.test import Client

from tests.docs.code import ROOT

ADDRESS = "/tag/1/tag.js"
SOURCE = (ROOT / "privacy_portal/tracking/tag.js").read_bytes()


def test_what_is_served_is_the_file_in_the_repository(client: Client) -> None:
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.content) == (200, SOURCE)
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies


def test_it_is_packed_for_whoever_can_unpack_it(client: Client) -> None:
    answer = client.get(ADDRESS, headers={"Accept-Encoding": "gzip, br"})
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == SOURCE
    assert len(answer.content) < 5_000


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_any_page_may_load_it_and_keep_it_for_a_day(client: Client, encoding: str) -> None:
    first = client.get(ADDRESS, headers={"Accept-Encoding": encoding})
    again = client.get(ADDRESS, headers={"Accept-Encoding": encoding, "If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    for answer in (first, again):
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer["Cache-Control"] == "public, max-age=86400"
        assert answer["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_can_only_be_read(method: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.head(ADDRESS).content == b""
    refused = getattr(strict, method)(ADDRESS)
    assert (refused.status_code, refused["Allow"]) == (405, "GET, HEAD")
