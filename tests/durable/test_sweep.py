"""The sweep needs neither broker nor worker: what nobody takes, it carries out itself."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from privacy_portal.audit.models import SYSTEM, Entry, record
from privacy_portal.durable import sweep
from privacy_portal.durable.models import FailingChore, Heartbeat
from privacy_portal.durable.registry import MORE, Chore
from privacy_portal.durable.sweep import Sweep
from regulations.models import Regulation
from tests.factories.brands import make_brand
from tests.factories.regulations import ask
from tests.upstream.server import serve
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def test_it_carries_out_what_stays_unclaimed_for_ten_seconds() -> None:
    with serve() as upstream:
        regulation = ask(make_brand(upstream_url=upstream.url), "suppress", "u1")
        Sweep().once()
        regulation.refresh_from_db()
        assert regulation.status == "scheduled", "a worker may still come"
        long_ago = timezone.now() - timedelta(seconds=11)
        Regulation.objects.update(created_at=long_ago)
        Sweep().once()
        regulation.refresh_from_db()
        assert regulation.status == "finished"


def test_it_seals_the_audit_log_and_shows_that_it_lives() -> None:
    record("test.act", SYSTEM)
    Sweep().once()
    assert Entry.objects.get(action="test.act").position is not None
    assert Heartbeat.objects.filter(name="sweep").exists()


def test_a_chore_that_has_more_to_do_is_called_again_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [MORE, MORE, None, MORE]
    monkeypatch.setattr(sweep, "chores", [Chore("test", 3600, lambda: answers.pop(0))])
    sweeping = Sweep()
    for _ in range(5):
        sweeping.once()
    assert answers == [MORE], "called until it said that nothing was left, and then an hour later"


class Failing:
    """A chore that fails until it is mended."""

    is_mended = False
    times = 0

    def __call__(self) -> None:
        self.times += 1
        if not self.is_mended:
            raise ValueError("maria@example.com")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Failing:
    """In front of all others, and tried again whenever there is a look."""
    failing = Failing()
    monkeypatch.setattr(sweep, "chores", [Chore("test.failing", 0, failing), *sweep.chores])
    return failing


def test_a_chore_that_fails_keeps_no_other_waiting(failing: Failing, caplog: pytest.LogCaptureFixture) -> None:
    record("test.act", SYSTEM)
    sweeping = Sweep()
    sweeping.once()
    sweeping.once()
    assert failing.times == 2
    assert Entry.objects.get(action="test.act").position is not None
    assert Heartbeat.objects.filter(name="sweep").exists(), "for what the sweep does besides"
    (told,) = [one for one in caplog.records if one.getMessage().startswith("sweep.failed")]
    assert told.getMessage() == "sweep.failed chore=test.failing error=ValueError", "once, not at each time"
    assert told.levelno == logging.ERROR
    assert told.exc_info


def test_a_chore_that_fails_is_noted_until_it_succeeds(failing: Failing, caplog: pytest.LogCaptureFixture) -> None:
    sweeping = Sweep()
    sweeping.once()
    noted = FailingChore.objects.get()
    assert (noted.name, noted.error) == ("test.failing", "ValueError")
    failing.is_mended = True
    sweeping.once()
    assert not FailingChore.objects.exists()
    failing.is_mended = False
    sweeping.once()
    assert FailingChore.objects.exists()
    assert caplog.text.count("sweep.failed") == 2, "what fails anew is told anew"
    failing.is_mended = True
    Sweep().once()
    assert not FailingChore.objects.exists(), "a sweep that starts forgets what another one noted"


def run(sweeping: Sweep, until_then: Callable[[], object]) -> None:
    """The sweep as its process runs it, until then."""
    stop = threading.Event()

    def sweep_on() -> None:
        sweeping.run(stop)
        connections.close_all()

    running = threading.Thread(target=sweep_on)
    running.start()
    try:
        until(until_then, 20)
    finally:
        stop.set()
        running.join()


@pytest.mark.postgresql
def test_a_chore_that_loses_its_connection_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    done: list[int] = []
    behind = Chore("test.behind", 0, lambda: done.append(Heartbeat.objects.count()))
    monkeypatch.setattr(sweep, "chores", [Chore("test.lose", 0, lose), behind])
    run(Sweep(), lambda: len(done) > 2)
    assert Heartbeat.objects.filter(name="sweep").exists()
