"""The fields of a call (contract T5)."""

import pytest

from privacy_portal.subjects.keys import user_key
from privacy_portal.tracking.models import Event
from tests.tracking.caller import Caller, track

NO_IDENTITY = "userId must not be empty"


@pytest.mark.parametrize(
    "identity",
    [{}, {"userId": None}, {"userId": ""}, {"userId": " \t\u2003"}, {"userId": None, "anonymousId": None},
     {"userId": "", "anonymousId": ""}, {"userId": " " * 300}],
)  # fmt: skip
def test_a_call_without_identity_says_exactly_this(door: Caller, identity: dict[str, object]) -> None:
    assert door.refused("track", {"event": "e", **identity}) == NO_IDENTITY


@pytest.mark.parametrize("name", ["userId", "anonymousId"])
def test_either_identity_is_enough_and_blank_counts_as_absent(door: Caller, name: str) -> None:
    other = {"userId": "anonymousId", "anonymousId": "userId"}[name]
    door.taken("track", {"event": "e", name: "x", other: "  "})


@pytest.mark.parametrize("name", ["userId", "anonymousId"])
@pytest.mark.parametrize(
    ("value", "rule"),
    [(5, "must be a string"), (True, "must be a string"), ([], "must be a string"), ({}, "must be a string"),
     ("x" * 257, "must be at most 256 characters"), ("\U0001f600" * 257, "must be at most 256 characters"),
     ("a\x00b", "must not contain \\u0000"), ("\x00", "must not contain \\u0000")],
)  # fmt: skip
def test_a_bad_identity_is_refused(door: Caller, name: str, value: object, rule: str) -> None:
    assert door.refused("track", {"event": "e", name: value}) == f"{name} {rule}"


@pytest.mark.parametrize("user_id", ["\U0001f600" * 256, " u1 ", "0", "null", "ＵＳＥＲ"])
def test_identities_are_compared_as_they_are(door: Caller, user_id: str) -> None:
    event_id = door.taken("track", track(userId=user_id))
    assert Event.objects.get(subject_key=user_key(door.brand.path, user_id)).event_id == event_id
    assert user_key(door.brand.path, user_id) != user_key(door.brand.path, user_id.strip() + "x")


@pytest.mark.parametrize("action", ["identify", "page"])
@pytest.mark.parametrize(
    ("event", "rule"),
    [(None, "must not be empty"), ("", "must not be empty"), ("track", "itself"), ("Identify", "itself"),
     (1, "must be a string")],
)  # fmt: skip
def test_identify_and_page_must_say_their_own_name(door: Caller, action: str, event: object, rule: str) -> None:
    rule = f'must be "{action}"' if rule == "itself" else rule
    assert door.refused(action, {"userId": "u", "event": event, "traits": {}}) == f"event {rule}"


@pytest.mark.parametrize(
    ("event", "rule"),
    [(None, "must not be empty"), ("", "must not be empty"), ("x" * 201, "must be at most 200 characters"),
     (7, "must be a string"), (["e"], "must be a string")],
)  # fmt: skip
def test_track_needs_an_event(door: Caller, event: object, rule: str) -> None:
    assert door.refused("track", {"userId": "u", "event": event}) == f"event {rule}"


@pytest.mark.parametrize("event", ["x" * 200, "\U0001f600" * 200, " ", "identify", "a\x00b"])
def test_any_other_event_is_taken(door: Caller, event: str) -> None:
    door.taken("track", track(event=event))


def test_screen_needs_no_event_and_its_name_may_be_any_string(door: Caller) -> None:
    for name in ("", "Home", "a\x00b", None):
        door.taken("screen", {"userId": "u", "name": name})
    assert door.refused("screen", {"userId": "u", "name": 5}) == "name must be a string"


@pytest.mark.parametrize("group_id", [None, "", 5])
def test_group_needs_a_group_id(door: Caller, group_id: object) -> None:
    assert door.refused("group", {"userId": "u", "groupId": group_id}).startswith("groupId must")


@pytest.mark.parametrize("traits", [None, "x", [], 1])
def test_identify_needs_traits(door: Caller, traits: object) -> None:
    assert (
        door.refused("identify", {"userId": "u", "event": "identify", "traits": traits}) == "traits must be an object"
    )
    assert door.refused("identify", {"userId": "u", "event": "identify"}) == "traits must be an object"


@pytest.mark.parametrize("name", ["traits", "properties", "context"])
def test_payloads_are_objects_or_absent(door: Caller, name: str) -> None:
    for value in ({}, None, {"a": [1, {"b": None}]}):
        door.taken("track", track(**{name: value}))
    for wrong in ([], "x", 0, False, ""):
        assert door.refused("track", track(**{name: wrong})) == f"{name} must be an object"


def test_null_means_absent_for_every_optional_field(door: Caller) -> None:
    optional = ("anonymousId", "traits", "properties", "context", "timestamp", "messageId")
    door.taken("track", track(**dict.fromkeys(optional)))


def test_unknown_fields_are_kept(door: Caller) -> None:
    text = b'{"userId":"u","event":"e","integrations":{"All":false},"sentAt":"x","type":5}'
    assert door.stored(door.taken("track", text)) == text


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null", b"true"])
def test_a_body_that_is_no_object_is_refused(door: Caller, body: bytes) -> None:
    for action in ("track", "batch"):
        assert door.refused(action, body) == "body must be a JSON object"


def test_of_duplicate_keys_the_last_is_read(door: Caller) -> None:
    text = b'{"userId":5,"userId":"u","event":"","event":"e","context":7,"context":{}}'
    assert door.stored(door.taken("track", text)) == text
    assert door.refused("track", b'{"userId":"u","event":"e","userId":""}') == NO_IDENTITY
