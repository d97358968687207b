"""Emptying SQLite's write-ahead log: until then, what was deleted can still be read in it."""

from django.db import connection


def checkpoint() -> bool:
    """True when the log was written back and cut to nothing (always, on an engine that has none)."""
    if connection.vendor != "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, _, _ = cursor.fetchone()
    return not busy
