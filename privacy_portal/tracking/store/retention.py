"""Deleting events that their brand keeps no longer (its setting `retention_days`).

Event ids rise with the time of receipt, so one walk along them finds what has expired, without an index for it that
every event would have to be entered in.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from privacy_portal.brands.models import Brand
from privacy_portal.ids import first_id
from privacy_portal.tracking.models import Event, EventStatus
from privacy_portal.tracking.models.event import KEPT, EventQuerySet
from privacy_portal.tracking.store.batches import Batches

logger = logging.getLogger(__name__)
PAGE = 500
FIRST = UUID(int=0)
Group = tuple[int, frozenset[int]]
"""Days, and the brands that keep events for so long: they are walked over together."""


class Retention:
    """Remembers how far it came, so that the next walk is short. A walk begins anew with the process, and when a brand
    joins the group or leaves it. A turn begins behind the group at which the last one ended: one with much to delete
    keeps no other waiting."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        self._reached: dict[Group, UUID] = {}
        self._last: Group | None = None

    def turn(self, now: datetime, ends_at: float) -> bool:
        """Delete until all is gone that has expired, or until this moment of the monotonic clock. True when more may be
        left."""
        groups = list(Brand.objects.all().by_retention().items())
        self._reached = {group: self._reached.get(group, FIRST) for group in groups}
        begin = groups.index(self._last) + 1 if self._last in groups else 0
        for group in groups[begin:] + groups[:begin]:
            self._last = group
            if self._walk(group, first_id(now - timedelta(days=group[0])), ends_at):
                return True
        return False

    def _walk(self, group: Group, end: UUID, ends_at: float) -> bool:
        """True when the time ran out."""
        walked = (
            Event.objects.order_by("event_id").filter(event_id__lt=end).values_list("event_id", "brand_id", "status")
        )
        while page := list(walked.filter(event_id__gt=self._reached[group])[:PAGE]):
            # Those that the gate kept out have a period of their own.
            found = {event_id: status for event_id, brand, status in page if brand in group[1] and status in KEPT}
            gone = self._batches.delete(list(found), _events, ends_at)
            _log([found[event_id] for event_id in gone])
            self._reached[group] = page[-1][0] if len(gone) == len(found) else gone[-1]
            if time.monotonic() >= ends_at:
                return True
        return False


def _events(event_ids: Sequence[UUID]) -> EventQuerySet:
    return Event.objects.kept().filter(event_id__in=event_ids)


def _log(gone: Sequence[str]) -> None:
    if gone:
        logger.info("retention.deleted events=%d", len(gone))
    if unsent := gone.count(EventStatus.FORWARDING):
        logger.warning("retention.deleted_unsent events=%d", unsent)
