"""A worker killed at any named place: the regulation still reaches its one end, with no human (contract G4)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from privacy_portal.durable.faults import POINTS
from regulations.types import TYPES
from tests.end_to_end.speaking import Caller
from tests.faults.invariants import violations
from tests.portal import Portal
from tests.waiting import until

FIRST = {"delete": "suppress", "unsuppress": "suppress", "track": "no_track"}
# `make faults` takes every place with every type; a usual run each place, with types in turn.
KINDS = sorted(TYPES)
PAIRS = (
    [(point, kind) for point in POINTS for kind in KINDS]
    if os.environ.get("PORTAL_ALL_FAULTS")
    else [(point, "suppress_and_delete") for point in POINTS]
    + [("job.performed", kind) for kind in ("access", "track")]
)
UNREACHABLE = {
    "job.progressed": {kind for kind in KINDS if kind not in ("access", "delete", "suppress_and_delete")},
    "regulation.forgotten": {kind for kind in KINDS if kind not in ("delete", "suppress_and_delete")},
}


@pytest.fixture(scope="module")
def fault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fault") / "point"


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory, fault: Path) -> Iterator[Caller]:
    portal = Portal(tmp_path_factory.mktemp("portal"), environment={"PORTAL_FAULT_FILE": str(fault)}).start()
    try:
        yield Caller(portal)
    finally:
        portal.stop()


@pytest.mark.parametrize(
    ("point", "kind"), [(point, kind) for point, kind in PAIRS if kind not in UNREACHABLE.get(point, ())]
)
def test_it_ends_as_if_nothing_had_happened(caller: Caller, fault: Path, point: str, kind: str) -> None:
    person = f"{point} {kind}"
    events = [caller.track("track", {"userId": person, "event": "Bought"}) for _ in range(3)]
    if kind in FIRST:
        assert caller.regulate(FIRST[kind], person)["status"] == "finished"
    fault.write_text(point)
    regulation = caller.regulate(kind, person)
    until(lambda: not fault.exists(), what=f"a process dying at {point}")
    assert violations(caller, regulation, person, events) == []
