"""The same messageId for the same brand within 24 hours is stored once (contract T8)."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from privacy_portal.tracking.models.message import WINDOW

_UPSERT = (
    "INSERT INTO tracking_message (key, event_id, received_at) VALUES (%s, %s, %s) "
    "ON CONFLICT (key) DO UPDATE SET event_id = excluded.event_id, received_at = excluded.received_at "
    "WHERE tracking_message.received_at < %s"
)


def first_seen(wanted: dict[bytes, UUID], now: datetime) -> dict[bytes, UUID]:
    """Claim message keys for event ids. Returns for each key the event id that has it: ours, or the first one's."""
    if not wanted:
        return {}
    keys = sorted(wanted)  # two writers take them in the same order
    sqlite = connection.vendor == "sqlite"
    time = connection.ops.adapt_datetimefield_value
    rows = [
        (key, wanted[key].hex if sqlite else wanted[key], time(now), time(now - WINDOW))
        for key in keys
    ]  # fmt: skip
    found: dict[bytes, UUID] = {}
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, rows)
        for start in range(0, len(keys), 500):
            some = keys[start : start + 500]
            places = ", ".join(["%s"] * len(some))
            cursor.execute(f"SELECT key, event_id FROM tracking_message WHERE key IN ({places})", some)
            for key, event_id in cursor.fetchall():
                found[bytes(key)] = event_id if isinstance(event_id, UUID) else UUID(event_id)
    return found
