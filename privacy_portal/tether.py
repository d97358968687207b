"""Ties a process to its parent: `python -m privacy_portal.tether [--gently] -- command…`.

A child whose parent was killed would live on, and serve on, unseen by the new one. On Linux the kernel ends it
(PR_SET_PDEATHSIG survives exec); elsewhere `bind` watches the parent, and a tethered command is left alone.
"""

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
GENTLY = signal.SIGTERM
MARK = "PORTAL_TETHERED_TO"
"""Tells each child which process its parent must be, for it may be gone before the child can ask the kernel."""


def bind(parent: int | None, end_by: signal.Signals = signal.SIGKILL) -> None:
    """End this process by a signal when its parent ends; at once if the parent is no longer `parent`.

    The kernel watches the *thread* that made this process, so a tethered process is made by a main thread.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(end_by), 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(os.getppid(), end_by), daemon=True).start()
    if parent is not None and os.getppid() != parent:
        os.kill(os.getpid(), end_by)


def bind_marked(end_by: signal.Signals = signal.SIGKILL) -> None:
    """Bind to the parent that left its mark in the environment, if one did."""
    if mark := os.environ.get(MARK):
        bind(int(mark), end_by)


def mark() -> dict[str, str]:
    """The environment for children of this process."""
    return {**os.environ, MARK: str(os.getpid())}


def _watch(parent: int, end_by: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), end_by)


def main(arguments: list[str]) -> None:
    """Bind, then become the command; exec keeps the process id, so the mark for its children is right already."""
    options, command = arguments[: arguments.index("--")], arguments[arguments.index("--") + 1 :]
    bind_marked(GENTLY if "--gently" in options else signal.SIGKILL)
    os.execvpe(command[0], command, mark())


if __name__ == "__main__":
    main(sys.argv[1:])
