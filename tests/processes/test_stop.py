"""Whatever ends the portal, nothing of it is left running."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from time import monotonic

import httpx
import pytest

from privacy_portal.processes.programs import SECONDS_TO_STOP
from tests.end_to_end.servers import rabbitmq
from tests.portal import ROOT, Portal
from tests.processes.family import Process, alive, descendants
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
MakePortal = Callable[..., Portal]


def whole_family(portal: Portal, more: int = 0) -> list[Process]:
    """The process manager, its four, the web process's own child, and its writer, as soon as they are there."""
    return until(
        lambda: len(found := descendants(portal.process.pid)) >= 7 + more and found, 60, "all processes to have started"
    )


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_of_it_cleanly(make_portal: MakePortal, by: signal.Signals) -> None:
    portal = make_portal().start()
    family = descendants(portal.process.pid)
    assert len(family) >= 7
    assert portal.stop(by) == 0
    assert not alive(family)


def test_it_does_beside_rabbitmq(make_portal: MakePortal) -> None:
    """Where nothing that happens at intervals wakes a worker's loop."""
    with rabbitmq() as environment:
        portal = make_portal(**environment).start()
        begun = monotonic()
        assert portal.stop() == 0
        assert monotonic() - begun < SECONDS_TO_STOP
        assert "SIGKILL" not in portal.output


def test_a_killed_foreground_process_leaves_nothing(make_portal: MakePortal) -> None:
    portal = make_portal().launch()
    family = whole_family(portal)
    portal.process.kill()
    until(lambda: not alive(family), 20, "every process to end")


def test_a_killed_process_manager_leaves_nothing(make_portal: MakePortal) -> None:
    portal = make_portal().launch()
    family = whole_family(portal)
    manager = next(process for process in family if "supervisord" in process.command)
    os.kill(manager.pid, signal.SIGKILL)
    assert portal.process.wait(20) == 1
    until(lambda: not alive(family), 10, "every process to end")


def test_a_killed_make_takes_the_portal_with_it(make_portal: MakePortal) -> None:
    portal = make_portal()
    # A process that, like make, starts it with MAKELEVEL set and is killed.
    script = "import subprocess, sys; subprocess.run([sys.executable, 'manage.py', 'up'])"
    portal.process = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**portal.variables(), "MAKELEVEL": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    family = whole_family(portal, more=1)
    portal.process.kill()
    until(lambda: not alive(family), 30, "every process to end")


def test_a_stop_writes_when_a_token_was_last_used(make_portal: MakePortal) -> None:
    """Which is written once a minute while it runs: the second use waits for its turn."""
    portal = make_portal().start()
    use(portal)
    until(lambda: last_used(portal), 20, "the first use written")
    second = datetime.now(UTC)
    use(portal)
    assert (written := last_used(portal))
    assert written < second
    assert portal.stop() == 0
    assert (written := last_used(portal))
    assert written >= second


def use(portal: Portal) -> None:
    url = f"{portal.url}/track/{portal.brand}/v1/track"
    answer = httpx.post(url, json={"userId": "u", "event": "e"}, headers={"auth-token": portal.server_token})
    assert answer.status_code == 200, answer.text


def last_used(portal: Portal) -> datetime | None:
    with closing(sqlite3.connect(portal.data_dir / "portal.sqlite3")) as database:
        (at,) = database.execute("SELECT last_used_at FROM brands_authtoken WHERE kind = 'server'").fetchone()
    return datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None
