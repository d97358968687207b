"""Content type and encoding of what is sent (contract T4)."""

import gzip

import pytest

from tests.tracking.caller import Caller, message_of, track

TYPES = ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json;charset=x;a=b"]


@pytest.mark.parametrize("content_type", TYPES)
def test_json_is_taken_whatever_its_parameters_and_case(door: Caller, content_type: str) -> None:
    door.taken("track", track(), content_type=content_type)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/jsonp", "application/x-www-form-urlencoded"])
def test_any_other_type_is_refused(door: Caller, content_type: str) -> None:
    assert door.refused("track", track(), content_type=content_type) == "content-type must be application/json"


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", " gzip "])
def test_gzip_is_unpacked_and_the_text_in_it_stored(door: Caller, encoding: str) -> None:
    text = b'{"userId": "u1",\n "event": "Packed"}'
    assert door.stored(door.taken("track", gzip.compress(text), content_encoding=encoding)) == text


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "x-unheard-of"])
def test_other_encodings_are_refused(door: Caller, encoding: str) -> None:
    assert door.refused("track", track(), 415, content_encoding=encoding) == "content-encoding must be gzip or absent"


def test_gzip_of_several_members_is_one_text(door: Caller) -> None:
    text = b'{"userId": "u1", "event": "In Pieces"}'
    packed = b"".join(gzip.compress(text[at : at + 7]) for at in range(0, len(text), 7))
    assert door.stored(door.taken("track", packed, content_encoding="gzip")) == text


PACKED = gzip.compress(b'{"userId": "u1", "event": "e"}', mtime=0)  # the same bytes name the test in every worker


@pytest.mark.parametrize("packed", [PACKED[:-1], PACKED[:9], PACKED + b"rest", b"{}", PACKED[:-8] + b"12345678"])
def test_what_is_no_whole_gzip_is_refused(door: Caller, packed: bytes) -> None:
    assert door.refused("track", packed, content_encoding="gzip") == "body must be valid gzip"


def test_a_gzip_of_very_many_members_is_refused(door: Caller) -> None:
    assert "members" in door.refused("track", gzip.compress(b"") * 50_000, content_encoding="gzip")


def test_an_empty_body_is_no_json(door: Caller) -> None:
    for headers in ({}, {"content_encoding": "gzip"}):
        assert door.refused("track", b"", **headers) == "body must be valid JSON"


def test_the_refusal_of_a_packed_body_has_the_usual_shape(door: Caller) -> None:
    message_of(door.post("track", b"\x1f\x8b", content_encoding="gzip"))
