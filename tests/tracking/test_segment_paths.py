"""Segment's door (contract T17): its paths, what each makes of a call, and what it says beside them."""

from typing import Any

from django.test import override_settings

from tests.tracking.sdk import Sdk, calls_of

BODIES: dict[str, dict[str, Any]] = {
    "identify": {"userId": "u", "traits": {"plan": "gold"}},
    "track": {"userId": "u", "event": "identify", "properties": {}},
    "page": {"anonymousId": "a", "name": "Shoes"},
    "screen": {"anonymousId": "a", "name": "Basket"},
    "group": {"userId": "u", "groupId": "g"},
    "alias": {"userId": "u", "previousId": "a"},
}
SHORT = {"i": "identify", "t": "track", "p": "page", "s": "screen", "g": "group", "a": "alias"}


def test_the_path_says_the_method_and_event_need_not(sdk: Sdk) -> None:
    for path, action in [*((name, name) for name in BODIES), *SHORT.items()]:
        assert sdk.taken(path, BODIES[action] | {"type": action}).action == action
        assert sdk.taken(f"{path}/", BODIES[action]).action == action


def test_in_a_batch_type_says_it(sdk: Sdk) -> None:
    for path in ("batch", "b", "import", "import/"):
        batch = sdk.taken(path, {"batch": [{"type": action} | body for action, body in BODIES.items()]})
        assert [call.action for call in calls_of(batch)] == list(BODIES)


def test_identify_needs_no_traits(sdk: Sdk) -> None:
    sdk.taken("identify", {"userId": "u"})
    sdk.taken("batch", {"batch": [{"type": "identify", "userId": "u", "traits": None, "anonymousId": None}]})


def test_any_other_path_is_an_unknown_action(sdk: Sdk) -> None:
    for path in ("", "x", "tracks", "bb", "t/t", "batch//", "projects/k", "events/1"):
        assert "alias" in sdk.refused(path, {}, 404)


def test_a_wrong_method_is_told(sdk: Sdk) -> None:
    wrong = [("GET", "t", "POST"), ("OPTIONS", "t", "POST"), ("PUT", "batch", "POST")]
    for method, path, allowed in [*wrong, ("POST", "projects/k/settings", "GET")]:
        answer = sdk.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_what_the_browser_sdk_says_of_itself_is_thrown_away(sdk: Sdk) -> None:
    answer = sdk.request("POST", "m", b'{"series": []}', content_type="text/plain")
    assert (answer.status_code, answer.json()) == (200, {"success": True})


@override_settings(PUBLIC_URL="https://privacy.example.com")
def test_its_settings_point_an_sdk_at_this_portal_and_say_nothing_of_the_key(sdk: Sdk) -> None:
    for key in (sdk.key, 'un"known'):
        answer = sdk.request("GET", f"projects/{key}/settings", origin="https://any.example")
        found = answer.json()
        segment = {"apiKey": key, "apiHost": "privacy.example.com/v1", "protocol": "https"}
        assert found["integrations"] == {"Segment.io": segment}
        assert found["metrics"] == {"sampleRate": 0}
        assert answer.headers["access-control-allow-origin"] == "https://any.example"
