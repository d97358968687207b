"""Suppress, request to answer, against one ordinary write: idle, and while events flow in."""

import json
import sqlite3
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import stage
from benchmarks.durable_events import bodies, rows
from benchmarks.load import Job, run
from benchmarks.stage import Stage

ASKED = 100
PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000"


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        served = stage.portal(Path(folder))
        with served.serving("privacy_portal.asgi:application", "asgi"):
            suppress(served, "warm")
            idle = both(served, "idle")
            before = rows(Path(folder), "portal")
            flow = threading.Thread(
                target=run, args=[Job(served.port, served.path, served.token, bodies("userId"), 8, 20)]
            )
            flow.start()
            time.sleep(1)
            busy = both(served, "busy")
            flow.join()
            written = rows(Path(folder), "portal") - before
    return {"idle": idle, "while events flow": busy | {"events written meanwhile": written}}


def both(served: Stage, name: str) -> dict[str, Any]:
    """Taken in turn, so that both meet the same machine."""
    write = ordinary_write(served)
    suppressed, written = [], []
    for number in range(ASKED):
        suppressed.append(timed(lambda number=number: suppress(served, f"{name}-{number}")))
        written.append(timed(write))
    ratio = at(suppressed, 0.99) / at(written, 0.99)
    return {
        "suppress p50, p99 ms": [at(suppressed, 0.5), at(suppressed, 0.99)],
        "write p50, p99 ms": [at(written, 0.5), at(written, 0.99)],
        "p99 ratio (under 5)": round(ratio, 2),
    }


def suppress(served: Stage, user_id: str) -> None:
    body = json.dumps({"brand": "bench/bench/BENCH", "type": "suppress", "user_id": user_id}).encode()
    headers = {"Authorization": f"Bearer {served.api_token}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{served.port}/api/v1/regulations/"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        if answer.status != 202:
            raise SystemExit(f"suppress was answered {answer.status}")


def ordinary_write(served: Stage) -> Callable[[], None]:
    """One row into a table of its own in the same database, in its own transaction."""
    connection = sqlite3.connect(served.folder / "portal.sqlite3", isolation_level=None)
    connection.executescript(PRAGMAS)
    connection.execute("CREATE TABLE IF NOT EXISTS benchmark (id INTEGER PRIMARY KEY, text TEXT)")

    def write() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO benchmark (text) VALUES ('x')")
        connection.execute("COMMIT")

    return write


def timed(act: Callable[[], None]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def at(times: list[float], share: float) -> float:
    return round(sorted(times)[int(len(times) * share)], 2)
