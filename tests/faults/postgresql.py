"""A PostgreSQL server of a test's own, which it may stop as it likes."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.portal import free_port

# PostgreSQL refuses to run as root.
OWNER = "postgres" if os.geteuid() == 0 else None


def program(name: str) -> str:
    """Distributions keep the server's programs off the PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(installed[-1]) if installed else "")
    if not found:
        pytest.skip(f"PostgreSQL's {name} is not installed")
    return found


class Cluster:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._run("initdb", "--pgdata", self._data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8")

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "start", "-w", "-D", self._data, "-l", str(self.folder / "log"), "-o", options)

    def stop(self, mode: str = "fast") -> None:
        """`fast` ends every connection and writes a checkpoint; `immediate` is as a crash: the next start recovers."""
        self._run("pg_ctl", "stop", "-w", "-D", self._data, "-m", mode)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _run(self, name: str, *arguments: str) -> None:
        command = [program(name), *arguments]
        subprocess.run(command, user=OWNER, cwd=self.folder, check=True, capture_output=True, timeout=60)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Running, and gone afterwards. Not in pytest's folders, which only their owner may enter."""
    program("initdb")  # else there is no such owner either
    folder = Path(tempfile.mkdtemp(prefix="privacy-portal-postgresql-"))
    try:
        shutil.chown(folder, OWNER or os.geteuid())
        running = Cluster(folder)
        running.start()
        try:
            yield running
        finally:
            running.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
