"""text/plain, which browsers send without a preflight (contract T16): for JS-tag tokens, with the token in the body."""

import gzip
import json

import pytest

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.tracking.models import Event
from tests.tracking.caller import Caller, issue, message_of, track
from tests.tracking.laborious import LABORIOUS, little_memory

PLAIN = "text/plain;charset=UTF-8"


@pytest.fixture
def tag_token(brand: Brand) -> str:
    return issue(brand, TokenKind.JS_TAG)


def test_a_js_tag_token_may_send_text_plain(door: Caller, tag_token: str) -> None:
    door.taken("track", track(), tag_token, content_type=PLAIN)


@pytest.mark.parametrize("kind", [TokenKind.SERVER, TokenKind.MOBILE])
def test_other_tokens_may_not(door: Caller, brand: Brand, kind: str) -> None:
    told = door.refused("track", track(), token=issue(brand, kind), content_type=PLAIN)
    assert told == "content-type must be application/json"


def test_the_token_may_stand_in_the_body_and_is_not_stored(door: Caller, tag_token: str) -> None:
    text = b'{ "writeKey" : "%s", "userId":"u" ,"event":"e", "properties": {"writeKey": 1.50} }' % tag_token.encode()
    stored = door.stored(door.taken("track", text, "", content_type=PLAIN))
    assert stored == b'{"userId":"u","event":"e","properties": {"writeKey": 1.50}}'


def test_however_often_and_however_it_is_written(door: Caller, tag_token: str) -> None:
    text = b'{"userId":"u","writeKey":"old","event":"e","write\\u004bey":"%s"}' % tag_token.encode()
    stored = door.stored(door.taken("track", text, "", content_type=PLAIN))
    assert stored == b'{"userId":"u","event":"e"}'


def test_of_two_the_last_is_read_whatever_the_first_is(door: Caller, tag_token: str) -> None:
    text = b'{"writeKey":5,"userId":"u","event":"e","writeKey":"%s"}' % tag_token.encode()
    assert door.stored(door.taken("track", text, "", content_type=PLAIN)) == b'{"userId":"u","event":"e"}'


def test_a_batch_may_carry_it(door: Caller, tag_token: str) -> None:
    door.taken("batch", {"writeKey": tag_token, "batch": [track(), track()]}, "", content_type=PLAIN)
    assert [bytes(event.body) for event in Event.objects.calls()] == [json.dumps(track()).encode()] * 2


def test_packed_as_well(door: Caller, tag_token: str) -> None:
    body = gzip.compress(json.dumps({"writeKey": tag_token, **track()}).encode())
    door.taken("track", body, "", content_type=PLAIN, content_encoding="gzip")


def test_json_must_bring_its_token_in_the_header(door: Caller, tag_token: str) -> None:
    assert door.refused("track", {"writeKey": tag_token, **track()}, 403, token="") == "auth-token header is missing"


@pytest.mark.parametrize("kind", [TokenKind.SERVER, TokenKind.MOBILE])
def test_no_other_token_opens_the_door_from_the_body(door: Caller, brand: Brand, kind: str) -> None:
    body = {"writeKey": issue(brand, kind), **track()}
    assert door.refused("track", body, 403, token="", content_type=PLAIN).startswith("auth-token is not authorised")


def test_a_key_that_was_not_needed_is_a_field_like_any_other(door: Caller, tag_token: str) -> None:
    body = {"writeKey": "mine", **track()}
    assert json.loads(door.stored(door.taken("track", body, tag_token, content_type=PLAIN))) == body


UNREADABLE = [b"", b"{", b"[]", b"null", b'{"writeKey": null}', b'{"writeKey": 1}', b'{"writeKey": ""}',
                         b"\xff", b"[" * 100_000, b" " * 1_048_577, b"{}"]  # fmt: skip


def test_a_body_without_a_key_is_a_missing_token(door: Caller) -> None:
    for body in UNREADABLE:
        told = door.refused("track", body, 403, token="", content_type=PLAIN)
        assert told == "auth-token header is missing", body[:40]


def test_nothing_else_is_read_of_it(door: Caller) -> None:
    with little_memory():
        door.refused("track", LABORIOUS, 403, token="", content_type=PLAIN)


def test_an_encoding_that_is_not_known_is_too(door: Caller, tag_token: str) -> None:
    answer = door.post("track", track(), "", content_type=PLAIN, content_encoding="br")
    assert message_of(answer) == "auth-token header is missing"
