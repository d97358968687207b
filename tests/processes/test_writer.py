"""The writer's process: it lives as long as its web process, and is replaced when it ends before that."""

import os
import signal
import sys
from typing import Any

import httpx
import pytest

from tests.portal import Portal
from tests.processes.family import Process, alive, descendants, main_process, writer_of
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
CALL = {"userId": "u1", "event": "Bought"}


def post(portal: Portal, body: Any = CALL) -> httpx.Response:
    headers = {"auth-token": portal.server_token}
    return httpx.post(f"{portal.url}/track/{portal.brand}/v1/track", json=body, headers=headers, timeout=30)


def a_writer(portal: Portal) -> Process:
    return until(lambda: writer_of(portal), 20, "a writer")


def test_a_killed_one_is_replaced_and_nothing_else_is(victim: Portal) -> None:
    main = until(lambda: main_process(victim, "web"), 10, "web")
    serving = descendants(main.pid)[0]
    for _ in range(3):
        killed = a_writer(victim)
        os.kill(killed.pid, signal.SIGKILL)
        until(lambda killed=killed: writer_of(victim) not in (None, killed), 10, "a new writer")
        assert post(victim).status_code == 200
    assert alive([main, serving]) == [main, serving]


def test_signals_to_all_processes_do_not_end_it_before_its_work(victim: Portal) -> None:
    held = a_writer(victim)
    assert post(victim).status_code == 200  # it has started for good
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(held.pid, number)
    assert post(victim).status_code == 200
    assert writer_of(victim) == held


def test_it_ends_with_a_killed_web_process(victim: Portal) -> None:
    main = until(lambda: main_process(victim, "web"), 10, "web")
    orphan, serving = a_writer(victim), descendants(main.pid)[0]
    os.kill(serving.pid, signal.SIGKILL)
    until(lambda: not alive([orphan]), 10, "its writer to end")
    until(victim.is_ready, 20, "readiness again")
    assert post(victim).status_code == 200
