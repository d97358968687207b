"""The same messageId for the same brand within 24 hours is stored once (contract T8)."""

from datetime import datetime

from privacy_portal.tracking.models.message import WINDOW, Message
from privacy_portal.tracking.store import many

_UPSERT = (
    "INSERT INTO tracking_message (key, event_id, received_at) {rows} "
    "ON CONFLICT (key) DO UPDATE SET event_id = excluded.event_id, received_at = excluded.received_at "
    "WHERE tracking_message.received_at < %s"
)


def first_seen(wanted: dict[bytes, str], now: datetime) -> dict[bytes, str]:
    """Claim message keys for event ids. Returns for each key the event id that has it: ours, or the first one's."""
    if not wanted:
        return {}
    keys = sorted(wanted)  # two writers take them in the same order
    rows = [(key, wanted[key], now) for key in keys]
    if many.execute(_UPSERT, "bytea uuid timestamptz", rows, now - WINDOW) == len(keys):
        return wanted
    found: dict[bytes, str] = {}
    for start in range(0, len(keys), 500):
        some = Message.objects.filter(key__in=keys[start : start + 500]).values_list("key", "event_id")
        found |= {bytes(key): str(event_id) for key, event_id in some}
    return found
