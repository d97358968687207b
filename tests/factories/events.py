"""Events stored as the door stores them: read, checked and written by the real writer."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.ids import first_id
from privacy_portal.tracking.access import TokenView
from privacy_portal.tracking.reading import request_from
from privacy_portal.tracking.store.row import BrandView, Request
from privacy_portal.tracking.store.write import write_group


def send(brand: Brand, action: str, body: Any, kind: str = TokenKind.SERVER) -> UUID:
    """POST a call (an object, or the very bytes) with a token of this kind; returns its eventId."""
    (answer,) = write_group([request(brand, action, body, kind)])
    assert answer is not None
    return UUID(answer)


def request(brand: Brand, action: str, body: Any, kind: str = TokenKind.SERVER) -> Request:
    """The same, read and checked, and not yet written."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    token = TokenView(1, kind, brand.client, brand.account, brand.pk, 100, 500)
    return request_from(text, action, token, view(brand), lambda: "192.0.2.1")


def view(brand: Brand) -> BrandView:
    brand.refresh_from_db()
    return BrandView(
        brand.pk, brand.path, frozenset(brand.setting("commands")), tuple(brand.channel_names),
        brand.setting("sticky_withdrawal"), forwards=brand.forwards,
    )  # fmt: skip


def identify(brand: Brand, user_id: str | None = None, kind: str = TokenKind.SERVER, **more: Any) -> UUID:
    """An identify call; keyword `channels` becomes marketingPreferences."""
    traits: dict[str, Any] = dict(more.pop("traits", {}))
    if "channels" in more:
        channels = more.pop("channels")
        if isinstance(channels, dict):
            channels = [{"channel": name, "subscribed": wanted} for name, wanted in channels.items()]
        traits["marketingPreferences"] = {"channels": channels}
    body = {"event": "identify", "traits": traits, **more}
    if user_id is not None:
        body["userId"] = user_id
    return send(brand, "identify", body, kind)


def track(brand: Brand, user_id: str | None = None, event: str = "Product Added", **more: Any) -> UUID:
    kind = more.pop("kind", TokenKind.SERVER)
    body = {"event": event, **more}
    if user_id is not None:
        body["userId"] = user_id
    return send(brand, "track", body, kind)


def send_at(at: datetime, brand: Brand, action: str, body: Any) -> UUID:
    """POST a call as if it were received then: ids rise with the time of receipt. Returns its eventId."""
    asked = request(brand, action, body)
    aged = {row.event_id: _aged(row.event_id, at) for row in asked.rows}
    for row in asked.rows:
        row.event_id, row.received_at, row.timestamp = aged[row.event_id], at, at
    batch_id = asked.batch_id and _aged(asked.batch_id, at)
    (answer,) = write_group([Request(asked.brand, asked.public, at, asked.rows, batch_id, asked.message_key)])
    assert answer is not None
    return UUID(answer)


def _aged(event_id: str, at: datetime) -> str:
    return str(UUID(int=first_id(at).int | UUID(event_id).int & (1 << 80) - 1))
