"""Downloading the zip of an Access regulation (contract A2, G9)."""

import io
import zipfile

import pytest
from django.utils import timezone

from privacy_portal.audit.models import Entry
from privacy_portal.brands.models import Brand
from regulations.models import Export, ExportStatus, Regulation
from tests.factories.api import Caller, refusal
from tests.factories.events import track
from tests.factories.regulations import ask, carry_out

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def finished(brand: Brand) -> Regulation:
    track(brand, "u1")
    return carry_out(ask(brand, "access", "u1"))


def test_it_is_the_zip(dpo: Caller, finished: Regulation) -> None:
    answer = dpo.get(f"regulations/{finished.pk}/export/", Accept="application/zip")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert "no-store" in answer["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(answer.getvalue())) as zipped:
        assert b"Product Added" in zipped.read("events.jsonl")


def test_it_asks_for_no_particular_accept(dpo: Caller, finished: Regulation) -> None:
    for accept in ("*/*", "application/json"):
        assert dpo.get(f"regulations/{finished.pk}/export/", Accept=accept).status_code == 200


def test_each_download_is_audited_before_the_first_byte(dpo: Caller, finished: Regulation) -> None:
    dpo.get(f"regulations/{finished.pk}/export/")
    entry = Entry.objects.get(action="export.downloaded")
    assert (entry.actor_id, entry.subject_ref) == (str(dpo.token.pk), finished.subject_id)


def test_one_that_has_not_finished_is_not_there_yet(dpo: Caller, brand: Brand) -> None:
    regulation = ask(brand, "access", "u1")
    answer = dpo.get(f"regulations/{regulation.pk}/export/", Accept="application/zip")
    assert refusal(answer) == (409, "not_finished")


@pytest.mark.parametrize("status", [ExportStatus.EXPIRED, ExportStatus.ERASED])
def test_one_that_went_is_gone(dpo: Caller, finished: Regulation, status: ExportStatus) -> None:
    finished.export.discard(status)
    assert refusal(dpo.get(f"regulations/{finished.pk}/export/")) == (410, "gone")


def test_one_past_its_time_is_gone_before_the_sweep_comes(dpo: Caller, finished: Regulation) -> None:
    Export.objects.update(expires_at=timezone.now())
    assert refusal(dpo.get(f"regulations/{finished.pk}/export/")) == (410, "gone")


def test_other_types_have_none(dpo: Caller, brand: Brand) -> None:
    regulation = ask(brand, "no_track", "u1")
    assert refusal(dpo.get(f"regulations/{regulation.pk}/export/")) == (404, "not_found")


def test_a_cancelled_one_has_none(dpo: Caller, brand: Brand) -> None:
    regulation = ask(brand, "access", "u1")
    regulation.cancel(dpo.token.actor)
    assert refusal(dpo.get(f"regulations/{regulation.pk}/export/")) == (404, "not_found")
