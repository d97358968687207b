"""Emptying SQLite's write-ahead log: until then, what was deleted can still be read in it."""

from django.db import connection

from privacy_portal.sqlite.base import PATIENCE_S

READERS_S = 1.0
"""So long it waits for those who read what the log would overwrite: everyone who writes waits meanwhile."""


def checkpoint() -> bool:
    """True when the log was written back and cut to nothing (always, on an engine that has none)."""
    if connection.vendor != "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {int(READERS_S * 1000)}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, _, _ = cursor.fetchone()
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(PATIENCE_S * 1000)}")
    return not busy
