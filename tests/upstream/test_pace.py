"""At most 100 requests a second to one upstream, by all threads and processes together, measured where they arrive
(contract G6)."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.upstream.models import IdentifyUpdate, Pace
from privacy_portal.upstream.models.pace import APART
from tests.factories.brands import make_brand
from tests.factories.updates import announce, workers
from tests.portal import ROOT
from tests.upstream.server import Upstream

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
UPDATES, PROCESSES, THREADS = 120, 2, 2
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
def processes() -> Iterator[None]:
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
        yield
        assert [process.wait(60) for process in started] == [0] * PROCESSES
    finally:
        for process in started:
            process.kill()
            process.communicate()


def arrivals(upstream: Upstream, brands: list[Brand]) -> list[float]:
    """When each of so many updates arrived, sent by all workers together as fast as they may."""
    before = len(upstream.arrivals)
    for number in range(UPDATES):
        announce(brands[number % len(brands)], f"u{before + number}")
    with processes(), workers(THREADS):
        pass
    assert set(IdentifyUpdate.objects.values_list("status", flat=True)) == {"delivered"}
    times = sorted(upstream.arrivals[before:])
    assert len(times) == UPDATES
    return times


def keep_to_the_pace(times: list[float]) -> bool:
    # What had its moment in the second before may arrive in this one: one request of each worker.
    late = (PROCESSES + 1) * THREADS
    busiest = max(sum(start <= time < start + 1 for time in times) for start in times)
    return busiest <= 100 + late and times[-1] - times[0] >= (UPDATES - late) / 100


@pytest.mark.postgresql  # where there are several processes
def test_all_workers_together_keep_to_100_a_second_for_all_brands_of_an_upstream(upstream: Upstream) -> None:
    """In one of three tries: where a worker stood still for a tenth of a second, what it held arrives with what is due
    then. That happens on a busy machine, now and then; a pace that does not hold breaks all three."""
    brands = [make_brand(upstream_url=f"{upstream.url}/{number}", upstream_token="t") for number in range(2)]
    assert any(keep_to_the_pace(arrivals(upstream, brands)) for _ in range(3))


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
    assert timedelta(seconds=1) / APART == 100


def test_a_clock_that_was_set_back_stops_nothing(db: None) -> None:
    now = timezone.now()
    Pace.reserve("cdp.example.com", now + timedelta(hours=1))
    assert Pace.reserve("cdp.example.com", now) == timedelta(0)
    assert Pace.reserve("cdp.example.com", now) == APART
