"""Replaying marks onto a database that knows less than they do: gates close, the erased are erased again."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Preference
from privacy_portal.subjects import marks
from privacy_portal.subjects.keys import anonymous_key, user_key
from privacy_portal.subjects.marks import Mark, Marks
from privacy_portal.subjects.models import Link, Subject
from privacy_portal.tracking.models import Event
from regulations.models import Regulation
from regulations.replay import replay
from tests.factories.events import identify, track
from tests.factories.regulations import ask, carry_out

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
Replayed = Callable[..., int]


@pytest.fixture
def replayed(brand: Brand) -> Replayed:
    """Replay one mark about u1 and carry out what follows; returns how many people it changed something for."""

    def run(suppressed: bool = False, no_track: bool = False, erased: bool = False, **devices: bool) -> int:
        linked = {anonymous_key(brand.path, name): confirmed for name, confirmed in devices.items()}
        mark = Mark(brand.path, user_key(brand.path, "u1"), suppressed, no_track, erased, linked)
        changed = replay(Marks(brand.created_at, {mark.key: mark}))
        for regulation in Regulation.objects.open():
            carry_out(regulation)
        return changed

    return run


def subject() -> Subject:
    return Subject.objects.get()


def test_who_was_erased_since_is_erased_again(brand: Brand, replayed: Replayed) -> None:
    identify(brand, "u1", channels={"email": True})
    track(brand, None, anonymousId="d1")
    assert replayed(suppressed=True, erased=True, d1=True) == 1
    assert not Event.objects.exists()
    assert (subject().suppressed, subject().user_id) == (True, None)
    assert not Preference.objects.filter(subscribed=True).exists()
    track(brand, "u1")
    assert Event.objects.get().status == "suppressed"


def test_someone_erased_whom_only_events_know_is_erased_again(brand: Brand, replayed: Replayed) -> None:
    track(brand, "u1")
    assert replayed(suppressed=True, erased=True) == 1
    assert not Event.objects.exists()
    assert [step.action for step in Regulation.objects.get().steps.all()] == ["erase"], (
        "there is no one to name upstream"
    )
    assert Regulation.objects.get().status == "finished"


def test_who_was_suppressed_since_is_suppressed_again_and_keeps_their_events(brand: Brand, replayed: Replayed) -> None:
    identify(brand, "u1", channels={"email": True})
    assert replayed(suppressed=True) == 1
    assert subject().suppressed
    assert subject().clear_user_id == "u1"
    assert not Preference.objects.filter(subscribed=True).exists()
    assert Event.objects.filter(status="stored").exists()


def test_someone_the_database_never_heard_of_is_gated_before_they_come(brand: Brand, replayed: Replayed) -> None:
    assert replayed(suppressed=True, no_track=True, d1=False) == 1
    assert (subject().suppressed, subject().no_track, subject().user_id) == (True, True, None)
    track(brand, "u1")
    track(brand, None, anonymousId="d1")
    assert {event.status for event in Event.objects.all()} == {"suppressed"}


def test_an_open_unsuppress_of_the_backup_gives_way(brand: Brand, replayed: Replayed) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    opening = ask(brand, "unsuppress", "u1")
    replayed(suppressed=True)
    opening.refresh_from_db()
    assert opening.status == "cancelled"
    assert subject().suppressed


def test_it_never_opens_a_gate(brand: Brand, replayed: Replayed) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    assert replayed(no_track=True) == 1
    assert (subject().suppressed, subject().no_track) == (True, True)


def test_a_second_time_changes_nothing(brand: Brand, replayed: Replayed) -> None:
    identify(brand, "u1", anonymousId="d1")
    everything = {"suppressed": True, "no_track": True, "erased": True, "d1": True, "d2": False}
    assert replayed(**everything) == 1
    made = Regulation.objects.count()
    assert replayed(**everything) == 0
    assert Regulation.objects.count() == made


def test_what_was_exported_changes_nothing_where_it_came_from(brand: Brand) -> None:
    identify(brand, "u1", anonymousId="d1")
    for person, type_value in (("u1", "suppress_and_delete"), ("u2", "suppress"), ("u3", "no_track")):
        carry_out(ask(brand, type_value, person))
    lines: list[str] = []
    assert marks.export(lines.append) == 3
    assert replay(marks.read(line.encode() for line in lines)) == 0


def test_a_device_linked_since_takes_its_earlier_events_along(brand: Brand, replayed: Replayed) -> None:
    track(brand, None, anonymousId="d1")
    carry_out(ask(brand, "suppress_and_delete", "u1"))
    assert replayed(suppressed=True, erased=True, d1=True) == 1
    assert not Event.objects.exists()
    assert Link.objects.get().confirmed


def test_a_brand_made_since_is_there_again(db: None) -> None:
    mark = Mark("b/b/NEW", b"k" * 16, True, False, False, {})
    replay(Marks(timezone.now(), {mark.key: mark}))
    assert Brand.objects.at("b/b/NEW")
    assert subject().brand.path == "b/b/NEW"


@pytest.mark.parametrize("how", ["identify", "staff"])
def test_whoever_only_a_mark_told_of_is_named_when_they_turn_up(brand: Brand, replayed: Replayed, how: str) -> None:
    replayed(no_track=True)
    assert subject().user_id is None
    if how == "identify":
        identify(brand, "u1", channels={"email": False})
    else:
        Subject.objects.ensure(brand, "u1")
    assert subject().clear_user_id == "u1"


def test_whoever_was_erased_is_not(brand: Brand, replayed: Replayed) -> None:
    replayed(suppressed=True, erased=True)
    identify(brand, "u1", channels={"email": False})
    Subject.objects.ensure(brand, "u1")
    assert subject().user_id is None
