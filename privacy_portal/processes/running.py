"""Runs supervisor in the foreground, and everything below it, until a signal says stop."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import IO

from django.conf import settings

from privacy_portal import tether
from privacy_portal.processes.preflight import temp_folder
from privacy_portal.processes.programs import PYTHON, write_configuration
from privacy_portal.processes.readiness import failing

PATIENCE_S = 20


class Running:
    """One run: start, say when it is ready, pass signals on, and leave nothing behind."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._supervisor: subprocess.Popen[bytes] | None = None
        self._stops = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def run(self) -> int:
        """Returns the exit code: 0 when it was asked to stop."""
        self._supervisor = supervisor = start_supervisor(write_configuration())
        relay = threading.Thread(target=_relay, args=(supervisor.stdout,), daemon=True)
        relay.start()
        self._tell_when_ready(supervisor)
        code = supervisor.wait()
        relay.join(5)
        if self._stops:
            return 0
        self._say(f"The process manager ended by itself (exit code {code}); see the lines above.")
        return 1

    def _tell_when_ready(self, supervisor: subprocess.Popen[bytes]) -> None:
        told = time.monotonic() + PATIENCE_S
        while supervisor.poll() is None and not self._stops:
            missing = failing()
            if not missing:
                return self._say(f"Privacy Portal is ready at {settings.PUBLIC_URL}")
            if time.monotonic() > told:
                told += PATIENCE_S
                self._say(f"Not ready yet: {', '.join(missing)}")
            time.sleep(0.1)
        return None

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stops += 1
        if self._supervisor is None:
            raise SystemExit(0)
        # Who asks twice does not want to wait: the kernel ends what is tethered to a killed supervisor.
        self._supervisor.send_signal(signal.SIGTERM if self._stops == 1 else signal.SIGKILL)


def start_supervisor(configuration: Path) -> subprocess.Popen[bytes]:
    """In a session of its own, so that Ctrl-C reaches this process alone, which then stops all in order."""
    command = ["-m", "privacy_portal.tether", "--gently", "--", PYTHON, "-m", "privacy_portal.processes.manager"]
    return subprocess.Popen(
        [PYTHON, *command, "-c", str(configuration)],
        cwd=settings.BASE_DIR,
        env={**tether.mark(), "TMPDIR": str(temp_folder()), "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _relay(source: IO[bytes] | None) -> None:
    """Print what the processes print: their own handle on our output may be one they cannot open again."""
    assert source
    while chunk := os.read(source.fileno(), 65536):
        # A reader that went away (`make up | head`) must not stop the portal.
        with suppress(OSError):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
