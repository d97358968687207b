"""Requests as the door hands them on, made without a database: who is told of them matters, not what they say."""

from datetime import UTC, datetime

from privacy_portal.tracking.store.row import BrandView, Request, Row

BRAND = BrandView(1, "acme/acme/ACME", frozenset(), (), sticky=True)


def request(event_id: str) -> Request:
    """Of one track call."""
    now = datetime.now(UTC)
    row = Row(event_id, BRAND.pk, "track", now, now, "u1", b"k" * 16, None, b"{}", drop_untracked=False)
    return Request(BRAND, public=False, received_at=now, rows=[row])
