"""A process that is killed is back within five seconds, however often, and the others keep running."""

import os
import signal
import sys
import time

import pytest

from tests.portal import Portal
from tests.processes.family import SIGNS, alive, descendants, main_process, serving_of
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize("name", SIGNS)
def test_it_is_back_within_five_seconds_however_often(victim: Portal, name: str) -> None:
    for _ in range(3):
        before = until(lambda: main_process(victim, name), 10, name)
        family = [before, *descendants(before.pid)]
        others = {
            other: until(lambda other=other: main_process(victim, other), 10, other) for other in SIGNS if other != name
        }
        os.kill(before.pid, signal.SIGKILL)
        began = time.monotonic()
        until(lambda before=before: main_process(victim, name) not in (None, before), 10, f"a new {name}")
        assert time.monotonic() - began < 5
        until(lambda family=family: not alive(family), 5, "its children to end")
        assert {other: main_process(victim, other) for other in others} == others
    until(victim.is_ready, 30, "readiness again")


def test_a_killed_web_worker_is_back_and_answers(victim: Portal) -> None:
    serving = until(lambda: serving_of(victim), 10, "the serving process")
    os.kill(serving.pid, signal.SIGKILL)
    until(lambda: not alive([serving]), 5, "it to end")
    until(victim.is_ready, 20, "an answer")
