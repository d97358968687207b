"""The same messageId is stored once (contract T8)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event, Message
from tests.factories.brands import make_brand
from tests.tracking.caller import Caller, issue, track

pytestmark = pytest.mark.engine


def test_a_repeat_is_answered_with_the_first_event_id(door: Caller) -> None:
    first = door.taken("track", track(messageId="m1"))
    assert door.taken("track", track(messageId="m1", event="Other")) == first
    assert door.taken("page", {"userId": "u2", "event": "page", "messageId": "m1"}) == first
    assert Event.objects.count() == 1


def test_repeats_at_the_same_time_are_stored_once(door: Caller) -> None:
    answers = door.together([("track", track(messageId="m1"))] * 50)
    assert len({answer.json()["eventId"] for answer in answers}) == 1
    assert Event.objects.count() == 1


def test_a_restart_forgets_nothing(door: Caller, brand: Brand) -> None:
    first = door.taken("track", track(messageId="m1"))
    again = Caller(brand)
    try:
        assert again.taken("track", track(messageId="m1")) == first
    finally:
        again.close()


def test_brands_do_not_share_message_ids(door: Caller) -> None:
    first = door.taken("track", track(messageId="m1"))
    other = make_brand()
    answer = door.request(
        "POST", f"/track/{other.path}/v1/track", b'{"userId":"u","event":"e","messageId":"m1"}', issue(other)
    )
    assert answer.json()["eventId"] != str(first)
    assert Event.objects.count() == 2


def test_inside_one_batch_it_is_stored_once(door: Caller) -> None:
    batch_id = door.taken("batch", {"batch": [track(messageId="m1"), track(messageId="m1"), track()]})
    first, second, third = (call["eventId"] for call in door.status(batch_id).json()["calls"])
    assert first == second != third
    assert Event.objects.calls().count() == 2


def test_a_whole_batch_sent_again_stores_nothing_twice(door: Caller) -> None:
    batch = {"batch": [track(messageId="m1"), track(messageId="m2")], "messageId": "b1"}
    first = door.taken("batch", batch)
    assert door.taken("batch", batch) == first
    assert Event.objects.count() == 3


def test_a_batch_and_its_call_may_have_the_same_message_id(door: Caller) -> None:
    door.taken("batch", {"batch": [track(messageId="m1")], "messageId": "m1"})
    assert Event.objects.calls().count() == 1


def test_a_repeated_batch_does_not_use_up_message_ids_of_calls_it_did_not_store(door: Caller) -> None:
    door.taken("batch", {"batch": [track(messageId="m1")], "messageId": "b1"})
    door.taken("batch", {"batch": [track(messageId="m2")], "messageId": "b1"})
    stored = door.taken("track", track(messageId="m2"))
    assert door.status(stored).status_code == 200


def test_a_gated_call_is_recognised_too(door: Caller, brand: Brand) -> None:
    subject, _ = Subject.objects.ensure(brand, "u1")
    subject.suppress()
    first = door.taken("track", track(messageId="m1"))
    subject.unsuppress()
    assert door.taken("track", track(messageId="m1")) == first
    assert door.status(first).json()["status"] == "suppressed"


def test_after_a_day_it_is_a_new_one(door: Caller) -> None:
    first = door.taken("track", track(messageId="m1"))
    Message.objects.update(received_at=timezone.now() - timedelta(hours=23, minutes=59))
    assert door.taken("track", track(messageId="m1")) == first
    Message.objects.update(received_at=timezone.now() - timedelta(hours=24, minutes=1))
    second = door.taken("track", track(messageId="m1"))
    assert second != first
    assert door.taken("track", track(messageId="m1")) == second


def test_only_a_keyed_hash_of_it_is_kept(door: Caller) -> None:
    door.taken("track", track(messageId="mail-to-jane@example.com"))
    assert b"jane" not in bytes(Message.objects.get().key)


def test_it_may_have_a_hundred_characters(door: Caller) -> None:
    door.taken("track", track(messageId="\U0001f600" * 100))
    assert door.refused("track", track(messageId="x" * 101)) == "messageId must be at most 100 characters"
    assert door.refused("track", track(messageId=5)) == "messageId must be a string"
    assert door.refused("batch", {"batch": [track()], "messageId": "x" * 101}).startswith("messageId must")


def test_empty_and_null_are_no_message_id(door: Caller) -> None:
    ids = {door.taken("track", track(messageId=value)) for value in ("", None, "", None)}
    assert len(ids) == 4
