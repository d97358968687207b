"""The servers that are measured: each in its own process, on the same granian, with a data folder that goes with it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNLIMITED = "1000000"
PORTAL = "privacy_portal.asgi:application"
BASELINE = "benchmarks.baseline_drf.wsgi:application"
ECHO = "benchmarks.echo:application"
SECRETS = ("SECRET_KEY", "PORTAL_ENCRYPTION_KEYS", "PORTAL_SUBJECT_KEY")


@dataclass
class Stage:
    folder: Path
    port: int = 0
    token: str = "benchmark"
    api_token: str = ""
    path: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    server: subprocess.Popen[bytes] | None = None

    def run(self, *command: str) -> str:
        """A command beside the server; what it printed."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    @contextmanager
    def serving(self, application: str = PORTAL, interface: str = "asgi", workers: int = 1) -> Iterator["Stage"]:
        command = [sys.executable, "-m", "granian", "--interface", interface, "--no-ws", "--log-level", "error"]
        command += ["--host", "127.0.0.1", "--port", str(self.port), "--workers", str(workers)]
        if interface == "wsgi":
            # As many as help it here; each holds a database connection.
            command += ["--blocking-threads", "8"]
        command.append(application)
        environment = os.environ | self.environment | {"WEB_PROCESSES": str(workers)}
        self.server = subprocess.Popen(command, cwd=ROOT, env=environment)
        try:
            wait_for(self.port)
            yield self
        finally:
            self.server.terminate()
            self.server.wait(20)

    def resident_mib(self) -> tuple[float, float]:
        """What the server's processes hold in memory together: all of it, and what of that are pages of files, which
        the system takes back when it needs them. 0.0 where it does not tell."""
        assert self.server is not None
        pids = list(_with_children(self.server.pid))
        everything, of_files = (sum(_resident_kib(pid, line) for pid in pids) for line in ("VmRSS", "RssFile"))
        return round(everything / 1024, 1), round(of_files / 1024, 1)


def portal(folder: Path, database: dict[str, str] | None = None) -> Stage:
    """The product's web process with one brand: on the embedded default, or on the database of these settings."""
    port = free_port()
    environment = {"PORTAL_DATA_DIR": str(folder), "PORTAL_ENV_FILE": os.devnull, "PORT": str(port)}
    if database:
        environment |= database | {"ALLOWED_HOSTS": "*"}
        environment |= {name: f"{name} of a benchmark".ljust(44, "0") for name in SECRETS}
    stage = Stage(folder, port, path="/track/bench/bench/BENCH/v1/track", environment=environment)
    stage.run("manage.py", "migrate", "--verbosity", "0")
    stage.run("manage.py", "create_brand", "bench", "bench", "BENCH")
    limits = ("--kind", "server", "--rate", UNLIMITED, "--burst", UNLIMITED)
    stage.token = stage.run("manage.py", "create_auth_token", "bench", "bench", "BENCH", *limits)
    stage.api_token = stage.run("manage.py", "create_api_token", "--role", "dpo", "--brand", "bench/bench/BENCH")
    return stage


def baseline(folder: Path, database: dict[str, str] | None = None) -> Stage:
    """The plain DRF project, on the same store."""
    environment = {"BASELINE_DATA_DIR": str(folder)} | (database or {})
    stage = Stage(folder, free_port(), path="/track", environment=environment)
    stage.run("-m", "benchmarks.baseline_drf.prepare", stage.token)
    return stage


def echo(folder: Path) -> Stage:
    return Stage(folder, free_port())


def _with_children(pid: int) -> Iterator[int]:
    yield pid
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in tasks.read_text().split():
            yield from _with_children(int(child))


def _resident_kib(pid: int, name: str) -> int:
    told = Path(f"/proc/{pid}/status")
    lines = told.read_text().splitlines() if told.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("a server did not start")
