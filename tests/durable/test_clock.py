"""Time as it is on real machines: hosts that disagree by an hour, clocks that are set back and forth (DESIGN, idea 4).

`another_host` runs its block on a host whose clock is that far off; the database's is not. To the portal, a clock that
was set back by an hour is the same as everything it wrote lying an hour further ahead: so `set_back` does that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db.models import F

from privacy_portal.celery import app
from privacy_portal.durable import clock
from privacy_portal.durable.models import LEASE, Heartbeat
from privacy_portal.durable.registry import chores
from privacy_portal.durable.scheduler import HeartbeatScheduler
from privacy_portal.durable.sweep import Sweep
from privacy_portal.processes.checks import NotReady, heartbeat
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate, Pace
from regulations.models import Regulation, Step
from tests.factories.brands import make_brand
from tests.factories.regulations import ask
from tests.upstream.server import serve

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
HOUR = timedelta(hours=1)
SOON = timedelta(seconds=5)
EITHER_WAY = pytest.mark.parametrize("off", [HOUR, -HOUR], ids=["an hour ahead", "an hour behind"])


@pytest.fixture
def job() -> IdentifyUpdate:
    subject, _ = Subject.objects.ensure(make_brand(), "u1")
    return IdentifyUpdate.objects.announce(subject, channels=False)


def claim() -> IdentifyUpdate | None:
    return IdentifyUpdate.objects.all().claim()


def is_held_for_a_lease_from_now(job: IdentifyUpdate) -> bool:
    job.refresh_from_db()
    return job.lease_until is not None and abs(clock.read() + LEASE - job.lease_until) < SOON


@contextmanager
def another_host(off: timedelta) -> Iterator[None]:
    with time_machine.travel(datetime.now(UTC) + off):
        yield


def set_back(by: timedelta = HOUR) -> None:
    Heartbeat.objects.update(at=F("at") + by)
    Pace.objects.update(next_at=F("next_at") + by)
    Regulation.objects.update(created_at=F("created_at") + by)
    for model in (IdentifyUpdate, Step):
        model._default_manager.update(due_at=F("due_at") + by, lease_until=F("lease_until") + by)


# -- Hosts that disagree --------------------------------------------------------------------------------------------


@pytest.mark.postgresql
@EITHER_WAY
def test_a_host_whose_clock_is_off_takes_no_lease_that_another_holds(job: IdentifyUpdate, off: timedelta) -> None:
    assert claim() is not None
    with another_host(off):
        assert claim() is None


@pytest.mark.postgresql
@EITHER_WAY
def test_a_lease_taken_or_renewed_by_such_a_host_lasts_as_long_as_any(job: IdentifyUpdate, off: timedelta) -> None:
    with another_host(off):
        held = claim()
    assert held is not None
    assert is_held_for_a_lease_from_now(job)
    with another_host(off):
        held.renew()
    assert is_held_for_a_lease_from_now(job)


@pytest.mark.postgresql
@EITHER_WAY
def test_what_such_a_host_makes_or_puts_off_is_due_when_it_should_be(off: timedelta) -> None:
    brand = make_brand()
    with another_host(off):
        update = IdentifyUpdate.objects.announce(Subject.objects.ensure(brand, "u1")[0], channels=False)
    held = claim()
    assert held == update
    with another_host(off):
        held.try_again("503", timedelta(seconds=90))
    update.refresh_from_db()
    assert timedelta() <= clock.read() + timedelta(seconds=90) - update.due_at < SOON


@pytest.mark.postgresql
@EITHER_WAY
def test_a_part_on_such_a_host_is_as_alive_as_any(off: timedelta) -> None:
    with another_host(off):
        Heartbeat.beat("worker")
    heartbeat("worker")
    with another_host(off):
        heartbeat("worker")


@EITHER_WAY
def test_one_persons_work_keeps_its_order_whichever_host_it_came_by(off: timedelta) -> None:
    brand = make_brand()
    regulations = [ask(brand, "access", "u1")]
    with another_host(off):
        regulations.append(ask(brand, "suppress", "u1"))
    regulations.append(ask(brand, "no_track", "u1"))
    assert list(Regulation.objects.order_by("id")) == regulations
    subject = Subject.objects.get()
    updates = [IdentifyUpdate.objects.announce(subject, channels=True)]
    with another_host(off):
        updates.append(IdentifyUpdate.objects.announce(subject, channels=True))
    updates.append(IdentifyUpdate.objects.announce(subject, channels=True))
    assert list(IdentifyUpdate.objects.order_by("id")) == updates


# -- A clock that is set back ---------------------------------------------------------------------------------------


def test_what_waits_is_done_at_once_and_what_was_put_off_when_it_should_be(job: IdentifyUpdate) -> None:
    Sweep().once()
    later = IdentifyUpdate.objects.announce(Subject.objects.ensure(job.brand, "u2")[0], channels=False)
    IdentifyUpdate.objects.filter(pk=later.pk).update(due_at=clock.now() + timedelta(minutes=10))
    set_back()
    assert claim() is None
    Sweep().once()
    assert claim() == job
    later.refresh_from_db()
    assert abs(clock.read() + timedelta(minutes=10) - later.due_at) < SOON


def test_a_held_lease_stays_with_its_worker_and_ends_in_time_when_that_is_dead(job: IdentifyUpdate) -> None:
    Sweep().once()
    held = claim()
    assert held is not None
    set_back()
    Sweep().once()
    assert claim() is None
    assert is_held_for_a_lease_from_now(job)
    held.renew()
    held.delivered("e1")


def test_regulations_go_on_without_a_broker() -> None:
    with serve() as upstream:
        regulation = ask(make_brand(upstream_url=upstream.url), "suppress", "u1")
        Sweep().once()
        set_back()
        Sweep().once()
        regulation.refresh_from_db()
        assert regulation.status == "finished"


def test_two_sweeps_follow_the_clock_once(job: IdentifyUpdate) -> None:
    Sweep().once()
    IdentifyUpdate.objects.update(due_at=clock.now() + 2 * HOUR)
    set_back()
    Sweep().once()
    Sweep().once()
    job.refresh_from_db()
    assert abs(clock.read() + 2 * HOUR - job.due_at) < SOON


def test_a_part_that_died_before_is_not_taken_for_alive() -> None:
    Heartbeat.beat("worker")
    set_back()
    with pytest.raises(NotReady, match="no heartbeat since the clock was set back"):
        heartbeat("worker")
    Heartbeat.beat("worker")
    heartbeat("worker")


def test_the_upstreams_pace_does_not_wait_for_the_clock_to_catch_up() -> None:
    now = clock.read()
    Pace.reserve("their upstream", now)
    assert timedelta() < Pace.reserve("their upstream", now) < timedelta(seconds=1)
    set_back()
    assert Pace.reserve("their upstream", now) == timedelta()


@EITHER_WAY
def test_the_sweeps_chores_keep_their_intervals(off: timedelta) -> None:
    sweep = Sweep()
    sweep.once()
    assert not any(sweep._is_time(chore.name, 60) for chore in chores)
    with another_host(off):
        assert not any(sweep._is_time(chore.name, 60) for chore in chores)


@pytest.mark.timeout(30)
def test_beats_bells_go_on_when_its_hosts_clock_is_set_back() -> None:
    beat = HeartbeatScheduler(app)
    while beat.tick() == 0:
        pass
    sent = {entry.name: entry.total_run_count for entry in beat.schedule.values()}
    assert set(sent.values()) == {1}
    with another_host(-HOUR):
        while beat.tick() == 0:
            pass
    assert {entry.name: entry.total_run_count for entry in beat.schedule.values()} == dict.fromkeys(sent, 2)


# -- A clock that is set forth --------------------------------------------------------------------------------------


def test_a_lease_that_ends_early_is_taken_over_and_fenced(job: IdentifyUpdate) -> None:
    first = claim()
    set_back(-HOUR)
    second = claim()
    assert first is not None
    assert second is not None
    assert second.fence == first.fence + 1
    second.delivered("e1")
