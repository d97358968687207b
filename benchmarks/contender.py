"""A server that is measured by how many events a second it stores, and the rounds in which it is set against others."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from benchmarks import stage
from benchmarks.job import Job, Result
from benchmarks.load import run
from benchmarks.stage import Stage
from tests.end_to_end.servers import database

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
WARM_SECONDS = 1.0
WARM_AT_MOST = 30
STORES = {"SQLite": ""} | ({"PostgreSQL": "postgresql"} if os.environ.get("TEST_DATABASE_URL") else {})


@dataclass
class Contender:
    """`calls`: how many events a body holds; `extra_rows`: how many more rows it leaves in the table; `url`: of its
    PostgreSQL database."""

    name: str
    stage: Stage
    bodies: list[str]
    url: str = ""
    application: str = stage.PORTAL
    interface: str = "asgi"
    table: str = "tracking_event"
    path: str = ""
    calls: int = 1
    extra_rows: int = 0
    workers: int = 1
    load_threads: int = 1
    results: list[Result] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)

    def measure(self, connections: int, meanwhile: AbstractContextManager[None] | None = None) -> None:
        """One round. `meanwhile`: what goes on beside it, entered and left with the load."""
        with self.stage.serving(self.application, self.interface, self.workers):
            self._warm_up(connections)
            before = self.rows()
            with meanwhile or nullcontext():
                result = run(self.job(connections, SECONDS))
                written = self.rows() - before
            self.memory.append(self.stage.resident_mib())
        if result.refused:
            raise SystemExit(f"{self.name}: {result.refused} of {result.answered} requests were refused")
        # What is under way when the tool stops, here and before, is written and counted by nobody.
        each = self.calls + self.extra_rows
        if self.table and not each * result.answered <= written <= each * (result.answered + 2 * connections):
            raise SystemExit(f"{self.name}: {result.answered} answers, but {written} rows")
        self.results.append(result)

    def _warm_up(self, connections: int) -> None:
        """Until it answers, since the first requests wait for the writer's process to start, and once more."""
        warm = self.job(connections, WARM_SECONDS)
        for _ in range(WARM_AT_MOST):
            if run(warm).answered:
                break
        run(warm)

    @property
    def per_second(self) -> float:
        """Events a second, the median of the rounds."""
        return round(self.calls * median(result.per_second for result in self.results), 1)

    @property
    def tool_cpu(self) -> float:
        """The largest share of a core that the load tool took."""
        return max(result.tool_cpu for result in self.results)

    def rows(self) -> int:
        """What is really in the table."""
        if not self.table:
            return 0
        return int(self.value(f"SELECT count(*) FROM {self.table}"))

    def value(self, question: str) -> int:
        """The one number that a SELECT answers."""
        (row,) = self.ask(question)
        return int(row[0])

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        if self.url:
            with psycopg.connect(self.url) as connection:
                return connection.execute(question.encode()).fetchall()
        with closing(sqlite3.connect(next(self.stage.folder.glob("*.sqlite3")))) as connection:
            return connection.execute(question).fetchall()

    def job(self, connections: int, seconds: float) -> Job:
        path = self.path or self.stage.path
        return Job(self.stage.port, path, self.stage.token, self.bodies, connections, seconds, self.load_threads)


def compete(contenders: Sequence[Contender], connections: int) -> None:
    """Interleaved rounds, so that what the machine does beside hits all alike."""
    for one in contenders:
        one.results.clear()
        one.memory.clear()
    for number in range(ROUNDS):
        # Who was last is first, so that nobody always follows the same one.
        for one in contenders if number % 2 == 0 else reversed(contenders):
            one.measure(connections)


@contextmanager
def portal_on(store: str) -> Iterator[tuple[Stage, str]]:
    """A portal on a store of its own ("" is SQLite), and the URL of its PostgreSQL database."""
    with TemporaryDirectory(prefix="portal-bench-") as folder, database() if store else nullcontext("") as url:
        yield stage.portal(Path(folder), {"DATABASE_URL": url} if url else None), url
