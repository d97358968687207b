"""Who waits for whom in PostgreSQL."""

from django.db import connection


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
