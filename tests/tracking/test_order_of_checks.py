"""The checks come in one order (contract T3): of two things wrong the earlier one is told."""

import pytest

from privacy_portal.brands.models import Brand
from tests.tracking.caller import Caller, issue, message_of

TOO_BIG = b" " * (1024 * 1024 + 1)


def test_an_unknown_action_is_told_before_a_wrong_method(door: Caller) -> None:
    answer = door.request("PUT", door.path("alias"), token="")
    assert (answer.status_code, message_of(answer).split()[0]) == (404, "action")


@pytest.mark.parametrize(
    "path", ["/track/a/b/C/v1/", "/track/a/b/C/v2/track", "/track/a/b/v1/track", "/track/", "/track/a/b/C/v1/track/"]
)
def test_any_other_path_is_an_unknown_action(door: Caller, path: str) -> None:
    assert door.request("POST", path).status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD"])
def test_a_wrong_method_is_told_before_a_missing_token(door: Caller, method: str) -> None:
    answer = door.request(method, door.path("track"), token="")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_a_missing_token_is_told_before_a_wrong_content_type(door: Caller) -> None:
    answer = door.request("POST", door.path("track"), b"{", token="", content_type="text/html")
    assert (answer.status_code, message_of(answer)) == (403, "auth-token header is missing")


def test_an_empty_bucket_is_told_before_a_wrong_content_type(door: Caller, brand: Brand) -> None:
    token = issue(brand, rate=1, burst=1)
    door.taken("track", {"userId": "u", "event": "e"}, token)
    assert door.post("track", b"", token, content_type="text/html").status_code == 429


def test_a_wrong_content_type_is_told_before_a_wrong_encoding(door: Caller) -> None:
    answer = door.post("track", b"", content_type="text/html", content_encoding="br")
    assert (answer.status_code, message_of(answer)) == (400, "content-type must be application/json")


def test_a_wrong_encoding_is_told_before_a_body_too_large(door: Caller) -> None:
    assert door.post("track", TOO_BIG, content_encoding="br").status_code == 415


def test_a_body_too_large_is_told_before_what_is_wrong_in_it(door: Caller) -> None:
    assert door.post("track", TOO_BIG).status_code == 413


def test_a_call_too_large_is_told_before_wrong_fields_of_earlier_calls(door: Caller) -> None:
    batch = b'{"batch": [{}, {"pad": "%s"}]}' % (b"x" * 40_000)
    assert door.refused("batch", batch, 413).startswith("batch[1] must be at most 32768 bytes")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"userId": 1, "anonymousId": 1, "event": 1, "traits": 1}, "userId"),
        ({"userId": "u", "anonymousId": 1, "event": 1, "traits": 1}, "anonymousId"),
        ({"event": 1, "traits": 1}, "userId"),
        ({"userId": "u", "event": 1, "traits": 1, "properties": 1}, "event"),
        ({"userId": "u", "event": "e", "traits": 1, "properties": 1, "context": 1}, "traits"),
        ({"userId": "u", "event": "e", "properties": 1, "context": 1, "timestamp": 1}, "properties"),
        ({"userId": "u", "event": "e", "context": 1, "timestamp": 1}, "context"),
        ({"userId": "u", "event": "e", "timestamp": 1, "messageId": 1}, "timestamp"),
        ({"userId": "u", "event": "e", "messageId": 1}, "messageId"),
    ],
)
def test_fields_are_checked_in_order(door: Caller, body: dict[str, object], field: str) -> None:
    assert door.refused("track", body).split()[0] == field


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("screen", {"userId": "u", "name": 9, "traits": 4}, "name"),
        ("group", {"userId": "u", "groupId": 9, "traits": 4}, "groupId"),
        ("batch", {"batch": [{"type": "screen", "userId": "u", "name": 9, "properties": 4}]}, "batch[0].name"),
    ],
)
def test_what_one_action_has_of_its_own_comes_before_what_all_have(
    door: Caller, action: str, body: dict[str, object], field: str
) -> None:
    assert door.refused(action, body).split()[0] == field
