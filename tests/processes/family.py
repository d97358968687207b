"""A portal's processes, as /proc shows them."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from tests.portal import Portal

PROC = Path("/proc")
SIGNS = {"web": "granian", "worker": "privacy_portal worker", "beat": "privacy_portal beat", "sweep": "manage.py sweep"}


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    command: str


def everyone() -> list[Process]:
    """All living processes of this machine (zombies are dead)."""
    found = []
    for folder in PROC.iterdir():
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if state != "Z":
                found.append(Process(int(folder.name), int(parent), command))
    return found


def descendants(pid: int) -> list[Process]:
    all_of_them, found, parents = everyone(), [], {pid}
    while parents:
        children = [process for process in all_of_them if process.parent in parents]
        found += children
        parents = {child.pid for child in children}
    return found


def alive(processes: list[Process]) -> list[Process]:
    pids = {process.pid for process in processes}
    return [process for process in everyone() if process.pid in pids]


def serving_of(portal: Portal) -> Process | None:
    """The web process itself: which the main process has answer. Newer Pythons keep one of their own beside it."""
    main = main_process(portal, "web")
    children = [process for process in everyone() if main and process.parent == main.pid]
    return next((child for child in children if "resource_tracker" not in child.command), None)


def writer_of(portal: Portal) -> Process | None:
    """The child of the web process that writes what its door takes."""
    return _child(portal, "tracking.store.process")


def site_of(portal: Portal) -> Process | None:
    """The child of the web process that Django lives in."""
    return _child(portal, "processes.site_process")


def _child(portal: Portal, module: str) -> Process | None:
    family = descendants(portal.process.pid)
    return next((process for process in family if module in process.command), None)


def main_process(portal: Portal, name: str) -> Process | None:
    """The process of this name that the process manager started itself."""
    family = descendants(portal.process.pid)
    manager = next(process for process in family if "supervisord" in process.command)
    found = [process for process in family if process.parent == manager.pid and SIGNS[name] in process.command]
    # Until it has become the command, a process is still the tether that names it.
    return next((process for process in found if "privacy_portal.tether" not in process.command), None)
