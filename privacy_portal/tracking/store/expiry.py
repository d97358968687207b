"""What the store forgets by itself: the rows of gated events after 30 days, messageIds after 24 hours."""

from django.db import models
from django.utils import timezone

from privacy_portal.tracking.models import Event, Message
from privacy_portal.tracking.models.event import GATED, GATED_KEPT
from privacy_portal.tracking.models.message import WINDOW

CHUNK = 1000


def expire() -> int:
    """Delete in chunks that commit. Returns how many rows went."""
    now = timezone.now()
    return _delete(Event.objects.filter(status__in=GATED, received_at__lt=now - GATED_KEPT)) + _delete(
        Message.objects.filter(received_at__lt=now - WINDOW)
    )


def _delete(rows: "models.QuerySet[Event] | models.QuerySet[Message]") -> int:
    gone = 0
    while some := list(rows.values_list("pk", flat=True)[:CHUNK]):
        gone += rows.model._default_manager.filter(pk__in=some).delete()[0]
    return gone
