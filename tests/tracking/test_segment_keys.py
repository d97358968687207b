"""The write key (contract T17) is an auth-token: where it may stand, what it opens, and that it is never stored."""

import gzip
import json

import pytest

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import AuthToken, Brand, TokenKind
from privacy_portal.tracking.models import Event
from tests.tracking.caller import Caller, issue, message_of, track
from tests.tracking.laborious import LABORIOUS, TOO_DEEP, little_memory
from tests.tracking.sdk import Sdk, basic, calls_of
from tests.waiting import until


def test_it_names_its_brand_by_itself(sdk: Sdk, brand: Brand) -> None:
    assert sdk.taken("track", track()).brand == brand


def test_it_may_stand_in_either_header_or_in_the_body(sdk: Sdk) -> None:
    sdk.taken("track", track(), authorization=basic(sdk.key))
    sdk.taken("track", track(), "", authorization=basic(sdk.key).replace("Basic", "bAsIc"))
    sdk.taken("track", track(), "", auth_token=sdk.key)
    sdk.taken("track", track(writeKey=sdk.key), "")
    sdk.taken("batch", {"batch": [track()], "writeKey": sdk.key}, "", authorization="Bearer of-something-else")


def test_a_key_in_a_header_wins_over_one_in_the_body(sdk: Sdk) -> None:
    sdk.taken("track", track(writeKey="other"))
    sdk.taken("track", track(), "other", auth_token=sdk.key)
    assert sdk.refused("track", track(writeKey=sdk.key), 403, "other") == "writeKey is not authorised"


def test_without_one_it_says_where_it_belongs(sdk: Sdk) -> None:
    message = "writeKey must be the user name of Basic authentication, or in the body"
    for shown in ("", "Basic", "Basic !!!", "Basic Og==", "Basic /w==", "Bearer x"):
        assert sdk.refused("track", track(), 403, "", authorization=shown) == message
    for key in (None, 5, ""):
        assert sdk.refused("track", track(writeKey=key), 403, "") == message


@pytest.mark.parametrize("shown", ["Basic é", "Basic a", "Basic /w==", "Basic", "Bearer é", ""])
def test_a_header_that_shows_none_is_as_if_it_were_not_there(sdk: Sdk, shown: str) -> None:
    lines = [("content-type", "application/json"), ("authorization", shown)]
    raw = [(name.encode(), value.encode("latin-1")) for name, value in lines]
    answer = sdk.door.run(sdk.client.post("/v1/track", json=track(), headers=raw))
    assert (answer.status_code, answer.json()["code"]) == (403, "token_missing")


def test_nothing_is_read_of_a_body_but_its_key_until_it_is_known_who_sends(sdk: Sdk) -> None:
    """Anybody may send one that takes long to read."""
    with little_memory():
        sdk.refused("track", LABORIOUS, 403, "")
        sdk.refused("track", LABORIOUS.replace(b"{", b'{"writeKey":"unknown",', 1), 403, "")
    with_key = b'{"writeKey":"%s","userId":"u","event":"e","properties":%s}' % (sdk.key.encode(), TOO_DEEP)
    assert sdk.refused("track", with_key, 400, "") == "body must not be nested deeper than 100"
    assert "writeKey" in sdk.refused("track", TOO_DEEP, 403, "")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"a":NaN}', b"[" * 5000, b'{"a":"\xff"}', b'{"writeKey":"\xff"}']
)
def test_what_is_no_object_is_told_before_it(sdk: Sdk, body: bytes) -> None:
    assert sdk.refused("track", body, 400, "").startswith("body must ")


def test_of_two_keys_the_last_is_read_however_it_is_written(sdk: Sdk) -> None:
    call = b'{"writeKey":{"a":1},"userId":"u","event":"e","write\\u004bey":"%s"}' % sdk.key.encode()
    assert bytes(sdk.taken("t", call, "").body or b"") == b'{"userId":"u","event":"e"}'


def test_a_key_of_a_whole_account_is_told_that_it_needs_a_brand(sdk: Sdk, brand: Brand) -> None:
    key = AuthToken.objects.issue(TokenKind.SERVER, brand.client, brand.account, actor=COMMAND)[1]
    answer = sdk.post("track", track(), key)
    assert (answer.status_code, answer.json()["code"]) == (403, "brand_needed")
    assert message_of(answer) == "writeKey must be an auth-token made for one brand, not for a whole account"


def test_a_revoked_one_is_shut_within_a_second(sdk: Sdk, brand: Brand) -> None:
    sdk.taken("track", track())
    AuthToken.objects.get(brand=brand).revoke(COMMAND)
    until(lambda: sdk.post("track", track()).status_code == 403, 1)


def test_it_is_cut_out_of_what_is_stored_and_nothing_else_is_touched(sdk: Sdk) -> None:
    key = json.dumps(sdk.key).encode()
    call = b'{"userId":"u","event":"e","properties":{"n":1.0,"writeKey":"mine"},"n":1E5}'
    assert bytes(sdk.taken("t", call[:-1] + b',"writeKey":' + key + b"}", "").body or b"") == call
    batch = b'{"batch":[%s, %s],"writeKey":%s}' % (call, call[:-1] + b',"\\u0077riteKey":' + key + b"}", key)
    assert [bytes(one.body or b"") for one in calls_of(sdk.taken("b", batch, ""))] == [call, call]
    assert not [event for event in Event.objects.all() if sdk.key.encode() in bytes(event.body or b"")]


def test_it_has_the_same_bucket_at_both_doors(sdk: Sdk, door: Caller, brand: Brand) -> None:
    key = issue(brand, rate=1, burst=2)
    sdk.taken("track", track(), key)
    door.taken("track", track(), key)
    answer = sdk.post("track", track(), key)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


def test_a_public_one_may_come_with_text_plain(sdk: Sdk, brand: Brand) -> None:
    for kind in (TokenKind.JS_TAG, TokenKind.MOBILE):
        key = issue(brand, kind)
        sdk.taken("t", track(writeKey=key), "", content_type="text/plain; charset=utf-8")
        sdk.taken("b", {"batch": [track()]}, key, content_type="text/plain")


def test_an_app_s_batch_is_taken_as_its_sdk_packs_it(sdk: Sdk, brand: Brand) -> None:
    batch = {
        "batch": [track(type="track")],
        "sentAt": "2026-03-05T12:00:00Z",
        "writeKey": issue(brand, TokenKind.MOBILE),
    }
    packed = gzip.compress(json.dumps(batch).encode())
    assert len(calls_of(sdk.taken("b", packed, "", content_type="text/plain", content_encoding="gzip"))) == 1


def test_a_server_s_may_not(sdk: Sdk) -> None:
    assert sdk.refused("t", track(), content_type="text/plain") == "content-type must be application/json"
    assert sdk.refused("t", track(), content_type="") == "content-type must be application/json"
