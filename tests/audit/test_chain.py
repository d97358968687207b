"""The audit chain: whatever is altered, deleted, inserted or put elsewhere shows (contract R5)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import F

from privacy_portal.audit.models import COMMAND, SYSTEM, Actor, ChainHead, Entry, first_broken, record, seal

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
BROKEN_AT_3 = (2, "does not match its hash")


@pytest.fixture
def chain(db: None) -> list[Entry]:
    """Five sealed entries."""
    for number in range(5):
        record("brand.configured", Actor("staff", str(number)), brand=7, subject=uuid4(), settings=["timezone"])
    seal()
    return list(Entry.objects.sealed())


def found(expected: tuple[int, str]) -> bool:
    count, broken = first_broken()
    return count == expected[0] and broken is not None and expected[1] in broken


def test_an_untouched_chain_is_whole(chain: list[Entry]) -> None:
    assert first_broken() == (5, None)
    assert [entry.position for entry in chain] == [1, 2, 3, 4, 5]
    assert [entry.previous for entry in chain[1:]] == [entry.hash for entry in chain[:-1]]


def test_an_empty_chain_is_whole(db: None) -> None:
    assert first_broken() == (0, None)


def test_sealing_twice_changes_nothing(chain: list[Entry]) -> None:
    before = list(Entry.objects.sealed().values_list("pk", "position", "hash"))
    assert seal() == 0
    assert list(Entry.objects.sealed().values_list("pk", "position", "hash")) == before


def test_sealing_goes_on_where_it_ended(chain: list[Entry]) -> None:
    record("brand.created", SYSTEM)
    record("brand.created", COMMAND)
    assert seal() == 2
    assert first_broken() == (7, None)
    assert Entry.objects.get(position=6).previous == chain[-1].hash


def test_what_is_not_sealed_yet_breaks_nothing(chain: list[Entry]) -> None:
    record("brand.created", SYSTEM)
    assert first_broken() == (5, None)


@pytest.mark.parametrize(
    "altered",
    [
        {"action": "other"},
        {"actor_kind": "system"},
        {"actor_id": "9"},
        {"brand_ref": None},
        {"subject_ref": None},
        {"object_kind": "brand"},
        {"object_ref": "9"},
        {"detail": {"settings": ["contact"]}},
        {"at": F("at") + timedelta(microseconds=1)},
        {"previous": "0" * 64},
        {"hash": "0" * 64},
    ],
    ids=lambda altered: next(iter(altered)),
)
def test_an_altered_column_shows(chain: list[Entry], altered: dict[str, object]) -> None:
    Entry.objects.filter(position=3).update(**altered)
    assert found(BROKEN_AT_3)


def test_a_deleted_entry_shows(chain: list[Entry]) -> None:
    chain[2].delete()
    assert first_broken() == (2, "entry 3 is missing")


def test_a_deleted_first_and_a_deleted_last_entry_show(chain: list[Entry]) -> None:
    chain[4].delete()
    assert first_broken() == (4, "entry 5 is missing")
    chain[0].delete()
    assert first_broken() == (0, "entry 1 is missing")


def test_a_chain_that_was_emptied_shows(chain: list[Entry]) -> None:
    Entry.objects.all().delete()
    assert first_broken() == (0, "entry 1 is missing")


def test_an_inserted_entry_shows(chain: list[Entry]) -> None:
    Entry.objects.filter(position__gte=3).update(position=F("position") + 100)
    Entry.objects.filter(position__gte=100).update(position=F("position") - 99)
    Entry.objects.create(action="forged", actor_kind="staff", position=3, previous=chain[1].hash, hash="0" * 64)
    assert found(BROKEN_AT_3)


def test_an_entry_appended_by_hand_shows_though_its_hash_fits(chain: list[Entry]) -> None:
    forged = Entry.objects.create(action="forged", actor_kind="staff", position=6, previous=chain[-1].hash)
    forged.hash = forged.digest(chain[-1].hash, 6)
    forged.save()
    assert first_broken() == (5, f"entry 6 (id {forged.pk}) stands behind the chain's end")


def test_two_entries_that_changed_places_show(chain: list[Entry]) -> None:
    Entry.objects.filter(pk=chain[2].pk).update(position=100)
    Entry.objects.filter(pk=chain[3].pk).update(position=3)
    Entry.objects.filter(pk=chain[2].pk).update(position=4)
    assert found(BROKEN_AT_3)


def test_a_lost_end_of_the_chain_shows(chain: list[Entry]) -> None:
    ChainHead.objects.all().delete()
    assert found((0, "stands behind the chain's end"))
