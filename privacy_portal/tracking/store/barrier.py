"""The barrier between storing and erasing (DESIGN, idea 2).

Storing holds a shared advisory lock per brand, taken as its own statement; an erasure takes it exclusively once, in a
transaction of its own, before it deletes: whatever was in flight is then in the table. Only PostgreSQL needs it:
SQLite's write lock does both.
"""

from collections.abc import Iterable

from django.db import connection, transaction

_SPACE = 0x5050  # keeps our advisory locks apart from anyone else's


def enter(brand_ids: Iterable[int]) -> None:
    """Called by the writer, first thing in its transaction; brands ascending, so that no two can deadlock."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for brand_id in sorted(set(brand_ids)):
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_SPACE, brand_id])


def close_behind_others(brand_ids: Iterable[int]) -> None:
    """Called by the writer, in its transaction, before it deletes: what others were storing for these brands is then
    in the table, and what they store next sees what this transaction did. Two at once deadlock; one tries again."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for brand_id in sorted(set(brand_ids)):
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SPACE, brand_id])


def wait_for_in_flight(brand_id: int) -> None:
    """Returns when everything that was being stored for this brand has been stored."""
    if connection.vendor != "postgresql":
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SPACE, brand_id])
