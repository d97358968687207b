"""Whose turn it is to write: one `flock` on a file beside the database.

SQLite's own busy handler sleeps and tries again, so beside a busy writer another process may wait for more than a
second. The kernel wakes those who wait for a file lock as soon as it is free.
"""

import fcntl
import os
from pathlib import Path
from threading import Thread


class Turn:
    """The right to write to one database; held by one connection of one process at a time."""

    def __init__(self, database: Path, patience: float) -> None:
        """`patience`: how many seconds to wait before giving up."""
        self._path = database.with_name(database.name + ".lock")
        self._patience = patience
        # A file description of its own: `flock` excludes other descriptions, also those of this very process.
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self) -> bool:
        """Wait for the turn; False if it did not come in time."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return self._wait()
        return True

    def give_back(self) -> None:
        """Let the next one write; harmless when the turn is not held."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the turn back and the file with it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    __del__ = close

    def _wait(self) -> bool:
        # `flock` knows no time-out, so a thread waits in it. One that comes too late for us closes its own
        # duplicate, and the lock goes with the last duplicate of our (by then closed) description.
        waiting = os.dup(self._file)
        waiter = Thread(target=_lock_and_close, args=(waiting,), daemon=True)
        waiter.start()
        waiter.join(self._patience)
        if not waiter.is_alive():
            return True
        os.close(self._file)
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return False


def _lock_and_close(file: int) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
    finally:
        os.close(file)
