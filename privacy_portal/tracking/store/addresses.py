"""The addresses that identify calls state, kept so that a person is found by the one they stated last."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from privacy_portal.subjects.models.contact_point import address_key
from privacy_portal.tracking.store import many
from privacy_portal.tracking.store.said import Said

# An older statement never replaces a newer one, whoever writes it when.
_UPSERT = (
    "INSERT INTO subjects_contactpoint (subject_id, kind, key, stated_at) {rows} "
    "ON CONFLICT (subject_id, kind) DO UPDATE SET key = excluded.key, stated_at = excluded.stated_at "
    "WHERE excluded.stated_at >= subjects_contactpoint.stated_at"
)


def keep(brand_path: str, said: Sequence[Said], ids: dict[bytes, UUID]) -> None:
    """Of each person the newest of each kind. `ids`: subjects by key."""
    newest: dict[tuple[UUID, str], tuple[bytes, datetime]] = {}
    for one in said:
        if one.row.subject_key is None:
            continue
        stated_at = min(one.row.timestamp, one.row.received_at)  # as for consent: what lies in the future is said now
        for kind, address in (("email", one.effects.email), ("phone", one.effects.phone)):
            place = (ids[one.row.subject_key], kind)
            if address is not None and (place not in newest or newest[place][1] <= stated_at):
                newest[place] = (address_key(brand_path, kind, address), stated_at)
    rows = [(*place, *newest[place]) for place in sorted(newest)]  # in an order that two writers share
    many.execute(_UPSERT, "uuid text bytea timestamptz", rows)
