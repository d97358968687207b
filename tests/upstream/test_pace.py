"""At most 100 requests a second to one upstream, by all threads and processes together, measured where they arrive
(contract G6)."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from privacy_portal.upstream.models import IdentifyUpdate, Pace
from privacy_portal.upstream.models.pace import APART, LATE
from tests.factories.brands import make_brand
from tests.factories.updates import announce
from tests.portal import ROOT
from tests.upstream.server import Upstream, json_answer
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
UPDATES, PROCESSES, THREADS = 240, 3, 2
ON_THE_WAY = 2
"""So many may come later by what the way here takes, 10 ms each."""
A_WORKER = """
import sys, threading, django
django.setup()
from django.db import connections
connections.databases["default"]["NAME"] = sys.argv[1]
from privacy_portal.durable.jobs import work_until_idle
print("ready", flush=True)
sys.stdin.readline()
threads = [threading.Thread(target=work_until_idle) for _ in range(int(sys.argv[2]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@contextmanager
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """Workers in processes of their own on this test's database, which begin when the block does, and end with it."""
    command = [sys.executable, "-c", A_WORKER, str(connection.settings_dict["NAME"]), str(THREADS)]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(PROCESSES)
    ]
    try:
        for process in started:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin
            process.stdin.write("begin\n")
            process.stdin.flush()
        yield started
        assert [process.wait(60) for process in started] == [0] * PROCESSES
    finally:
        for process in started:
            process.kill()
            process.communicate()


def a_brand_each_has_updates(upstream: Upstream, **more: str) -> None:
    brands = [make_brand(upstream_url=f"{upstream.url}/{number}", upstream_token="t", **more) for number in range(2)]
    for number in range(UPDATES):
        announce(brands[number % 2], f"u{number}")


def keep_to_the_pace(upstream: Upstream, requests: int = UPDATES) -> None:
    """All were delivered, at the first attempt that was counted, and in whatever second at most 100 arrived."""
    updates = IdentifyUpdate.objects.all()
    assert set(updates.values_list("status", "attempts")) == {("delivered", 1)}
    times = sorted(upstream.arrivals)
    assert len(times) == requests
    busiest = max(sum(start <= time < start + 1 for time in times) for start in times)
    assert busiest <= 100 + ON_THE_WAY


@pytest.mark.postgresql  # where there are several processes
def test_all_workers_together_keep_to_100_a_second_for_all_brands_of_an_upstream(upstream: Upstream) -> None:
    a_brand_each_has_updates(upstream)
    with processes():
        pass
    keep_to_the_pace(upstream)


@pytest.mark.postgresql
def test_a_worker_that_stood_still_does_not_send_what_it_held_beside_what_is_due(upstream: Upstream) -> None:
    a_brand_each_has_updates(upstream)
    with processes() as (stopped, *_):
        until(lambda: len(upstream.arrivals) >= 60)
        stopped.send_signal(signal.SIGSTOP)
        until(lambda: len(upstream.arrivals) >= 100)
        stopped.send_signal(signal.SIGCONT)
    keep_to_the_pace(upstream)


@pytest.mark.postgresql
def test_what_asks_for_a_status_counts_as_well(upstream: Upstream) -> None:
    upstream.status = json_answer(200, {"status": "stored"})
    a_brand_each_has_updates(upstream, upstream_status_url=f"{upstream.url}/{{eventId}}")
    with processes():
        pass
    keep_to_the_pace(upstream, 2 * UPDATES)
    assert set(IdentifyUpdate.objects.values_list("upstream_status", flat=True)) == {"stored"}


def test_of_many_at_once_each_gets_a_moment_of_its_own(db: None) -> None:
    """Asked at one and the same time, so that a slow machine does not do the spacing."""
    now = timezone.now()

    def reserve(_: int) -> timedelta:
        try:
            return Pace.reserve("cdp.example.com", now)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        waits = sorted(threads.map(reserve, range(60)))
    assert waits == [APART * place for place in range(60)]
    assert (timedelta(seconds=1) + LATE) / APART == 100


def test_a_clock_that_was_set_back_stops_nothing(db: None) -> None:
    now = timezone.now()
    Pace.reserve("cdp.example.com", now + timedelta(hours=1))
    assert Pace.reserve("cdp.example.com", now) == timedelta(0)
    assert Pace.reserve("cdp.example.com", now) == APART
