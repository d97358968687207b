"""What the door answers when it takes a call (contract T1, T2), and what it then holds."""

from datetime import UTC, datetime, timedelta

import pytest

from privacy_portal.tracking.models import Event
from tests.tracking.caller import Caller, track

pytestmark = pytest.mark.engine
GOOD = {
    "identify": {"event": "identify", "traits": {}},
    "track": {"event": "Product Added"},
    "page": {"event": "page"},
    "screen": {"name": "Home"},
    "group": {"groupId": "g1"},
}


@pytest.mark.parametrize("action", GOOD)
def test_each_action_is_taken_and_durable(door: Caller, action: str) -> None:
    event_id = door.taken(action, {"userId": "u1", **GOOD[action]})
    event = Event.objects.get(event_id=event_id)
    assert (event.action, event.status, event.brand_id) == (action, "stored", door.brand.pk)


def test_the_answer_is_exactly_success_and_event_id(door: Caller) -> None:
    answer = door.post("track", track())
    event_id = answer.json()["eventId"]
    assert answer.text == f'{{"success":true,"eventId":"{event_id}"}}'
    assert answer.headers["content-type"] == "application/json"


def test_an_event_is_kept_under_keyed_hashes_and_its_own_text(door: Caller) -> None:
    event_id = door.taken("track", track(userId="someone-special", anonymousId="device-7"))
    event = Event.objects.get(event_id=event_id)
    assert len(bytes(event.subject_key)) == len(bytes(event.anonymous_key)) == 16
    assert event.call()["userId"] == "someone-special"


def test_the_time_of_receipt_is_kept_beside_the_time_told(door: Caller) -> None:
    event_id = door.taken("track", track(timestamp="2001-02-03T04:05:06Z"))
    event = Event.objects.get(event_id=event_id)
    assert event.timestamp == datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert datetime.now(UTC) - event.received_at < timedelta(minutes=1)


def test_event_ids_come_in_the_order_of_receipt(door: Caller) -> None:
    ids = [door.taken("track", track()) for _ in range(20)]
    assert ids == sorted(ids)
    assert {event_id.version for event_id in ids} == {7}
