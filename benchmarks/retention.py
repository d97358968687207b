"""What deleting expired events costs those who send events meanwhile, on SQLite, where one writes at a time."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import stage
from benchmarks.durable_events import bodies
from benchmarks.job import Job
from benchmarks.load import run
from benchmarks.stage import ROOT, Stage
from tests.waiting import until

EXPIRED = 20_000
SECONDS = 10.0
CONNECTIONS = 8
LIMIT_MS = 50


def measure() -> dict[str, Any]:
    """The same sweep runs in both halves; in the first it has nothing to delete."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        served = stage.portal(Path(folder))
        with served.serving("privacy_portal.asgi:application", "asgi"):
            job = Job(served.port, served.path, served.token, bodies("userId"), CONNECTIONS, SECONDS)
            run(job)
            with sweeping(served):
                quiet = asdict(run(job))
            served.run("-m", "benchmarks.expired", str(EXPIRED))
            with sweeping(served):
                before = expired(served)
                busy = asdict(run(job))
                deleted = before - expired(served)
    if not deleted:
        raise SystemExit("nothing was deleted meanwhile")
    return {
        "nothing to delete: p50, p99 ms": [quiet["p50_ms"], quiet["p99_ms"]],
        "while it deletes: p50, p99 ms": [busy["p50_ms"], busy["p99_ms"]],
        f"p99 longer by, ms (under {LIMIT_MS})": round(busy["p99_ms"] - quiet["p99_ms"], 2),
        "events a second: before, meanwhile": [quiet["per_second"], busy["per_second"]],
        "deleted a second": round(deleted / SECONDS),
    }


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
