"""The product's processes, as a configuration for supervisor."""

import os
import shlex
import sys
from pathlib import Path

from django.conf import settings

from privacy_portal.durable.tasks import LOOKERS
from privacy_portal.processes.preflight import temp_folder

PYTHON = sys.executable
SECONDS_TO_STOP = 10


def tethered(*command: str) -> list[str]:
    return [PYTHON, "-m", "privacy_portal.tether", "--", *command]


def programs() -> dict[str, list[str]]:
    """Name and command of each process."""
    # In a container root is the user there is, and the worker runs no code that a message brings.
    celery = (PYTHON, "-W", "ignore:You're running the worker", "-m", "celery", "--quiet", "-A", "privacy_portal")
    return {
        "web": tethered(
            *(PYTHON, "-m", "granian", "--interface", "asgi", "--no-ws", "--log-level", "warning"),
            *("--host", settings.HOST, "--port", str(settings.PORT), "--workers", str(settings.WEB_PROCESSES)),
            *("--respawn-failed-workers", "--workers-kill-timeout", "5", "privacy_portal.asgi:application"),
        ),
        "worker": tethered(
            *(*celery, "worker", "--pool", "threads", "--concurrency", str(LOOKERS + 1)),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ),
        "beat": tethered(*celery, "beat", "--pidfile", ""),
        "sweep": tethered(PYTHON, "manage.py", "sweep"),
    }


def configuration() -> str:
    """A process that dies starts again at once, however often: `startsecs=0` knows no failed start.

    One group, so that all stop at the same time. No socket: nothing but a signal steers supervisor.
    """
    lines = [
        "[supervisord]",
        "nodaemon=true",
        "logfile=/dev/null",
        "logfile_maxbytes=0",
        "loglevel=warn",
        f"pidfile={_literal(settings.DATA_DIR / 'supervisord.pid')}",
        # Unused, but by default TMPDIR, in which supervisor would expand a per cent sign.
        f"childlogdir={_literal(temp_folder())}",
        f"directory={_literal(settings.BASE_DIR)}",
        # Said aloud only for root, whom supervisor would warn at each start otherwise.
        *(["user=0"] if os.geteuid() == 0 else []),
        "",
        "[group:portal]",
        f"programs={','.join(programs())}",
    ]
    for name, command in programs().items():
        lines += [
            "",
            f"[program:{name}]",
            f"command={_literal(shlex.join(command))}",
            "autorestart=true",
            "startsecs=0",
            "startretries=1000000",
            f"stopwaitsecs={SECONDS_TO_STOP}",
            "stopasgroup=true",
            "killasgroup=true",
            "redirect_stderr=true",
            "stdout_logfile=/dev/fd/1",
            "stdout_logfile_maxbytes=0",
        ]
    return "\n".join(lines) + "\n"


def write_configuration() -> Path:
    path = settings.DATA_DIR / "supervisord.conf"
    path.write_text(configuration(), encoding="utf-8")
    return path


def _literal(text: object) -> str:
    """supervisor expands %(name)s, so a per cent sign in a path is doubled."""
    return str(text).replace("%", "%%")
