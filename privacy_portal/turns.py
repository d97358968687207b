"""How the system lets a process have a core: sched(7). Where it is not Linux, or is forbidden, nothing changes."""

import os
import sys
from contextlib import suppress


def take_long_ones() -> None:
    """For a process that hands on small pieces of work, thousands of times a second. Whoever is woken by one would take
    the core at once from whoever woke them, only to wait for the interpreter that the other still holds, or for the
    next piece. This way whoever runs goes on for as long as there is something to do.

    Counts for the thread that calls, and for the threads and children that it starts from then on.
    """
    if sys.platform == "linux":
        _take(os.SCHED_BATCH)


def take_usual_ones() -> None:
    """For a child of such a process whose work is of another kind."""
    if sys.platform == "linux":
        _take(os.SCHED_OTHER)


def _take(policy: int) -> None:
    with suppress(OSError):
        os.sched_setscheduler(0, policy, os.sched_param(0))
