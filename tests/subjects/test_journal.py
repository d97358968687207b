"""The marks beside the database, kept by the sweep: newer than a restored database, never than their own."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from privacy_portal.audit.models import SYSTEM, ChainHead, Entry, record, seal
from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.storage import storage
from privacy_portal.subjects import journal
from privacy_portal.subjects.freshness import Freshness
from privacy_portal.subjects.keeper import Keeper
from privacy_portal.subjects.keys import anonymous_key, user_key
from privacy_portal.subjects.marks import Mark
from privacy_portal.subjects.models import Link
from tests.factories.events import identify, send, track
from tests.factories.regulations import ask, carry_out

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def file(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The marks' file of this test alone."""
    settings.DATA_DIR, settings.STORAGE_URL = tmp_path, tmp_path.as_uri()
    storage.cache_clear()
    yield tmp_path / "marks.jsonl"
    storage.cache_clear()


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


def settle() -> None:
    """As if a minute had gone by: on PostgreSQL a link counts only then."""
    Link.objects.update(created_at=timezone.now() - journal.SETTLED)


def marks_after(keeper: Keeper) -> dict[bytes, Mark]:
    seal()
    keeper.keep()
    found = journal.held()
    assert found
    return {mark.key: mark for mark in found.in_force}


def test_each_change_of_a_gate_is_in_it_within_a_turn(brand: Brand, keeper: Keeper) -> None:
    key = user_key(brand.path, "u1")
    assert marks_after(keeper) == {}
    ask(brand, "suppress", "u1")
    assert marks_after(keeper)[key].suppressed
    ask(brand, "no_track", "u1")
    assert marks_after(keeper)[key].no_track
    erasure = ask(brand, "suppress_and_delete", "u1")
    assert marks_after(keeper)[key].erased, "it is owed from the answer on"
    carry_out(erasure)
    assert marks_after(keeper)[key].erased
    carry_out(ask(brand, "unsuppress", "u1"))
    assert (marks_after(keeper)[key].suppressed, marks_after(keeper)[key].erased) == (False, False)


def test_a_device_linked_later_is_in_it(brand: Brand, keeper: Keeper) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    marks_after(keeper)
    identify(brand, "u1", anonymousId="d1")
    settle()
    assert marks_after(keeper)[user_key(brand.path, "u1")].devices == {anonymous_key(brand.path, "d1"): True}


def test_that_a_device_of_someone_erased_was_confirmed_is_in_it_too(brand: Brand, keeper: Keeper) -> None:
    carry_out(ask(brand, "suppress_and_delete", "u1"))
    track(brand, None, anonymousId="d1")
    send(brand, "screen", {"userId": "u1", "anonymousId": "d1"}, TokenKind.JS_TAG)
    settle()
    key, device = user_key(brand.path, "u1"), anonymous_key(brand.path, "d1")
    assert marks_after(keeper)[key].devices == {device: False}
    send(brand, "screen", {"userId": "u1", "anonymousId": "d1"})
    assert marks_after(keeper)[key].devices == {device: True}


def test_it_says_up_to_when_it_is_complete(brand: Brand, keeper: Keeper) -> None:
    marks_after(keeper)
    ask(brand, "suppress", "u1")
    seal()
    later = ask(brand, "suppress", "u2")  # has no place in the chain yet
    keeper.keep()
    told = journal.held()
    assert told
    assert told.complete_until <= Entry.objects.get(subject_ref=later.subject_id).at
    assert user_key(brand.path, "u2") not in told.by_key


def test_a_device_of_someone_without_a_mark_is_not(brand: Brand, keeper: Keeper, file: Path) -> None:
    marks_after(keeper)
    before = file.read_bytes()
    identify(brand, "u1", anonymousId="d1")
    settle()
    assert marks_after(keeper) == {}
    assert file.read_bytes() == before


def test_it_only_appends_and_writes_nothing_when_nothing_changed(brand: Brand, keeper: Keeper, file: Path) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    marks_after(keeper)
    before = file.read_bytes()
    keeper.keep()
    assert file.read_bytes() == before
    ask(brand, "no_track", "u1")
    marks_after(keeper)
    assert file.read_bytes().startswith(before)
    assert len(file.read_bytes()) > len(before)


def test_what_a_loss_of_power_cut_short_is_written_again(brand: Brand, keeper: Keeper, file: Path) -> None:
    marks_after(keeper)
    whole = file.read_bytes()
    ask(brand, "suppress", "u1")
    marks_after(keeper)
    file.write_bytes(file.read_bytes()[: len(whole) + 20])
    assert marks_after(Keeper())[user_key(brand.path, "u1")].suppressed


def test_a_database_is_never_older_than_the_marks_it_wrote(brand: Brand, keeper: Keeper) -> None:
    for number in range(3):
        carry_out(ask(brand, "suppress", f"u{number}"))
        marks_after(keeper)
        assert not journal.is_ahead()


def test_an_older_database_is_told_and_adds_nothing(brand: Brand, keeper: Keeper, file: Path) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    marks_after(keeper)
    before = file.read_bytes()
    go_back()
    assert journal.is_ahead()
    for each in (keeper, Keeper()):
        each.keep()
        assert file.read_bytes() == before
    journal.begin()
    assert not journal.is_ahead()


def test_an_older_database_that_went_on_is_told(brand: Brand, keeper: Keeper) -> None:
    """It is as long as the marks by now, but with other entries."""
    carry_out(ask(brand, "suppress", "u1"))
    marks_after(keeper)
    go_back()
    for _ in range(20):
        record("brand.created", SYSTEM)
    seal()
    assert journal.is_ahead()


def test_entries_thrown_away_for_their_age_make_no_database_older(brand: Brand, keeper: Keeper) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    marks_after(keeper)
    record("brand.created", SYSTEM)
    seal()
    last = Entry.objects.sealed().last()
    Entry.objects.exclude(pk=last and last.pk).delete()
    assert not journal.is_ahead()


def test_a_database_older_than_what_was_only_remembered_goes_on_from_the_file(brand: Brand, keeper: Keeper) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    marks_after(keeper)
    written = ChainHead.objects.get()
    record("brand.created", SYSTEM)
    marks_after(keeper)
    Entry.objects.filter(position__gt=written.position).delete()
    written.save()
    keeper.keep()
    ask(brand, "no_track", "u1")
    assert marks_after(keeper)[user_key(brand.path, "u1")].no_track


def go_back() -> None:
    """The audit chain as a backup from before has it."""
    first = Entry.objects.sealed()[0]
    Entry.objects.exclude(pk=first.pk).delete()
    ChainHead.objects.update(position=1, hash=first.hash)


def test_nothing_is_carried_out_for_an_older_database(
    brand: Brand, keeper: Keeper, caplog: pytest.LogCaptureFixture
) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    marks_after(keeper)
    assert not Freshness().forbids()
    go_back()
    assert Freshness().forbids()
    assert "run manage.py replay_marks" in caplog.text


@pytest.mark.postgresql  # where there are several hosts
def test_only_one_sweep_writes_it_at_a_time(brand: Brand, keeper: Keeper, file: Path) -> None:
    marks_after(keeper)
    ask(brand, "suppress", "u1")
    seal()
    before, writing, end = file.read_bytes(), threading.Event(), threading.Event()

    def write() -> None:
        with journal.alone(wait=True):
            writing.set()
            end.wait(30)
        connection.close()

    other = threading.Thread(target=write)
    other.start()
    writing.wait(30)
    keeper.keep()
    assert file.read_bytes() == before
    end.set()
    other.join()
    assert marks_after(keeper)[user_key(brand.path, "u1")].suppressed


def test_nobody_else_may_read_it(keeper: Keeper, file: Path, db: None) -> None:
    keeper.keep()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_is_left_as_it_is_and_told(
    keeper: Keeper, file: Path, caplog: pytest.LogCaptureFixture, db: None
) -> None:
    file.write_text("something else")
    keeper.keep()
    assert file.read_text() == "something else"
    assert "marks.not_kept error=BadMarks" in caplog.text
