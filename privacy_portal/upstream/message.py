"""The JSON of an identify update, composed at each attempt from what holds then (contract G6)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from privacy_portal.consent.models import Preference
from privacy_portal.timestamps import written
from privacy_portal.upstream.models import IdentifyUpdate


def composed(update: IdentifyUpdate, user_id: str, held: Mapping[str, Preference]) -> bytes:
    """`held`: the person's channels by name, as the ledger has them now; only an update about channels says them."""
    traits: dict[str, Any] = {}
    if update.channels:
        order = {name: position for position, name in enumerate(update.brand.channel_names)}
        traits["marketingPreferences"] = {
            "channels": [
                {"channel": name, "subscribed": held[name].subscribed}
                for name in sorted(held, key=lambda name: (order.get(name, len(order)), name))
            ]
        }
    if update.regulation:
        traits["regulation"] = update.regulation | {"status": "running"}
    message = {
        "userId": user_id,
        "event": "identify",
        "messageId": str(update.id),
        "traits": traits,
        "timestamp": written(update.created_at),
    }
    return msgspec.json.encode(message)
