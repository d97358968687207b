"""What deleting expired events costs those who send events meanwhile, on SQLite, where one writes at a time."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import stage
from benchmarks.contender import ROUNDS
from benchmarks.durable_events import bodies
from benchmarks.job import Job, Result
from benchmarks.load import run
from benchmarks.stage import ROOT, Stage
from tests.waiting import until

EXPIRED = 20_000
SECONDS = 10.0
CONNECTIONS = 8
LIMIT_MS = 50


def measure() -> dict[str, Any]:
    """The same sweep runs in both halves of a round; in the first it has nothing to delete."""
    quiet: list[Result] = []
    busy: list[Result] = []
    deleted = 0
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        served = stage.portal(Path(folder))
        with served.serving("privacy_portal.asgi:application", "asgi"):
            job = Job(served.port, served.path, served.token, bodies("userId"), CONNECTIONS, SECONDS)
            run(job)
            for _ in range(ROUNDS):
                served.run("manage.py", "configure_brand", "bench/bench/BENCH", "retention_days=")
                with sweeping(served):
                    quiet.append(run(job))
                served.run("-m", "benchmarks.expired", str(EXPIRED))
                with sweeping(served):
                    before = expired(served)
                    busy.append(run(job))
                    deleted += before - expired(served)
    if not deleted:
        raise SystemExit("nothing was deleted meanwhile")
    (p50, p99), (p50_then, p99_then) = times(quiet), times(busy)
    return {
        "nothing to delete: p50, p99 ms": [p50, p99],
        "while it deletes: p50, p99 ms": [p50_then, p99_then],
        f"p99 longer by, ms (under {LIMIT_MS})": round(p99_then - p99, 2),
        "deleted a second": round(deleted / SECONDS / ROUNDS),
    }


def times(results: list[Result]) -> tuple[float, float]:
    return median(one.p50_ms for one in results), median(one.p99_ms for one in results)


@contextmanager
def sweeping(served: Stage) -> Iterator[None]:
    command = [sys.executable, "manage.py", "sweep"]
    sweep = subprocess.Popen(command, cwd=ROOT, env=os.environ | served.environment, stderr=subprocess.DEVNULL)
    try:
        until(lambda: beats(served), 60, "the sweep's heartbeat")
        yield
    finally:
        sweep.send_signal(signal.SIGTERM)
        sweep.wait(60)


def beats(served: Stage) -> int:
    """Whether it has looked once."""
    return asked(served, "SELECT count(*) FROM durable_heartbeat WHERE at > datetime('now', '-1 second')")


def expired(served: Stage) -> int:
    return asked(
        served, "SELECT count(*) FROM tracking_event WHERE brand_id = 1 AND received_at < datetime('now', '-30 days')"
    )


def asked(served: Stage, question: str) -> int:
    with sqlite3.connect(served.folder / "portal.sqlite3") as connection:
        return int(connection.execute(question).fetchone()[0])
