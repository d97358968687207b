"""Segment's door for the browser's SDK (contract T16, T17): its preflight names no brand, each POST is checked."""

import pytest

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand, TokenKind
from tests.tracking.caller import issue, message_of, track
from tests.tracking.sdk import Sdk

SHOP = "https://shop.example"


@pytest.fixture
def key(brand: Brand) -> str:
    brand.configure({"allowed_origins": [SHOP]}, COMMAND)
    return issue(brand, TokenKind.JS_TAG)


def test_a_preflight_says_what_may_be_asked(sdk: Sdk) -> None:
    answer = sdk.request("OPTIONS", "t", origin=SHOP, access_control_request_method="POST")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert {"authorization", "content-type", "x-retry-count"} <= set(
        answer.headers["access-control-allow-headers"].split(", ")
    )


def test_a_listed_page_may_send_and_read_the_answer(sdk: Sdk, key: str) -> None:
    answer = sdk.post("t", track(), key, origin=SHOP, content_type="text/plain")
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert answer.headers["vary"] == "Origin"


def test_another_page_is_refused_and_may_read_why(sdk: Sdk, key: str) -> None:
    answer = sdk.post("t", track(), key, origin="https://evil.example", content_type="text/plain")
    assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed")
    assert answer.headers["access-control-allow-origin"] == "https://evil.example"


def test_a_refusal_can_be_read_so_that_the_sdk_does_not_try_again(sdk: Sdk, brand: Brand, key: str) -> None:
    slow = issue(brand, TokenKind.JS_TAG, rate=1, burst=1)
    sdk.post("t", track(), slow, origin=SHOP)
    for answer in (sdk.post("t", track(), "unknown", origin=SHOP), sdk.post("t", track(), slow, origin=SHOP)):
        assert message_of(answer)
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert answer.headers["access-control-expose-headers"] == "Retry-After"


def test_a_server_s_key_in_a_page_is_not_helped_along(sdk: Sdk, key: str) -> None:
    for body in (track(), {}):
        assert "access-control-allow-origin" not in sdk.post("t", body, origin=SHOP).headers
