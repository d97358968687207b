"""Forwarding by the real processes: a worker killed between the upstream's answer and its own note loses nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.speaking import Caller
from tests.factories.forwarding import ids_in
from tests.portal import Portal
from tests.upstream.server import Upstream
from tests.waiting import until

PLACES = ("job.performed Forwarding", "job.ended Forwarding")


@pytest.fixture
def fault(tmp_path: Path) -> Path:
    return tmp_path / "fault"


@pytest.fixture
def caller(tmp_path: Path, fault: Path, upstream: Upstream) -> Iterator[Caller]:
    portal = Portal(tmp_path / "portal", environment={"PORTAL_FAULT_FILE": str(fault)}).start()
    try:
        settings = (f"upstream_url={upstream.url}", "forwarding=on")
        done = portal.manage("configure_brand", portal.brand, *settings)
        assert done.returncode == 0, done.stderr
        yield Caller(portal)
    finally:
        portal.stop()


def test_events_arrive_in_order_under_their_ids_whatever_is_killed(
    caller: Caller, upstream: Upstream, fault: Path
) -> None:
    def sent() -> str:
        return caller.track("track", {"userId": "u1", "event": "Bought"})

    until(lambda: caller.status(sent()) == "forwarding" or upstream.messages, 5, "the setting in force")
    ids = [sent()]
    for place in PLACES:
        fault.write_text(place)
        ids += [sent() for _ in range(5)]
        until(lambda: not fault.exists(), 30, f"a process dying at {place}")
    until(lambda: caller.status(ids[-1]) == "forwarded", 60, "everything forwarded")
    assert {caller.status(event_id) for event_id in ids} == {"forwarded"}
    first_seen = list(dict.fromkeys(ids_in(upstream)))
    assert [event_id for event_id in first_seen if event_id in ids] == ids
    assert len(ids_in(upstream)) > len(first_seen), "what was killed after the answer came twice"
