"""The barrier between storing and erasing (DESIGN, idea 2).

Storing holds a shared advisory lock per brand, taken as its own statement; an erasure takes it exclusively once, in a
transaction of its own, before it deletes: whatever was in flight is then in the table. Only PostgreSQL needs it:
SQLite's write lock does both.
"""

from collections.abc import Iterable

from django.db import connection, transaction

_SPACE = 0x5050  # keeps our advisory locks apart from anyone else's
_CONSENT, _DEVICES = 0x5051, 0x5052


def enter(brand_ids: Iterable[int]) -> None:
    """Called by the writer, before it holds any row; brands ascending, so that no two can deadlock."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for brand_id in sorted(set(brand_ids)):
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_SPACE, brand_id])


def order_consent(stating: Iterable[int], linking: Iterable[int]) -> None:
    """Called by the writer before anything else, with the brands for which devices state something and those for which
    there are new links. Each must see the other, whichever is committed first: who states waits for all who link, and
    lets none begin."""
    if connection.vendor != "postgresql":
        return
    alone = set(stating)
    with connection.cursor() as cursor:
        for brand_id in sorted(alone.union(linking)):
            kind = "" if brand_id in alone else "_shared"
            cursor.execute(f"SELECT pg_advisory_xact_lock{kind}(%s, %s)", [_CONSENT, brand_id])


def one_at_a_time(devices: Iterable[bytes]) -> None:
    """Called by the writer, before it holds any row, with what has stated something and is to be linked: of two who
    link one device to two people the second sees the first. A lock for each part of them, since the server has room
    for some thousands in all."""
    parts = sorted({device[0] for device in devices})
    if connection.vendor != "postgresql" or not parts:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, part) FROM unnest(%s::int4[]) AS part", [_DEVICES, parts])


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
