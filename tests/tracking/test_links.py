"""Whose an event is (contract T14), and what a link changes when it arrives (G10)."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.subjects.keys import anonymous_key
from privacy_portal.subjects.models import Link, Subject
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.store import write
from tests.factories.brands import make_brand
from tests.factories.events import send
from tests.locks import waiting
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def brand() -> Brand:
    return make_brand()


def screen(brand: Brand, user: str | None, device: str | None, kind: str = TokenKind.SERVER, **more: Any) -> Any:
    return send(brand, "screen", {"userId": user, "anonymousId": device, **more}, kind)


def person(brand: Brand, user_id: str) -> Subject:
    return Subject.objects.of(brand, user_id).get()


def events_of(brand: Brand, user_id: str, *, shared: bool) -> set[Any]:
    events = Event.objects.of_person(person(brand, user_id), with_shared_devices=shared)
    return set(events.values_list("event_id", flat=True))


def erase(subject: Subject) -> None:
    """As the erasing step leaves a person behind."""
    subject.suppress()
    subject.forget(timezone.now())


def test_a_call_with_a_user_id_belongs_to_that_user_id_alone(brand: Brand) -> None:
    first = screen(brand, "u1", "a1")
    second = screen(brand, "u2", "a1")
    assert events_of(brand, "u1", shared=True) == {first}
    assert events_of(brand, "u2", shared=True) == {second}


def test_events_of_a_device_belong_to_whom_a_server_call_links_it(brand: Brand) -> None:
    before = screen(brand, None, "a1")
    link = screen(brand, "u1", "a1")
    after = screen(brand, None, "a1")
    assert events_of(brand, "u1", shared=False) == {before, link, after}


@pytest.mark.parametrize("kind", [TokenKind.JS_TAG, TokenKind.MOBILE])
def test_a_public_link_counts_once_a_server_call_confirms_it(brand: Brand, kind: str) -> None:
    before = screen(brand, None, "a1")
    public = screen(brand, "u1", "a1", kind)
    assert events_of(brand, "u1", shared=True) == {public}
    confirmed = screen(brand, "u1", "a1")
    assert events_of(brand, "u1", shared=True) == {before, public, confirmed}
    screen(brand, "u1", "a1", kind)
    assert Link.objects.get().confirmed, "a public call takes no confirmation back"


@pytest.mark.postgresql
def test_a_confirmation_is_not_lost_to_a_public_link_made_at_the_same_time(brand: Brand) -> None:
    screen(brand, "u1", "d0")
    subject = person(brand, "u1")
    confirming = threading.Thread(target=lambda: (screen(brand, "u1", "d1"), connection.close()))
    with transaction.atomic():
        Link.objects.create(subject=subject, anonymous_key=anonymous_key(brand.path, "d1"), confirmed=False)
        confirming.start()
        until(waiting, 30, "the confirming call to wait for the link")
    confirming.join()
    assert Link.objects.confirmed_for(subject).count() == 2


@pytest.mark.parametrize("kind", [TokenKind.JS_TAG, TokenKind.MOBILE])
def test_a_public_link_counts_for_the_gate_at_once(brand: Brand, kind: str) -> None:
    screen(brand, "u1", "a1", kind)
    person(brand, "u1").suppress()
    assert Event.objects.get(event_id=screen(brand, None, "a1")).status == "suppressed"


def test_a_shared_device_is_left_out_of_access_and_taken_by_delete(brand: Brand) -> None:
    shared = screen(brand, None, "a1")
    mine = screen(brand, "u1", "a1")
    screen(brand, "u2", "a1")
    assert events_of(brand, "u1", shared=False) == {mine}
    assert events_of(brand, "u1", shared=True) == {mine, shared}


def test_a_device_is_gated_when_any_of_its_people_forbids_it(brand: Brand) -> None:
    screen(brand, "u1", "a1")
    screen(brand, "u2", "a1")
    person(brand, "u2").stop_tracking()
    assert Event.objects.get(event_id=screen(brand, None, "a1")).status == "not_tracked"
    assert Event.objects.get(event_id=screen(brand, "u1", "a1")).status == "stored"


def test_a_gated_call_still_records_its_link(brand: Brand) -> None:
    Subject.objects.ensure(brand, "u1")[0].suppress()
    screen(brand, "u1", "a1")
    assert Event.objects.get(event_id=screen(brand, None, "a1")).status == "suppressed"


def test_calls_of_one_batch_are_gated_by_the_links_in_it(brand: Brand) -> None:
    Subject.objects.ensure(brand, "u1")[0].suppress()
    calls = [{"anonymousId": "a1"}, {"userId": "u1", "anonymousId": "a1"}, {"anonymousId": "a1"}]
    send(brand, "batch", {"batch": [{"type": "screen", **call} for call in calls]})
    assert set(Event.objects.calls().values_list("status", flat=True)) == {"suppressed"}


def test_a_device_linked_later_to_someone_erased_loses_its_earlier_events(brand: Brand) -> None:
    erase(Subject.objects.ensure(brand, "u1")[0])
    screen(brand, None, "a1")
    other = screen(brand, None, "a2")
    screen(brand, "u1", "a1")
    assert list(Event.objects.filter(status="stored").values_list("event_id", flat=True)) == [other]
    assert Event.objects.get(event_id=screen(brand, None, "a1")).status == "suppressed"


def test_a_public_link_to_someone_erased_takes_nothing_until_it_is_confirmed(brand: Brand) -> None:
    erase(Subject.objects.ensure(brand, "u1")[0])
    earlier = screen(brand, None, "a1")
    screen(brand, "u1", "a1", TokenKind.JS_TAG)
    assert Event.objects.filter(event_id=earlier).exists()
    screen(brand, "u1", "a1")
    assert not Event.objects.filter(event_id=earlier).exists()


def test_a_link_to_someone_suppressed_but_not_erased_takes_nothing(brand: Brand) -> None:
    Subject.objects.ensure(brand, "u1")[0].suppress()
    earlier = screen(brand, None, "a1")
    screen(brand, "u1", "a1")
    assert Event.objects.filter(event_id=earlier).exists()


def test_a_link_does_not_bring_back_an_erased_user_id(brand: Brand) -> None:
    erase(Subject.objects.ensure(brand, "u1")[0])
    screen(brand, "u1", "a1")
    assert person(brand, "u1").user_id is None


def test_a_database_that_knows_a_person_no_more_learns_of_them_again(brand: Brand) -> None:
    """One from an older backup was put in place under a writer that remembers."""
    screen(brand, "u1", "a1")
    Link.objects.all().delete()
    Subject.objects.all().delete()
    screen(brand, "u1", "a2")
    assert set(person(brand, "u1").links.values_list("anonymous_key", flat=True)) == {anonymous_key(brand.path, "a2")}


@pytest.mark.parametrize("kind", [TokenKind.JS_TAG, TokenKind.MOBILE])
@pytest.mark.parametrize("at_once", [1, 30, 150])
def test_public_tokens_link_a_device_to_a_hundred_people_and_no_more(brand: Brand, kind: str, at_once: int) -> None:
    """Each event of the device asks for all of them; links are never deleted (contract T15)."""
    people = [f"m{number}" for number in range(150)]
    for start in range(0, len(people), at_once):
        calls = [{"type": "screen", "userId": user, "anonymousId": "a1"} for user in people[start : start + at_once]]
        send(brand, "batch", {"batch": calls}, kind)
    assert Link.objects.count() == 100
    assert Event.objects.calls().filter(status="stored").count() == 150, "the calls themselves are taken"


def test_a_full_device_takes_no_public_link_whoever_filled_it_and_any_that_a_server_call_makes(brand: Brand) -> None:
    server = [{"type": "screen", "userId": f"s{number}", "anonymousId": "a1"} for number in range(120)]
    send(brand, "batch", {"batch": server})
    assert Link.objects.filter(confirmed=True).count() == 120, "confirmed links have no limit"
    screen(brand, "m1", "a1", TokenKind.JS_TAG)
    screen(brand, "s1", "a1", TokenKind.JS_TAG)
    assert Link.objects.count() == 120
    screen(brand, "m1", "a1")
    assert Link.objects.filter(confirmed=True).count() == 121


def test_people_whom_a_device_has_already_take_no_room_of_the_next(brand: Brand) -> None:
    def calls(numbers: range) -> list[dict[str, str]]:
        return [{"type": "screen", "userId": f"m{number}", "anonymousId": "a1"} for number in numbers]

    send(brand, "batch", {"batch": calls(range(90))}, TokenKind.JS_TAG)
    write._known.forget()  # another process
    send(brand, "batch", {"batch": calls(range(100))}, TokenKind.JS_TAG)
    assert Link.objects.count() == 100
    person(brand, "m99").suppress()
    assert Event.objects.get(event_id=screen(brand, None, "a1")).status == "suppressed"


def test_one_full_device_leaves_room_at_the_others(brand: Brand) -> None:
    calls = [{"type": "screen", "userId": f"m{number}", "anonymousId": f"a{number % 2}"} for number in range(150)]
    calls += [{"type": "screen", "userId": f"n{number}", "anonymousId": "a1"} for number in range(50)]
    send(brand, "batch", {"batch": calls}, TokenKind.JS_TAG)
    by_device = {device: anonymous_key(brand.path, device) for device in ("a0", "a1")}
    assert [Link.objects.filter(anonymous_key=key).count() for key in by_device.values()] == [75, 100]
