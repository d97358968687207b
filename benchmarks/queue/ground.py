"""What a queue is carried out on: a database and a vhost of its own, an upstream, workers; all gone afterwards."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import httpx
import psycopg

from benchmarks.stage import ROOT, SECRETS, free_port, wait_for
from privacy_portal.tether import mark
from tests.end_to_end.servers import rabbitmq, server

UPSTREAMS = 16
"""Brands, each with an upstream of its own: 100 updates a second to each are then no limit."""
THREADS = ("--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle", "--without-heartbeat")


def tethered(*command: str) -> list[str]:
    """Ends with us, whatever ends us."""
    return [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "privacy_portal.tether",
        "--",
        sys.executable,
        "-W",
        "ignore",
        *command,
    ]


@dataclass
class Run:
    """One queue and the processes that work on it, in the environment of the portal."""

    environment: dict[str, str]
    upstream: int
    database: psycopg.Connection[Any]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def do(self, *command: str) -> None:
        subprocess.run([sys.executable, *command], cwd=ROOT, env=os.environ | self.environment, check=True)

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(tethered(*command), cwd=ROOT, env=mark() | self.environment, start_new_session=True)
        self.processes.append(process)
        return process

    def start_worker(self, app: str, name: str) -> subprocess.Popen[bytes]:
        return self.start("-m", "celery", "--quiet", "-A", app, "worker", *THREADS, "-n", name)

    def stop(self) -> None:
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def asked(self, query: str, *parameters: object) -> Any:
        """The one value that this query answers."""
        row = self.database.execute(query, parameters).fetchone()
        return row[0] if row else None

    def updates(self) -> dict[str, int]:
        return dict(httpx.get(f"http://127.0.0.1:{self.upstream}/").json())


class Ground:
    """Databases are filled once for each size, and copied for each run."""

    def __init__(self) -> None:
        self._server = urlsplit(server("TEST_DATABASE_URL"))
        self._ports = [free_port() for _ in range(UPSTREAMS)]
        self._filled: dict[int, str] = {}

    @contextmanager
    def run(self, waiting: int) -> Iterator[Run]:
        name, template = f"portal_bench_{uuid4().hex}", self._template(waiting)
        self._administer(f"CREATE DATABASE {name} TEMPLATE {template}")
        ports = ",".join(map(str, self._ports))
        try:
            with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder, rabbitmq() as broker:
                environment = self._environment(Path(folder), name) | broker
                with psycopg.connect(self._url(name), autocommit=True) as database:
                    # Copying it left a checkpoint to be made, of a long queue a large one, beside what is measured.
                    database.execute("CHECKPOINT")
                    run = Run(environment, self._ports[0], database)
                    try:
                        run.start("-m", "benchmarks.queue.upstream", ports)
                        wait_for(self._ports[-1])
                        yield run
                    finally:
                        run.stop()
        finally:
            self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        for name in self._filled.values():
            self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    def _template(self, waiting: int) -> str:
        if waiting not in self._filled:
            name = self._filled[waiting] = f"portal_bench_{uuid4().hex}"
            self._administer(f"CREATE DATABASE {name}")
            with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
                environment = (
                    os.environ | self._environment(Path(folder), name) | {"CELERY_BROKER_URL": "amqp://localhost"}
                )
                command = ("-m", "benchmarks.queue.fill", str(waiting), ",".join(map(str, self._ports)))
                subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True)
        return self._filled[waiting]

    def _environment(self, folder: Path, database: str) -> dict[str, str]:
        return {
            "DATABASE_URL": self._url(database), "PORTAL_DATA_DIR": str(folder), "PORTAL_ENV_FILE": os.devnull,
            "ALLOWED_HOSTS": "*", "LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "privacy_portal.settings",
            **{name: f"{name} of a benchmark".ljust(44, "0") for name in SECRETS},
        }  # fmt: skip

    def _url(self, database: str) -> str:
        return urlunsplit(self._server._replace(path=f"/{database}"))

    def _administer(self, statement: str) -> None:
        with psycopg.connect(urlunsplit(self._server), autocommit=True) as administrator:
            administrator.execute(statement)
