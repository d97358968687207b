"""Single durable events: this product against a plain DRF view, and both against a server that only answers.

All checks on, 100,000 people suppressed; on SQLite, and on PostgreSQL where TEST_DATABASE_URL names a server.
"""

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from benchmarks import stage
from benchmarks.job import Job, Result
from benchmarks.load import run
from benchmarks.stage import Stage
from tests.end_to_end.servers import database

ROUNDS = 3
SECONDS = 3.0
CONNECTIONS = (64, 16, 256)
SUPPRESSED = 100_000


def bodies(name_of_user: str) -> list[str]:
    return [
        json.dumps({
            name_of_user: f"user-{number}", "event": "Product Added", "timestamp": "2026-01-02T03:04:05.678Z",
            "properties": {"product_id": f"sku-{number}", "price": 19.99, "currency": "EUR", "quantity": 1},
            "context": {"page": {"path": "/shop", "title": "Shop"}, "locale": "en-GB"},
        })
        for number in range(200)
    ]  # fmt: skip


@dataclass
class Contender:
    """A server that is measured, and where its rows are counted."""

    name: str
    stage: Stage
    application: str
    interface: str
    bodies: list[str]
    table: str = ""
    url: str = ""
    results: list[Result] = field(default_factory=list)

    def measure(self, connections: int) -> None:
        with self.stage.serving(self.application, self.interface):
            run(self._job(connections, 1))
            before = self.rows()
            result = run(self._job(connections, SECONDS))
            written = self.rows() - before
        if result.refused:
            raise SystemExit(f"{self.name}: {result.refused} of {result.answered} requests were refused")
        # What is under way when the tool stops, here and before, is written and counted by nobody.
        if self.table and not result.answered <= written <= result.answered + 2 * connections:
            raise SystemExit(f"{self.name}: {result.answered} answers, but {written} rows")
        self.results.append(result)

    def rows(self) -> int:
        """What is really in the table."""
        if not self.table:
            return 0
        counting = f"SELECT count(*) FROM {self.table}"
        if self.url:
            with psycopg.connect(self.url) as connection:
                row = connection.execute(counting).fetchone()
        else:
            with sqlite3.connect(next(self.stage.folder.glob("*.sqlite3"))) as connection:
                row = connection.execute(counting).fetchone()
        return int(row[0]) if row else 0

    def _job(self, connections: int, seconds: float) -> Job:
        return Job(self.stage.port, self.stage.path, self.stage.token, self.bodies, connections, seconds)


def measure() -> dict[str, Any]:
    found = {"SQLite": _measure("")}
    if os.environ.get("TEST_DATABASE_URL"):
        found["PostgreSQL"] = _measure("postgresql")
    return found


def _measure(store: str) -> dict[str, Any]:
    """Interleaved rounds, so that what the machine does beside hits all alike; medians."""
    with _contenders(store) as all_of_them:
        table = {}
        for connections in CONNECTIONS:
            for one in all_of_them:
                one.results.clear()
            for _ in range(ROUNDS):
                for one in all_of_them:
                    one.measure(connections)
            table[f"{connections} connections"] = _summary(*all_of_them)
    return table


@contextmanager
def _contenders(store: str) -> Iterator[list[Contender]]:
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        places = [Path(folder, name) for name in ("portal", "drf", "echo")]
        for place in places:
            place.mkdir()
        with database() if store else nullcontext("") as first, database() if store else nullcontext("") as second:
            portal = stage.portal(places[0], {"DATABASE_URL": first} if store else None)
            portal.run("-m", "benchmarks.people", str(SUPPRESSED))
            plain = stage.baseline(places[1], {"BASELINE_DATABASE_URL": second} if store else None)
            yield [
                Contender(
                    "portal", portal, "privacy_portal.asgi:application", "asgi", bodies("userId"),
                    "tracking_event", first,
                ),
                Contender(
                    "DRF", plain, "benchmarks.baseline_drf.wsgi:application", "wsgi", bodies("user_id"),
                    "events_event", second,
                ),
                Contender("echo", stage.echo(places[2]), "benchmarks.echo:application", "asgi", bodies("userId")),
            ]  # fmt: skip


def _summary(portal: Contender, plain: Contender, echo: Contender) -> dict[str, Any]:
    rate = [median(result.per_second for result in one.results) for one in (portal, plain, echo)]
    times = [median(getattr(result, name) for result in portal.results) for name in ("p50_ms", "p99_ms")]
    return {
        "a second: portal, DRF, echo": rate,
        "portal : echo": round(rate[0] / rate[2], 2),
        "portal : DRF": round(rate[0] / rate[1], 1),
        "portal p50, p99 ms": times,
        "DRF p50 ms": median(result.p50_ms for result in plain.results),
        "load tool's share of a core": max(one.tool_cpu for each in (portal, plain, echo) for one in each.results),
    }
