"""A portal on each kind of database, with the backup that docs/backup.md tells to make of it."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.servers import database
from tests.end_to_end.test_seven_types import KEYS
from tests.portal import Portal

FILES = ("portal.sqlite3", "portal.sqlite3-wal", "portal.sqlite3-shm")


@dataclass
class Embedded:
    """SQLite in the data folder, the marks beside it."""

    portal: Portal

    @property
    def marks(self) -> Path:
        return self.portal.data_dir / "marks.jsonl"

    def back_up(self, to: Path) -> None:
        with closing(sqlite3.connect(self.portal.data_dir / FILES[0])) as live, closing(sqlite3.connect(to)) as copy:
            live.backup(copy)

    def restore(self, backup: Path) -> None:
        for name in FILES:
            (self.portal.data_dir / name).unlink(missing_ok=True)
        shutil.copy(backup, self.portal.data_dir / FILES[0])

    def content(self) -> bytes:
        with closing(sqlite3.connect(self.portal.data_dir / FILES[0])) as live:
            return "\n".join(live.iterdump()).encode()


@dataclass
class PostgreSQL:
    """The marks in the folder that hosts share."""

    portal: Portal
    url: str

    @property
    def marks(self) -> Path:
        storage = self.portal.environment.get("PORTAL_STORAGE_URL") or (self.portal.data_dir / "storage").as_uri()
        return Path(urlsplit(storage).path) / "marks.jsonl"

    def back_up(self, to: Path) -> None:
        run("pg_dump", "--format=custom", f"--file={to}", self.url)

    def restore(self, backup: Path) -> None:
        run("pg_restore", "--clean", "--if-exists", "--exit-on-error", f"--dbname={self.url}", str(backup))

    def content(self) -> bytes:
        """Each column of each table, binary ones in hexadecimal."""
        return run("pg_dump", "--inserts", self.url)


Store = Embedded | PostgreSQL


def run(*command: str) -> bytes:
    done = subprocess.run(command, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@contextmanager
def postgresql(folder: Path, **environment: str) -> Iterator[PostgreSQL]:
    if shutil.which("pg_restore") is None:
        pytest.skip("pg_restore is not on the PATH")
    with database() as url:
        shape = {"DATABASE_URL": url, "ALLOWED_HOSTS": "127.0.0.1", "WEB_PROCESSES": "1", **KEYS, **environment}
        with running(Portal(folder, environment=shape)) as portal:
            yield PostgreSQL(portal, url)


@contextmanager
def embedded(folder: Path, **environment: str) -> Iterator[Embedded]:
    with running(Portal(folder, environment=environment)) as portal:
        yield Embedded(portal)


@contextmanager
def running(portal: Portal) -> Iterator[Portal]:
    try:
        yield portal.start()
    finally:
        if portal.is_running:
            portal.stop()
