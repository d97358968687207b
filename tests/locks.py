"""Who waits for whom in PostgreSQL."""

import threading
from collections.abc import Callable

from django.db import connection


def in_a_thread(act: Callable[[], object]) -> threading.Thread:
    """Begin an act on a connection of its own."""
    thread = threading.Thread(target=lambda: (act(), connection.close()))
    thread.start()
    return thread


def waiting() -> int:
    """How many of this database's connections wait for a lock, also when asked inside of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid) "
            "WHERE NOT granted AND datname = current_database()"
        )
        (number,) = cursor.fetchone()
    return int(number)
