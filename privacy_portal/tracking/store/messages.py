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


def first_seen(wanted: dict[bytes, str], now: datetime) -> dict[bytes, str]:
    """Claim message keys for event ids. Returns for each key the event id that has it: ours, or the first one's."""
    if not wanted:
        return {}
    keys = sorted(wanted)  # two writers take them in the same order
    time = connection.ops.adapt_datetimefield_value
    written = _plain if connection.vendor == "sqlite" else str
    rows = [(key, written(wanted[key]), time(now), time(now - WINDOW)) for key in keys]
    found: dict[bytes, str] = {}
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, rows)
        for start in range(0, len(keys), 500):
            some = keys[start : start + 500]
            places = ", ".join(["%s"] * len(some))
            cursor.execute(f"SELECT key, event_id FROM tracking_message WHERE key IN ({places})", some)
            found.update((bytes(key), str(event_id)) for key, event_id in cursor.fetchall())
    ours = {written(event_id): event_id for event_id in wanted.values()}
    return {key: ours.get(held) or str(UUID(held)) for key, held in found.items()}


def _plain(event_id: str) -> str:
    """As Django writes a UUID on SQLite."""
    return event_id.replace("-", "")
