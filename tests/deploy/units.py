"""What deploy/systemd says, read as systemd reads it: continued lines joined, drop-ins after the unit."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.portal import ROOT

FOLDER = ROOT / "deploy" / "systemd"
PYTHON = "/opt/privacy-portal/.venv/bin/python"
NAMES = ("web", "worker", "beat", "sweep")


def values(name: str, key: str) -> list[str]:
    """Every value that the service `name` has for a key, its own first."""
    files = [FOLDER / f"privacy-portal-{name}.service", *FOLDER.glob("privacy-portal-.service.d/*.conf")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files).replace("\\\n", " ")
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def variables(name: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for line in values(name, "Environment") for pair in shlex.split(line))


def command(name: str, environment: dict[str, str]) -> list[str]:
    """Its ExecStart, on this machine's Python, with what it names of the environment."""
    (line,) = values(name, "ExecStart")
    filled = re.sub(r"\$\{(\w+)\}", lambda found: environment[found[1]], line)
    first, *rest = shlex.split(filled)
    assert first == PYTHON
    return [sys.executable, *rest]


@dataclass
class Services:
    """The four services of one host, each as its unit starts it, and with an environment of its own."""

    environments: dict[str, dict[str, str]]
    log: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __enter__(self) -> "Services":
        for name, environment in self.environments.items():
            self.processes[name] = subprocess.Popen(
                command(name, environment),
                cwd=ROOT,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=self.log.open("ab"),
                stderr=subprocess.STDOUT,
            )
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self._ending():
            process.wait()

    def _ending(self) -> Iterator[subprocess.Popen[bytes]]:
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                yield process
