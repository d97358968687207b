"""Nothing received after a closing answer is stored, nothing of an erased person survives, and the sum is right, while
several processes ingest and regulations of all types hit the same people (contract T8, T13, T14, G10)."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from regulations.types import TYPES
from tests.end_to_end.servers import database, rabbitmq
from tests.end_to_end.test_seven_types import KEYS
from tests.faults.stage import ALL
from tests.portal import ROOT, Portal

# `make faults` races for minutes, a usual run for seconds.
EVENTS, REGULATIONS, SECONDS = (100_000, 1_000, 3_000) if ALL else (2_000, 40, 180)


@pytest.fixture(params=["sqlite", "postgresql"])
def racing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Portal]:
    if request.param == "sqlite" and not ALL:
        yield request.getfixturevalue("portal")
        return
    with ExitStack() as stack:
        environment = {"WEB_PROCESSES": "1"}
        if request.param == "postgresql":
            servers = {"DATABASE_URL": stack.enter_context(database()), **stack.enter_context(rabbitmq())}
            environment |= {"ALLOWED_HOSTS": "127.0.0.1", **servers, **KEYS}
        portal = Portal(tmp_path / "portal", environment=environment).start()
        stack.callback(portal.stop)
        yield portal


def race(portal: Portal, folder: Path, events: int, regulations: int, *more: str) -> dict[str, Any]:
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.window", str(events), str(regulations), str(folder), *more],
        cwd=ROOT, env=portal.variables(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.timeout(SECONDS)
def test_the_window_is_zero(racing: Portal, tmp_path: Path) -> None:
    assert_zero(race(racing, tmp_path / "logs", EVENTS, REGULATIONS))


@pytest.mark.all_faults
@pytest.mark.timeout(3_000)
def test_it_is_at_full_load_too(racing: Portal, tmp_path: Path) -> None:
    """While another brand sends all that the door takes."""
    report = race(racing, tmp_path / "logs", 50_000, 500, "flood")
    assert_zero(report)
    assert report["counts"]["flooding events a second"] > 100, report


def assert_zero(report: dict[str, Any]) -> None:
    print(json.dumps(report))  # shown when it fails, or with -rP
    assert report["violations"] == {}, report
    counts = report["counts"]
    # A race that closed no gate in time, or stored nothing, would have proved nothing.
    for seen in ("stored", "suppressed", "not_tracked", "erased", "people gone for good", "own updates"):
        assert counts[seen] > 0, report
    for rule in ("received after Suppress was answered", "received after NoTrack was answered"):
        assert counts[rule] > 0, report
        assert counts[f"{rule}, by device"] > 0, report
    assert counts["calls"] > counts["messages"], "some were sent twice"
    assert {name.split()[0] for name in counts} >= set(TYPES), report
