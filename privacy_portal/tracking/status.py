"""What became of an event: the same answer on the tracking door and on the REST API (contract T11)."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from privacy_portal.timestamps import written
from privacy_portal.tracking.models import Action, Event, EventStatus


def status_of(event_id: UUID, brand_ids: "list[int] | None" = None) -> dict[str, Any] | None:
    """The status body, or None when the event is unknown, foreign to these brands, erased or expired."""
    known = Event.objects.answerable(timezone.now())
    if brand_ids is not None:
        known = known.filter(brand_id__in=brand_ids)
    event = known.defer("body").filter(event_id=event_id).first()
    if event is None:
        return None
    if event.action != Action.BATCH:
        return _told(event) | {"calls": []}
    calls = _calls(event)
    if not calls:
        return None
    statuses = {call["status"] for call in calls}
    return _told(event) | {"status": statuses.pop() if len(statuses) == 1 else "mixed", "calls": calls}


def _told(event: Event) -> dict[str, Any]:
    return {
        "eventId": str(event.event_id),
        "action": event.action,
        "status": EventStatus(event.status).value,
        "receivedAt": written(event.received_at),
        "errors": event.errors or [],
    }


def _calls(batch: Event) -> list[dict[str, Any]]:
    """The batch's calls in their order, without those that were erased since."""
    ids = batch.call_ids
    known = Event.objects.answerable(timezone.now()).filter(brand_id=batch.brand_id)
    found: dict[UUID, Event] = {}
    for start in range(0, len(ids), 500):
        found |= {event.event_id: event for event in known.defer("body").filter(event_id__in=ids[start : start + 500])}
    return [_told(found[event_id]) for event_id in ids if event_id in found]
