"""Connections kept for whoever comes next in this process.

Django closes its connection when a request ends, and so do the threads that ask beside an event loop: opening a file,
setting the pragmas and reading the schema again costs more than many a request's own queries.
"""

import os
import sqlite3
import threading
from pathlib import Path

AT_MOST = 8
File = tuple[int, int]


class Kept:
    """Idle connections by the file they are open on: another file of the same name is another database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[File, sqlite3.Connection]] = []

    def give(self, database: str, connection: sqlite3.Connection) -> bool:
        """Keep a connection; False when it is in a transaction, or its file is gone, and the caller's to close."""
        file = _file(database)
        if file is None or connection.in_transaction:
            return False
        with self._lock:
            self._idle.append((file, connection))
            surplus = self._idle[:-AT_MOST]
            del self._idle[:-AT_MOST]
        for _, oldest in surplus:
            oldest.close()
        return True

    def take(self, database: str) -> sqlite3.Connection | None:
        """The one that came last, if it is open on this very file; what is open on a file that is gone is closed."""
        file = _file(database)
        with self._lock:
            gone = [connection for held, connection in self._idle if held != file]
            self._idle = [(held, connection) for held, connection in self._idle if held == file]
            taken = self._idle.pop()[1] if self._idle else None
        for connection in gone:
            connection.close()
        return taken

    def forget(self) -> None:
        """In a forked child: SQLite's connections are their opener's alone."""
        self._lock, self._idle = threading.Lock(), []


def _file(database: str) -> File | None:
    try:
        status = Path(database).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


kept = Kept()
os.register_at_fork(after_in_child=kept.forget)
