"""What is stuck, why, and the next command."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from privacy_portal.audit.models import COMMAND, Entry, record
from privacy_portal.brands import encryption
from privacy_portal.brands.models import Brand
from privacy_portal.durable.models import FailingChore, Heartbeat
from privacy_portal.processes.metrics import exposition
from privacy_portal.storage import storage
from privacy_portal.subjects import keys
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate, UpdateStatus
from regulations.models import Export, ExportStatus, Regulation, RegulationStatus, Step, StepStatus
from tests.commands.conftest import Run
from tests.factories.regulations import REPLACED, ask, replaced
from tests.upstream.server import Upstream

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
LONG_AGO = timedelta(days=2)


@pytest.fixture(autouse=True)
def all_parts_beat(db: None) -> None:
    for name in ("worker", "scheduler", "sweep"):
        Heartbeat.beat(name)


@pytest.fixture
def regulation(brand: Brand) -> Regulation:
    regulation = ask(brand, "suppress", "secret-user-id", reason="secret-reason")
    Entry.objects.update(at=timezone.now())
    return regulation


def end(regulation: Regulation, status: str, step: str, error: str = "") -> None:
    Regulation.objects.filter(pk=regulation.pk).update(status=status, finished_at=timezone.now())
    Step.objects.filter(regulation=regulation).update(status=step, last_error=error, due_at=timezone.now())


def test_when_all_is_well_it_says_so(run: Run, db: None) -> None:
    ran = run("doctor")
    assert (ran.out, ran.error) == ("All is well.\n", "")


def test_a_part_without_heartbeat_is_named(run: Run, db: None) -> None:
    Heartbeat.objects.filter(name="worker").delete()
    Heartbeat.objects.filter(name="sweep").update(at=timezone.now() - timedelta(seconds=90))
    ran = run("doctor")
    assert "STUCK: part worker\n    why:  no heartbeat yet\n    next: " in ran.out
    assert "STUCK: part sweep\n    why:  last heartbeat 90 s ago\n" in ran.out
    assert "scheduler" not in ran.out
    assert ran.error == "2 findings need a human."


def test_redis_that_does_not_answer_is_named(run: Run, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://:secret@127.0.0.1:1/")
    ran = run("doctor")
    assert "STUCK: the rate limits\n    why:  Redis does not answer (ConnectionError), so requests pass" in ran.out
    assert "secret" not in ran.out


def test_an_overdue_regulation_is_named_by_id(run: Run, regulation: Regulation) -> None:
    Regulation.objects.update(due_at=timezone.now() - LONG_AGO)
    ran = run("doctor")
    assert f"regulation {regulation.pk} (suppress, {regulation.brand}) is overdue" in ran.out
    assert "it is scheduled" in ran.out
    assert f"/admin/regulations/regulation/{regulation.pk}/change/" in ran.out
    assert ran.error == "1 finding needs a human."


@pytest.mark.parametrize("status", [RegulationStatus.PARTIAL, RegulationStatus.FAILED])
def test_a_regulation_not_fully_done_is_named_with_its_error_and_the_retry(
    run: Run, regulation: Regulation, status: str
) -> None:
    end(regulation, status, StepStatus.FAILED, "503 the upstream is away")
    ran = run("doctor")
    assert f"regulation {regulation.pk} (suppress, {regulation.brand}) is {status} (due " in ran.out
    assert "why:  notify at tracking_upstream failed: 503 the upstream is away\n" in ran.out
    assert f"/api/v1/regulations/{regulation.pk}/retry/" in ran.out
    assert ran.error


@pytest.mark.parametrize(("first", "second", "code"), REPLACED)
def test_one_that_a_later_one_replaced_is_no_finding(
    run: Run, upstream: Upstream, first: str, second: str, code: str
) -> None:
    replaced(upstream, first, second)
    Entry.objects.update(at=timezone.now())
    for due_at in (timezone.now() - LONG_AGO, timezone.now() + LONG_AGO):
        Regulation.objects.update(due_at=due_at)
        assert run("doctor").out == "All is well.\n"


def test_an_erasure_that_the_gate_was_opened_behind_is_named_with_what_ends_it(run: Run, brand: Brand) -> None:
    regulation = ask(brand, "suppress_and_delete", "secret-user-id")
    end(regulation, RegulationStatus.PARTIAL, StepStatus.FAILED)
    regulation.subject.unsuppress()
    assert "next: the gate was opened before all was erased: ask for Suppress and Delete" in run("doctor").out


def test_a_finished_regulation_is_no_finding(run: Run, regulation: Regulation) -> None:
    end(regulation, RegulationStatus.FINISHED, StepStatus.FINISHED)
    assert run("doctor").out == "All is well.\n"


def make_update(brand: Brand, **columns: object) -> IdentifyUpdate:
    subject, _ = Subject.objects.ensure(brand, "secret-user-id")
    update = IdentifyUpdate.objects.announce(subject, channels=False)
    IdentifyUpdate.objects.filter(pk=update.pk).update(**columns)
    return update


def test_a_failed_update_is_named_with_its_retry(run: Run, brand: Brand) -> None:
    update = make_update(brand, status=UpdateStatus.FAILED, last_error="401 who are you")
    ran = run("doctor")
    assert f"identify update {update.pk} ({brand}) failed\n    why:  401 who are you\n" in ran.out
    assert f"/api/v1/identify-updates/{update.pk}/retry/" in ran.out
    assert ran.error


def tell(update: IdentifyUpdate, *, channels: bool) -> None:
    """A later update about the same person, which the upstream took."""
    later = IdentifyUpdate.objects.announce(update.subject, channels=channels)
    IdentifyUpdate.objects.filter(pk=later.pk).update(status=UpdateStatus.DELIVERED)


def test_a_failed_update_that_a_later_one_made_good_is_not_named(run: Run, brand: Brand) -> None:
    """A later one carries every channel as it is then."""
    tell(make_update(brand, channels=True, status=UpdateStatus.FAILED, last_error="401 who are you"), channels=True)
    ran = run("doctor")
    assert (ran.out, ran.error) == ("All is well.\n", "")


def test_channels_that_failed_are_not_made_good_by_an_update_without_any(run: Run, brand: Brand) -> None:
    update = make_update(brand, channels=True, status=UpdateStatus.FAILED, last_error="401 who are you")
    tell(update, channels=False)
    assert f"identify update {update.pk} ({brand}) failed\n" in run("doctor").out


def test_a_failed_update_that_would_be_refused_is_not_named(run: Run, brand: Brand, regulation: Regulation) -> None:
    """Its regulation was cancelled by a later one, which tells what holds instead."""
    update = make_update(brand, status=UpdateStatus.FAILED, last_error="401 who are you")
    end(regulation, RegulationStatus.CANCELLED, StepStatus.FAILED)
    Step.objects.update(identify_update=update)
    assert run("doctor").out == "All is well.\n"


def test_what_is_being_retried_needs_nobody_yet(run: Run, brand: Brand) -> None:
    soon = timezone.now() + timedelta(seconds=30)
    update = make_update(brand, status=UpdateStatus.RETRYING, last_error="503", attempts=3, due_at=soon)
    ran = run("doctor")
    assert f"Passing: identify update {update.pk} is retrying after 3 attempts\n    why:  503\n" in ran.out
    assert ran.out.endswith("Nothing needs a human yet.\n")
    assert ran.error == ""


def test_what_is_retried_for_more_than_an_hour_needs_someone(run: Run, brand: Brand) -> None:
    now = timezone.now()
    make_update(
        brand, status=UpdateStatus.RETRYING, last_error="503", due_at=now + timedelta(seconds=30),
        patience_from=now - timedelta(minutes=61),
    )  # fmt: skip
    assert run("doctor").error == "1 finding needs a human."


def test_of_many_alike_the_first_are_told_and_the_rest_counted(run: Run, brand: Brand) -> None:
    """An upstream that is down must not bury what else is wrong."""
    soon = timezone.now() + timedelta(seconds=30)
    for number in range(13):
        update = make_update(brand, status=UpdateStatus.RETRYING, last_error="503", due_at=soon)
        long = update.created_at - timedelta(minutes=61) if number % 2 else update.created_at
        IdentifyUpdate.objects.filter(pk=update.pk).update(patience_from=long)
    ran = run("doctor")
    assert ran.out.count("STUCK: identify update") == ran.out.count("Passing: identify update") == 5
    more = "more like these\n    why:  as above\n    next: manage.py doctor --all tells each\n"
    assert f"STUCK: 1 {more}" in ran.out
    assert f"Passing: 2 {more}" in ran.out
    assert ran.error == "6 findings need a human."
    every = run("doctor", "--all")
    assert (every.out.count("identify update"), every.error) == (13, "6 findings need a human.")
    assert "more like" not in every.out


def test_jobs_that_nobody_takes_are_counted(run: Run, brand: Brand) -> None:
    update = make_update(brand, due_at=timezone.now() - LONG_AGO)
    out = run("doctor").out
    assert f"STUCK: 1 × identify update due and unclaimed: {update.pk}\n" in out
    assert "manage.py sweep" in out


def test_a_regulation_that_nobody_begins_is_told(run: Run, regulation: Regulation) -> None:
    Regulation.objects.update(created_at=timezone.now() - LONG_AGO)
    assert "STUCK: regulations that could move on\n" in run("doctor").out


def test_audit_entries_that_nobody_seals_are_counted(run: Run, db: None) -> None:
    record("brand.created", COMMAND)
    Entry.objects.update(at=timezone.now() - LONG_AGO)
    ran = run("doctor")
    assert "STUCK: 1 audit entries are not sealed\n" in ran.out
    assert "next: manage.py verify_audit" in ran.out


def make_export(regulation: Regulation, **columns: object) -> Export:
    now = timezone.now()
    defaults = {"created_at": now - LONG_AGO, "expires_at": now + LONG_AGO, "name": f"{regulation.pk}.zip"}
    return Export.objects.create(
        regulation=regulation, subject=regulation.subject, size=1, sha256="0" * 64, **(defaults | columns)
    )


def test_an_export_that_outlived_an_erasure_is_named(run: Run, brand: Brand) -> None:
    access = ask(brand, "access", "u1")
    end(access, RegulationStatus.FINISHED, StepStatus.FINISHED)
    make_export(access)
    erasure = ask(brand, "suppress_and_delete", "u1")
    end(erasure, RegulationStatus.FINISHED, StepStatus.FINISHED)
    Subject.objects.get().forget(timezone.now())
    out = run("doctor").out
    assert f"STUCK: export of regulation {access.pk} outlived the erasure of subject {access.subject_id}\n" in out


def test_an_export_made_after_the_erasure_is_no_finding(run: Run, brand: Brand) -> None:
    erasure = ask(brand, "suppress_and_delete", "u1")
    end(erasure, RegulationStatus.FINISHED, StepStatus.FINISHED)
    access = ask(brand, "access", "u1")
    end(access, RegulationStatus.FINISHED, StepStatus.FINISHED)
    make_export(access, created_at=timezone.now() + timedelta(seconds=1))
    Subject.objects.get().forget(timezone.now())
    assert run("doctor").out == "All is well.\n"


def test_a_file_of_an_ended_export_that_came_back_is_named(run: Run, regulation: Regulation) -> None:
    end(regulation, RegulationStatus.FINISHED, StepStatus.FINISHED)
    export = make_export(regulation, status=ExportStatus.ERASED)
    with storage().writing(export.name) as file:
        file.write(b"restored from a backup")
    path = storage().path(export.name)
    try:
        assert f"next: rm '{path}'\n" in run("doctor").out
    finally:
        storage().delete(export.name)
    assert run("doctor").out == "All is well.\n"


def test_an_expired_export_that_is_still_there_is_named(run: Run, regulation: Regulation) -> None:
    end(regulation, RegulationStatus.FINISHED, StepStatus.FINISHED)
    export = make_export(regulation, expires_at=timezone.now() - timedelta(minutes=9))
    assert run("doctor").out == "All is well.\n", "the sweep comes every minute"
    Export.objects.filter(pk=export.pk).update(expires_at=timezone.now() - timedelta(minutes=11))
    assert f"STUCK: export of regulation {regulation.pk} has expired and is still there\n" in run("doctor").out


def test_a_chore_that_fails_is_named(run: Run, db: None) -> None:
    FailingChore.note("exports.expire", ValueError("maria@example.com"))
    out = run("doctor").out
    assert re.search(
        r"STUCK: the sweep's chore exports.expire has failed since \S+ \S+ UTC\n    why:  ValueError\n", out
    )
    assert 'portal_chore_failing_seconds{chore="exports.expire"} ' in exposition().decode()
    assert "maria" not in out


def test_a_storage_that_takes_no_file_is_named(
    run: Run, db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(settings, "STORAGE_URL", (tmp_path / "file" / "folder").as_uri())
    ran = run("doctor")
    assert "STUCK: part storage\n    why:  Not a directory\n" in ran.out
    assert "PORTAL_STORAGE_URL" in ran.out


def test_a_broker_that_cannot_be_reached_is_named(
    run: Run, db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broker").touch()
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    out = run("doctor").out
    assert "STUCK: part broker\n" in out
    assert "CELERY_BROKER_URL" in out


@pytest.fixture
def other_keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    encryption._ciphers.cache_clear()
    monkeypatch.setattr(settings, "ENCRYPTION_KEYS", ["another key of at least 32 characters"])
    yield
    encryption._ciphers.cache_clear()


def test_a_missing_encryption_key_is_named(run: Run, regulation: Regulation, other_keys: None) -> None:
    ran = run("doctor")
    assert "STUCK: encrypted values\n    why:  no key in PORTAL_ENCRYPTION_KEYS opens one of them\n" in ran.out


def test_a_wrong_subject_key_is_the_only_finding(run: Run, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.verify()
    monkeypatch.setattr(settings, "SUBJECT_KEY", "another key of at least 32 characters")
    ran = run("doctor")
    assert ran.out.startswith("STUCK: everything\n    why:  PORTAL_SUBJECT_KEY does not match")
    assert ran.error == "1 finding needs a human."


def test_it_shows_ids_and_never_people(run: Run, regulation: Regulation) -> None:
    end(regulation, RegulationStatus.PARTIAL, StepStatus.FAILED, "503")
    Regulation.objects.update(due_at=timezone.now() - LONG_AGO)
    make_update(regulation.brand, status=UpdateStatus.FAILED, last_error="404")
    ran = run("doctor")
    assert "secret" not in ran.out + ran.error
