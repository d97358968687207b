"""Claim, lease, fence: what makes a job durable (DESIGN, idea 4), on the identify update as its example."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from privacy_portal.durable import jobs
from privacy_portal.durable.clock import Moment
from privacy_portal.durable.errors import LeaseLost
from privacy_portal.durable.jobs import OneByOne, work_until_idle
from privacy_portal.durable.models import LEASE, backoff
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate
from regulations.engine import perform
from regulations.models import Step, StepStatus
from tests.factories.brands import make_brand
from tests.factories.regulations import ask, begin
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def job() -> IdentifyUpdate:
    subject, _ = Subject.objects.ensure(make_brand(), "u1")
    return IdentifyUpdate.objects.announce(subject, channels=False)


def claim() -> IdentifyUpdate | None:
    return IdentifyUpdate.objects.all().claim()


def let_the_lease_run_out() -> None:
    IdentifyUpdate.objects.update(lease_until=F("lease_until") - LEASE - timedelta(seconds=1))


def kind(perform: object) -> OneByOne:
    return OneByOne("test", IdentifyUpdate, IdentifyUpdate.give_up, timedelta(hours=24), perform)  # type: ignore[arg-type]


def test_a_job_is_claimed_once(job: IdentifyUpdate) -> None:
    claimed = claim()
    assert claimed is not None
    assert (claimed.status, claimed.attempts, claimed.fence) == ("sending", 1, 1)
    assert claim() is None


@pytest.mark.postgresql
def test_what_another_worker_takes_at_the_same_moment_is_not_taken_as_well() -> None:
    """A step, whose being due depends on other rows, too; the other one has moved it on before this one may look."""
    step = running_step()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            taken = Step.objects.all().claim()
            assert taken == step
            second = pool.submit(claim_elsewhere)
            until(lambda: second.done() or waits_for_a_lock(), 20, "a second worker to have looked")
            perform(taken)
        assert second.result(20) is None
    step.refresh_from_db()
    assert (step.status, step.fence) == (StepStatus.WAITING, 1)


def running_step() -> Step:
    regulation = ask(make_brand(), "suppress", "u1")
    assert begin(regulation)
    return regulation.steps.get()


def claim_elsewhere() -> Step | None:
    try:
        return Step.objects.all().claim()
    finally:
        connection.close()


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees what it saw first
        cursor.execute("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return cursor.fetchone() is not None


def test_a_job_whose_worker_died_is_taken_up_when_the_lease_ran_out(job: IdentifyUpdate) -> None:
    first = claim()
    let_the_lease_run_out()
    second = claim()
    assert first is not None
    assert second is not None
    assert second.fence == 2


def test_who_lost_the_lease_writes_nothing_more(job: IdentifyUpdate) -> None:
    first = claim()
    assert first is not None
    let_the_lease_run_out()
    assert claim() is not None
    for write in (first.renew, lambda: first.give_up("late"), lambda: first.try_again("late", timedelta())):
        with pytest.raises(LeaseLost):
            write()
    job.refresh_from_db()
    assert (job.status, job.last_error) == ("sending", "")


def test_renewing_keeps_the_lease(job: IdentifyUpdate) -> None:
    claimed = claim()
    assert claimed is not None
    IdentifyUpdate.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    claimed.renew()
    assert claim() is None


def test_a_stopped_worker_hands_its_job_back_unburned(job: IdentifyUpdate) -> None:
    def stopped(_: IdentifyUpdate) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        kind(stopped).work_one()
    job.refresh_from_db()
    assert (job.status, job.attempts) == ("retrying", 0)
    assert claim() is not None


def test_an_unknown_error_keeps_its_kind_and_not_its_words(job: IdentifyUpdate, log: StringIO) -> None:
    def broken(_: IdentifyUpdate) -> None:
        raise RuntimeError(f"{'@'.join(['ann', 'example.com'])} broke it")

    kind(broken).work_one()
    job.refresh_from_db()
    assert (job.status, job.last_error) == ("retrying", "RuntimeError")
    assert "error=RuntimeError\nTraceback" in log.getvalue()
    assert "in broken\n" in log.getvalue()
    assert "ann@example.com" not in log.getvalue()


def test_the_pause_grows_from_a_second_to_five_minutes() -> None:
    for attempts in range(1, 30):
        low, high = min(2 ** (attempts - 1), 300), min(2**attempts, 300)
        assert low <= backoff(attempts).total_seconds() <= high


class Pieces:
    """A kind of which so many pieces are left."""

    def __init__(self, name: str, left: int, done: list[str]) -> None:
        self.name, self.left, self.done = name, left, done

    def due(self, at: Moment) -> bool:
        return self.left > 0

    def work(self, most: int) -> int:
        if not self.left:
            return 0
        self.left -= 1
        self.done.append(self.name)
        return 1

    def move_back(self, step: timedelta) -> None:
        raise AssertionError("no clock went back")


def test_what_takes_long_holds_up_no_other_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(jobs, "TURN_S", 0.0)
    monkeypatch.setattr(jobs, "kinds", [Pieces("erase", 3, done), Pieces("tell", 2, done)])
    assert work_until_idle() == 5
    assert done == ["erase", "tell", "erase", "tell", "erase"]


def test_what_is_quick_is_done_together(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(jobs, "TURN_S", 60.0)
    monkeypatch.setattr(jobs, "kinds", [Pieces("erase", 3, done), Pieces("tell", 2, done)])
    assert work_until_idle(limit=4) == 4
    assert done == ["erase", "erase", "erase", "tell"]
