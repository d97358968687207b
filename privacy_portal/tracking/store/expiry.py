"""What the store forgets by itself: events that their brand keeps no longer, the rows of gated events after 30 days,
messageIds after 24 hours."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone

from privacy_portal.durable.registry import MORE
from privacy_portal.literal import OneOf
from privacy_portal.tracking.models import Event, Message
from privacy_portal.tracking.models.event import GATED, GATED_KEPT
from privacy_portal.tracking.models.message import WINDOW
from privacy_portal.tracking.store.batches import Batches
from privacy_portal.tracking.store.retention import Retention

TURN_S = 0.3
"""For each kind of row; the sweep has other things to do."""
PAGE = 500


class Expiry:
    """One for each sweep. Two at once do the same twice, which does no harm."""

    def __init__(self) -> None:
        self._batches = Batches()
        self._retention = Retention(self._batches)

    def turn(self, now: datetime | None = None) -> object:
        """Delete for a short while. Returns MORE when something is left."""
        at = now or timezone.now()
        gated = Event.objects.filter(OneOf("status", GATED), received_at__lt=at - GATED_KEPT)
        messages = Message.objects.filter(received_at__lt=at - WINDOW)
        left = [
            self._clear(gated, "event_id"),
            self._clear(messages, "pk"),
            self._retention.turn(at, time.monotonic() + TURN_S),
        ]
        return MORE if any(left) else None

    def _clear(self, rows: "models.QuerySet[Any]", key: str) -> bool:
        """True when the time ran out."""

        def rows_of(some: Sequence[Any]) -> "models.QuerySet[Any]":
            return rows.filter(**{f"{key}__in": some})

        ends_at = time.monotonic() + TURN_S
        while some := list(rows.order_by("received_at").values_list(key, flat=True)[:PAGE]):
            self._batches.delete(some, rows_of, ends_at)
            if time.monotonic() >= ends_at:
                return True
        return False
