"""What became of an event (contract T11)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from tests.expiring import forget_expired
from tests.factories.brands import make_brand
from tests.tracking.caller import Caller, issue, message_of, track

pytestmark = pytest.mark.engine


def suppress(brand: Brand, user_id: str = "u1") -> Subject:
    subject, _ = Subject.objects.ensure(brand, user_id)
    subject.suppress()
    return subject


def test_a_stored_event_says_so_and_nothing_else(door: Caller) -> None:
    event_id = door.taken("track", track())
    body = door.status(event_id).json()
    assert body == {
        "eventId": str(event_id), "action": "track", "status": "stored", "receivedAt": body["receivedAt"],
        "errors": [], "calls": [],
    }  # fmt: skip
    assert body["receivedAt"].endswith("Z")


def test_a_gated_event_keeps_neither_payload_nor_identity(door: Caller, brand: Brand) -> None:
    suppress(brand)
    event_id = door.taken("track", track(anonymousId="a1", properties={"secret": 1}, timestamp="2001-01-01T00:00:00Z"))
    assert door.status(event_id).json()["status"] == "suppressed"
    event = Event.objects.get(event_id=event_id)
    assert (event.body, event.subject_key, event.anonymous_key, event.timestamp) == (None,) * 4


def test_a_gated_event_is_told_of_for_thirty_days(door: Caller, brand: Brand) -> None:
    suppress(brand)
    event_id = door.taken("track", track())
    Event.objects.update(received_at=timezone.now() - timedelta(days=29, hours=23))
    assert door.status(event_id).status_code == 200
    forget_expired()
    assert Event.objects.exists()
    Event.objects.update(received_at=timezone.now() - timedelta(days=30, hours=1))
    assert door.status(event_id).status_code == 404
    forget_expired()
    assert not Event.objects.exists()


def test_a_batch_of_gated_calls_is_forgotten_with_them(door: Caller, brand: Brand) -> None:
    suppress(brand)
    batch_id = door.taken("batch", {"batch": [track(), track()]})
    assert door.status(batch_id).json()["status"] == "suppressed"
    Event.objects.update(received_at=timezone.now() - timedelta(days=31))
    assert door.status(batch_id).status_code == 404


def test_a_batch_of_several_fates_is_mixed(door: Caller, brand: Brand) -> None:
    suppress(brand)
    batch_id = door.taken("batch", {"batch": [track(), track(userId="u2")]})
    body = door.status(batch_id).json()
    assert body["status"] == "mixed"
    assert [call["status"] for call in body["calls"]] == ["suppressed", "stored"]
    assert all(set(call) == {"eventId", "action", "status", "receivedAt", "errors"} for call in body["calls"])


def test_the_door_answers_the_same_for_a_gated_event(door: Caller, brand: Brand) -> None:
    suppress(brand)
    gated, free = door.post("track", track()), door.post("track", track(userId="u2"))
    assert (gated.status_code, set(gated.json())) == (free.status_code, set(free.json()))


@pytest.mark.parametrize(
    "event_id", ["x", "{}", "018f0000-0000-7000-8000-000000000000", "00000000-0000-0000-0000-000000000000"]
)
def test_an_unknown_event_is_not_found(door: Caller, event_id: str) -> None:
    answer = door.status(event_id)
    assert (answer.status_code, message_of(answer)) == (404, "eventId is not known")


def test_a_foreign_event_is_as_unknown(door: Caller) -> None:
    event_id = door.taken("track", track())
    other = make_brand()
    answer = door.request("GET", f"/track/{other.path}/v1/events/{event_id}", token=issue(other))
    assert answer.status_code == 404


def test_an_erased_event_is_as_unknown(door: Caller) -> None:
    batch_id = door.taken("batch", {"batch": [track()]})
    event_id = door.status(batch_id).json()["calls"][0]["eventId"]
    Event.objects.calls().delete()
    assert {door.status(event_id).status_code, door.status(batch_id).status_code} == {404}


@pytest.mark.parametrize("kind", [TokenKind.JS_TAG, TokenKind.MOBILE])
def test_a_public_token_learns_nothing(door: Caller, brand: Brand, kind: str) -> None:
    event_id = door.taken("track", track())
    for asked in (event_id, uuid4(), "x"):
        answer = door.status(asked, token=issue(brand, kind))
        assert (answer.status_code, answer.json()["code"]) == (403, "not_authorised")


def test_only_get_asks(door: Caller) -> None:
    for method in ("POST", "DELETE", "PUT"):
        answer = door.request(method, door.path(f"events/{uuid4()}"))
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_errors_name_what_was_not_obeyed(door: Caller) -> None:
    channels = [{"channel": "email", "subscribed": True}, {"channel": "pigeon", "subscribed": True}, 5]
    identify = {"userId": "u1", "event": "identify", "traits": {"marketingPreferences": {"channels": channels}}}
    errors = door.status(door.taken("identify", identify)).json()["errors"]
    assert [error.split(" must ")[0].removeprefix("traits.marketingPreferences.") for error in errors] == [
        "channels[1].channel", "channels[2]",
    ]  # fmt: skip


@pytest.mark.parametrize("told", [0, "", False, [], [{"channel": "email", "subscribed": False}], {"channels": {}}])
def test_preferences_of_another_shape_are_an_error(door: Caller, told: object) -> None:
    identify = {"userId": "u1", "event": "identify", "traits": {"marketingPreferences": told}}
    errors = door.status(door.taken("identify", identify)).json()["errors"]
    assert errors == ["traits.marketingPreferences.channels must be an array"]
