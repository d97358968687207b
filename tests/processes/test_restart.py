"""A process that is killed is back within five seconds, however often, and the others keep running."""

import os
import signal
import sys
import time
from collections.abc import Iterator

import pytest

from tests.portal import Portal
from tests.processes.family import Process, alive, descendants
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
SIGNS = {"web": "granian", "worker": "celery --quiet -A privacy_portal worker", "beat": "beat", "sweep": "sweep"}


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    portal = Portal(tmp_path_factory.mktemp("victim")).start()
    yield portal
    portal.stop()


def main_process(portal: Portal, name: str) -> Process | None:
    """The process of this name that the process manager started itself."""
    family = descendants(portal.process.pid)
    manager = next(process for process in family if "supervisord" in process.command)
    found = [process for process in family if process.parent == manager.pid and SIGNS[name] in process.command]
    # Until it has become the command, a process is still the tether that names it.
    return next((process for process in found if "privacy_portal.tether" not in process.command), None)


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
        after = until(lambda: main_process(victim, name), 10, f"a new {name}")
        assert time.monotonic() - began < 5
        assert after.pid != before.pid
        until(lambda family=family: not alive(family), 5, "its children to end")
        assert {other: main_process(victim, other) for other in others} == others
    until(lambda: is_ready(victim), 30, "readiness again")


def test_a_killed_web_worker_is_back_and_answers(victim: Portal) -> None:
    main = until(lambda: main_process(victim, "web"), 10, "web")
    serving = until(lambda: descendants(main.pid), 10, "the serving process")
    os.kill(serving[0].pid, signal.SIGKILL)
    began = time.monotonic()
    until(lambda: not alive(serving[:1]), 5, "it to end")
    until(lambda: is_ready(victim), 10, "an answer")
    assert time.monotonic() - began < 8


def is_ready(portal: Portal) -> bool:
    try:
        return portal.get("/readyz").startswith(b'{"status": "ok"')
    except OSError:
        return False
