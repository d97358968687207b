"""The whole product, running: `manage.py up` with a data folder and a port of its own, spoken to over HTTP."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.conf import settings

from tests.waiting import until

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_START = 90
LINES = {
    "staff_user": r"Staff user +(\S+)",
    "staff_password": r"Staff password +(\S+)",
    "server_token": r"Server auth-token +(\S+)",
    "js_token": r"JS-tag auth-token +(\S+)",
    "api_token": r"API token +(\S+)",
}
# Databases and keys that the test run has for itself are not a portal's.
FOREIGN = ("DATABASE_URL", "SECRET_KEY", "PORTAL_ENCRYPTION_KEYS", "PORTAL_SUBJECT_KEY", "ALLOWED_HOSTS")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Portal:
    """One run of the product. Credentials are there after its first start only."""

    data_dir: Path
    port: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    server_token: str = ""
    js_token: str = ""
    api_token: str = ""
    staff_user: str = ""
    staff_password: str = ""
    output: str = ""
    process: subprocess.Popen[str] = field(init=False)
    brand = "acme/acme/ACME"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def is_running(self) -> bool:
        return hasattr(self, "process") and self.process.poll() is None

    def variables(self) -> dict[str, str]:
        """What this portal's processes, and commands beside them, see of the environment."""
        own = {"PORTAL_DATA_DIR": str(self.data_dir), "PORT": str(self.port), "PORTAL_PRINT_CREDENTIALS": "1"}
        inherited = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        return {**inherited, **own, **self.environment}

    def launch(self, **more: Any) -> "Portal":
        """Start it without waiting; `more` is for `Popen`."""
        self.output = ""
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=self.variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **more,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def start(self, *, afresh: bool = False, **more: Any) -> "Portal":
        """Start it and wait until it says that it is ready. On SQLite a portal without data begins with those that a
        first start leaves, which is a quarter of that start's work; `afresh`: it makes its own."""
        if not afresh and self._is_new() and self._makes_its_own_keys():
            self._begin_with(_first())
        self.launch(**more)
        until(self._is_ready_or_over, SECONDS_TO_START, f"the ready line in: {self.output}")
        if self.process.poll() is not None:
            self._reader.join(5)
            raise AssertionError(f"the portal did not start: {self.output}")
        for name, pattern in LINES.items():
            if found := re.search(pattern, self.output):
                setattr(self, name, found[1])
        return self

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """End it and return its exit code."""
        self.process.send_signal(by)
        code = self.process.wait(30)
        self._reader.join(5)
        return code

    def manage(self, *command: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command of manage.py against this portal's data."""
        return self.python("manage.py", *command, stdin=stdin)

    def python(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run Python with what this portal's processes see of the environment."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.variables(),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def get(self, path: str) -> bytes:
        with urlopen(self.url + path, timeout=10) as response:
            return bytes(response.read())

    def is_alive(self) -> bool:
        """Whether the web process answers at all."""
        try:
            return self.get("/healthz") == b'{"status": "ok"}'
        except OSError:
            return False

    def checks(self) -> dict[str, str]:
        """What /readyz says of each part."""
        try:
            return dict(json.loads(self.get("/readyz"))["checks"])
        except HTTPError as answer:
            return dict(json.load(answer)["checks"])

    def is_ready(self) -> bool:
        try:
            return set(self.checks().values()) == {"ok"}
        except OSError:
            return False

    def _is_new(self) -> bool:
        return not self.data_dir.exists() or not any(self.data_dir.iterdir())

    def _makes_its_own_keys(self) -> bool:
        return not set(FOREIGN) & set(self.environment)

    def _begin_with(self, other: "Portal") -> None:
        shutil.copytree(other.data_dir, self.data_dir, dirs_exist_ok=True)
        for name in LINES:
            setattr(self, name, getattr(other, name))

    def _is_ready_or_over(self) -> bool:
        return "Privacy Portal is ready at" in self.output or self.process.poll() is not None

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.output += line


@cache
def _first() -> Portal:
    """One that has been started and stopped; made once for each parallel worker."""
    portal = Portal(settings.DATA_DIR / "first").start(afresh=True)
    portal.stop()
    return portal


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """One running portal for each parallel worker, with its demo brand; tests use userIds of their own."""
    portal = Portal(tmp_path_factory.mktemp("portal")).start()
    try:
        yield portal
    finally:
        portal.stop()
