"""Who stores an event that is to be forwarded rings for the workers, at the portal's own broker."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.portal import Portal
from tests.processes.asking import track
from tests.processes.family import main_process
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")


@contextmanager
def alone(portal: Portal) -> Iterator[None]:
    """The web process and its children: nobody else rings or hears."""
    others = [until(lambda name=name: main_process(portal, name), 10, name) for name in ("worker", "beat", "sweep")]
    for process in others:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in others:
            os.kill(process.pid, signal.SIGCONT)


def test_the_writer_rings_at_the_portals_broker(victim: Portal) -> None:
    done = victim.manage("configure_brand", victim.brand, "upstream_url=http://127.0.0.1:9", "forwarding=on")
    assert done.returncode == 0, done.stderr

    def messages() -> set[str]:
        return {path.name for path in (victim.data_dir / "broker" / "messages").glob("*.privacy_portal.msg")}

    with alone(victim):
        before = messages()

        def is_rung_for() -> set[str]:
            assert track(victim).status_code == 200  # the setting may be a second from being in force
            return messages() - before

        until(is_rung_for, 10, "a bell", every=0.5)
    assert "bell.not_heard" not in victim.output
