"""The marks beside an embedded database, kept by the sweep: newer than a restored database, never than their own."""

from pathlib import Path

import pytest
from django.conf import settings

from privacy_portal.audit.models import ChainHead, seal
from privacy_portal.brands.models import Brand
from privacy_portal.subjects import journal
from privacy_portal.subjects.keys import anonymous_key, user_key
from privacy_portal.subjects.marks import Mark
from tests.factories.events import identify
from tests.factories.regulations import ask, carry_out

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.skipif("not settings.EMBEDDED")]
assert settings


@pytest.fixture(autouse=True)
def file(tmp_path: Path, settings: object) -> Path:
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    return tmp_path / "marks.jsonl"


@pytest.fixture
def keeper() -> journal.Keeper:
    return journal.Keeper()


def marks_after(keeper: journal.Keeper) -> dict[bytes, Mark]:
    seal()
    keeper.keep()
    found = journal.held()
    assert found
    return {mark.key: mark for mark in found.in_force}


def test_each_change_of_a_gate_is_in_it_within_a_turn(brand: Brand, keeper: journal.Keeper) -> None:
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


def test_a_device_linked_later_is_in_it(brand: Brand, keeper: journal.Keeper) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    marks_after(keeper)
    identify(brand, "u1", anonymousId="d1")
    assert marks_after(keeper)[user_key(brand.path, "u1")].devices == {anonymous_key(brand.path, "d1"): True}


def test_it_only_appends_and_writes_nothing_when_nothing_changed(
    brand: Brand, keeper: journal.Keeper, file: Path
) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    marks_after(keeper)
    before = file.read_bytes()
    keeper.keep()
    assert file.read_bytes() == before
    ask(brand, "no_track", "u1")
    marks_after(keeper)
    assert file.read_bytes().startswith(before)
    assert len(file.read_bytes()) > len(before)


def test_what_a_loss_of_power_cut_short_is_written_again(brand: Brand, keeper: journal.Keeper, file: Path) -> None:
    marks_after(keeper)
    whole = file.read_bytes()
    ask(brand, "suppress", "u1")
    marks_after(keeper)
    file.write_bytes(file.read_bytes()[: len(whole) + 20])
    assert marks_after(journal.Keeper())[user_key(brand.path, "u1")].suppressed


def test_a_database_is_never_older_than_the_marks_it_wrote(brand: Brand, keeper: journal.Keeper) -> None:
    for number in range(3):
        carry_out(ask(brand, "suppress", f"u{number}"))
        marks_after(keeper)
        assert not journal.is_ahead()


def test_an_older_database_is_told_and_adds_nothing(brand: Brand, keeper: journal.Keeper, file: Path) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    marks_after(keeper)
    before = file.read_bytes()
    ChainHead.objects.update(position=1)
    assert journal.is_ahead()
    journal.Keeper().keep()
    assert file.read_bytes() == before
    journal.begin()
    assert not journal.is_ahead()


def test_nobody_else_may_read_it(keeper: journal.Keeper, file: Path, db: None) -> None:
    keeper.keep()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_is_left_as_it_is_and_told(
    keeper: journal.Keeper, file: Path, caplog: pytest.LogCaptureFixture, db: None
) -> None:
    file.write_text("something else")
    keeper.keep()
    assert file.read_text() == "something else"
    assert "marks.not_kept error=BadMarks" in caplog.text
