"""Suppress, request to answer, against one ordinary write: idle, and while events flow in."""

import json
import sqlite3
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import stage
from benchmarks.durable_events import bodies
from benchmarks.job import Job
from benchmarks.load import run
from benchmarks.stage import Stage

ASKED = 300
PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000"


def measure() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        places = [Path(folder, name) for name in ("portal", "drf")]
        for place in places:
            place.mkdir()
        served, plain = stage.portal(places[0]), stage.baseline(places[1])
        with (
            served.serving(),
            plain.serving(stage.BASELINE, "wsgi"),
        ):
            suppress(served, "warm")
            idle = compared(served, plain, "idle")
            before = events(served)
            flood = Job(served.port, served.path, served.token, bodies("userId"), 8, 45)
            flow = threading.Thread(target=run, args=[flood])
            flow.start()
            time.sleep(1)
            busy = compared(served, plain, "busy")
            flow.join()
            written = events(served) - before
    return {"idle": idle, "while events flow": busy | {"events written meanwhile": written}}


def compared(served: Stage, plain: Stage, name: str) -> dict[str, Any]:
    """Taken in turn, so that all meet the same machine. A write is ordinary as a request that inserts one row; the bare
    INSERT beside it has no HTTP, no authorisation and no Python to speak of."""
    insert = bare_insert(served)
    took: dict[str, list[float]] = {"suppress": [], "write by a DRF request": [], "bare INSERT": []}
    for number in range(ASKED):
        took["suppress"].append(timed(partial(suppress, served, f"{name}-{number}")))
        took["write by a DRF request"].append(timed(partial(write, plain)))
        took["bare INSERT"].append(timed(insert))
    table: dict[str, Any] = {f"{what} p50, p99 ms": [at(times, 0.5), at(times, 0.99)] for what, times in took.items()}
    p99 = {what: at(times, 0.99) for what, times in took.items()}
    table["p99 : a write's by a request (under 5)"] = round(p99["suppress"] / p99["write by a DRF request"], 2)
    table["p99 : a bare INSERT's"] = round(p99["suppress"] / p99["bare INSERT"], 2)
    return table


def suppress(served: Stage, user_id: str) -> None:
    body = json.dumps({"brand": "bench/bench/BENCH", "type": "suppress", "user_id": user_id}).encode()
    headers = {"Authorization": f"Bearer {served.api_token}", "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{served.port}/api/v1/regulations/"
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as answer:
        if answer.status != 202:
            raise SystemExit(f"suppress was answered {answer.status}")


def write(plain: Stage) -> None:
    headers = {"auth-token": plain.token, "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{plain.port}{plain.path}"
    with urllib.request.urlopen(urllib.request.Request(url, bodies("user_id")[0].encode(), headers)) as answer:
        answer.read()


def bare_insert(served: Stage) -> Callable[[], None]:
    """One row into a table of its own in the same database, in its own transaction."""
    connection = sqlite3.connect(served.folder / "portal.sqlite3", isolation_level=None)
    connection.executescript(PRAGMAS)
    connection.execute("CREATE TABLE IF NOT EXISTS benchmark (id INTEGER PRIMARY KEY, text TEXT)")

    def insert() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO benchmark (text) VALUES ('x')")
        connection.execute("COMMIT")

    return insert


def events(served: Stage) -> int:
    with sqlite3.connect(served.folder / "portal.sqlite3") as connection:
        return int(connection.execute("SELECT count(*) FROM tracking_event").fetchone()[0])


def timed(act: Callable[[], None]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - began)


def at(times: list[float], share: float) -> float:
    return round(sorted(times)[int(len(times) * share)], 2)
