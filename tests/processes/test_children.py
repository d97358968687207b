"""The children of the web process, writer and site: each lives as long as it does, and is replaced when it ends before
that."""

import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.portal import Portal
from tests.processes.asking import suppress, track
from tests.processes.family import Process, alive, main_process, serving_of, site_of, writer_of
from tests.waiting import until

ChildOf = Callable[[Portal], Process | None]
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
    pytest.mark.parametrize("child_of", [writer_of, site_of], ids=["writer", "site"]),
]


def one(child_of: ChildOf, portal: Portal) -> Process:
    return until(lambda: child_of(portal), 20, "the child")


def everything_is_answered(portal: Portal) -> None:
    assert track(portal).status_code == 200
    assert suppress(portal).status_code == 202


def test_a_killed_one_is_replaced_and_nothing_else_is(victim: Portal, child_of: ChildOf) -> None:
    main = until(lambda: main_process(victim, "web"), 10, "web")
    serving = until(lambda: serving_of(victim), 10, "the serving process")
    for _ in range(3):
        killed = one(child_of, victim)
        os.kill(killed.pid, signal.SIGKILL)
        until(lambda killed=killed: child_of(victim) not in (None, killed), 10, "a new one")
        everything_is_answered(victim)
    assert alive([main, serving]) == [main, serving]


def test_signals_to_all_processes_do_not_end_it_before_its_work(victim: Portal, child_of: ChildOf) -> None:
    held = one(child_of, victim)
    everything_is_answered(victim)  # it has started for good
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(held.pid, number)
    everything_is_answered(victim)
    assert child_of(victim) == held


def test_it_ends_with_a_killed_web_process(victim: Portal, child_of: ChildOf) -> None:
    orphan, serving = one(child_of, victim), until(lambda: serving_of(victim), 10, "web")
    os.kill(serving.pid, signal.SIGKILL)
    until(lambda: not alive([orphan]), 10, "it to end")
    until(victim.is_ready, 20, "readiness again")
    everything_is_answered(victim)


@contextmanager
def out_of_descriptors(pid: int) -> Iterator[None]:
    """What this process has open stays so, and nothing can be opened any more."""
    _, hard = before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (10, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


def test_one_that_cannot_be_started_is_named_and_tried_again(victim: Portal, child_of: ChildOf) -> None:
    serving, killed = until(lambda: serving_of(victim), 10, "web"), one(child_of, victim)
    name = {writer_of: "writer", site_of: "site"}[child_of]
    with httpx.Client(base_url=victim.url, timeout=20) as connected:
        assert connected.get("/healthz").status_code == 200
        with out_of_descriptors(serving.pid):
            os.kill(killed.pid, signal.SIGKILL)
            until(lambda: f"child.not_started name={name} error=OSError" in victim.output, 10, "it to fail")
            answer = connected.get("/readyz")
            assert (answer.status_code, child_of(victim)) == (503, None)
            assert answer.json()["checks"][name] != "ok"
    until(lambda: child_of(victim), 10, "a new one")
    until(victim.is_ready, 20, "readiness again")
    everything_is_answered(victim)
