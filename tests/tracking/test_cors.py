"""CORS (contract T16): which web pages may speak to the door, by the brand's `allowed_origins`."""

from collections.abc import Callable
from itertools import product

import httpx
import pytest

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.tracking.call import ACTIONS
from tests.factories.brands import make_brand
from tests.tracking.caller import Caller, issue, message_of, track
from tests.waiting import until

SHOP = "https://shop.example"
STRANGER = "https://stranger.example"


@pytest.fixture
def brand(transactional_db: None) -> Brand:
    return make_brand(allowed_origins=[SHOP, "http://localhost:3000"])


@pytest.fixture
def tag_token(brand: Brand) -> str:
    return issue(brand, TokenKind.JS_TAG)


def preflight(door: Caller, path: str, origin: str = SHOP) -> httpx.Response:
    asked = {"access_control_request_method": "POST", "access_control_request_headers": "auth-token,content-type"}
    return door.request("OPTIONS", path, token="", content_type="", origin=origin, **asked)


def allowed(answer: httpx.Response) -> str | None:
    return answer.headers.get("access-control-allow-origin")


def test_a_preflight_from_a_listed_origin_may_post(door: Caller) -> None:
    for origin, action in product([SHOP, "http://localhost:3000"], [*ACTIONS, "batch"]):
        answer = preflight(door, door.path(action), origin)
        assert (answer.status_code, answer.content, allowed(answer)) == (204, b"", origin)
        assert answer.headers["access-control-allow-methods"] == "POST"
        assert {"auth-token", "content-type"} <= set(answer.headers["access-control-allow-headers"].split(", "))
        assert int(answer.headers["access-control-max-age"]) > 0
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers


def test_a_preflight_from_any_other_origin_is_refused(door: Caller) -> None:
    others = [
        STRANGER,
        "null",
        "*",
        SHOP + "/",
        "http://shop.example",
        SHOP + ":443",
        "https://SHOP.example",
        SHOP + ".",
    ]
    for origin in others:
        answer = preflight(door, door.path("track"), origin)
        assert (answer.status_code, answer.json()["code"]) == (403, "origin_not_allowed"), origin
        assert message_of(answer) == "origin must be one of the brand's allowed_origins"
        assert allowed(answer) is None
        assert answer.headers["vary"] == "Origin"


def test_a_preflight_tells_nobody_which_brands_there_are(door: Caller) -> None:
    foreign, unknown = (preflight(door, f"/track/{path}/v1/track") for path in (make_brand().path, "no/such/BRAND"))
    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())
    assert foreign.headers == unknown.headers


def test_a_preflight_takes_nothing_from_the_bucket(door: Caller, brand: Brand) -> None:
    token = issue(brand, TokenKind.JS_TAG, rate=1, burst=1)
    for _ in range(5):
        assert preflight(door, door.path("track")).status_code == 204
    assert door.post("track", track(), token, origin=SHOP).status_code == 200
    assert door.post("track", track(), token, origin=SHOP).status_code == 429


def test_an_unknown_action_is_told_before_a_preflight_is_answered(door: Caller) -> None:
    assert preflight(door, door.path("alias")).status_code == 404


def test_options_without_an_origin_is_no_preflight(door: Caller) -> None:
    answer = door.request("OPTIONS", door.path("track"), token="", content_type="")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_the_status_of_an_event_is_not_for_pages(door: Caller) -> None:
    answer = preflight(door, door.path("events/x"))
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_a_page_reads_the_answer_to_a_js_tag_token(door: Caller, tag_token: str) -> None:
    answer = door.post("track", track(), tag_token, origin=SHOP)
    assert (answer.status_code, allowed(answer), answer.headers["vary"]) == (200, SHOP, "Origin")
    assert answer.headers["access-control-expose-headers"] == "Retry-After"


Refused = Callable[[Caller, str], httpx.Response]
REFUSALS: dict[str, tuple[int, Refused]] = {
    "no token": (403, lambda door, _: door.post("track", track(), "", origin=SHOP)),
    "an unknown token": (403, lambda door, _: door.post("track", track(), "pp_js_tag_unknown", origin=SHOP)),
    "a wrong method": (405, lambda door, token: door.request("PUT", door.path("track"), b"", token, origin=SHOP)),
    "a wrong content type": (400, lambda door, token: door.post("track", b"", token, content_type="a/b", origin=SHOP)),
    "a wrong encoding": (415, lambda door, token: door.post("track", b"", token, content_encoding="br", origin=SHOP)),
    "too large": (413, lambda door, token: door.post("track", b" " * 1_048_577, token, origin=SHOP)),
    "a wrong field": (400, lambda door, token: door.post("track", {}, token, origin=SHOP)),
}


def test_a_page_reads_why_it_was_refused(door: Caller, tag_token: str) -> None:
    for wrong, (status, refused) in REFUSALS.items():
        answer = refused(door, tag_token)
        assert (answer.status_code, allowed(answer)) == (status, SHOP), wrong


@pytest.mark.parametrize("kind", [TokenKind.SERVER, TokenKind.MOBILE])
def test_other_tokens_get_no_cors(door: Caller, brand: Brand, kind: str) -> None:
    answer = door.post("track", track(), issue(brand, kind), origin=SHOP)
    assert (answer.status_code, allowed(answer), answer.headers["vary"]) == (200, None, "Origin")


@pytest.mark.parametrize("media_type", ["application/json", "text/plain"])
def test_a_js_tag_token_in_a_page_that_is_not_listed_stores_nothing(
    door: Caller, tag_token: str, media_type: str
) -> None:
    refused = door.refused("track", track(), 403, token=tag_token, origin=STRANGER, content_type=media_type)
    assert refused == "origin must be one of the brand's allowed_origins"


def test_a_caller_that_is_no_browser_gets_no_cors_and_needs_none(door: Caller, tag_token: str) -> None:
    answer = door.post("track", track(), tag_token)
    assert answer.status_code == 200
    assert not {name for name in answer.headers if name.startswith("access-control") or name == "vary"}


def test_the_list_is_in_force_within_a_second(door: Caller, brand: Brand, tag_token: str) -> None:
    assert preflight(door, door.path("track"), STRANGER).status_code == 403
    brand.configure({"allowed_origins": STRANGER}, COMMAND)
    until(lambda: preflight(door, door.path("track"), STRANGER).status_code == 204, 1)
    assert door.post("track", track(), tag_token, origin=STRANGER).status_code == 200
    assert door.post("track", track(), tag_token, origin=SHOP).status_code == 403


def test_without_a_list_no_page_may_post(door: Caller, brand: Brand) -> None:
    brand.configure({"allowed_origins": ""}, COMMAND)
    assert preflight(door, door.path("track")).status_code == 403
