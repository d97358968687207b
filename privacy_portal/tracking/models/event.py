"""The event store: the text that was received, under the keyed hashes of whose it is."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import models
from django.db.models import Func, Q

from privacy_portal.brands.models import Brand
from privacy_portal.postgresql.in_order import in_order
from privacy_portal.subjects.models import Link, Subject

GATED_KEPT = timedelta(days=30)


class Action(models.TextChoices):
    IDENTIFY = "identify", "identify"
    TRACK = "track", "track"
    PAGE = "page", "page"
    SCREEN = "screen", "screen"
    GROUP = "group", "group"
    ALIAS = "alias", "alias"
    BATCH = "batch", "batch"


class EventStatus(models.TextChoices):
    """Written by the statement that stores (see gate.py); what is forwarded moves on from there (see forwarding.py)."""

    STORED = "stored", "Stored"  # kept, and sent nowhere; end
    FORWARDING = "forwarding", "Forwarding"  # kept, and waits for the brand's upstream
    FORWARDED = "forwarded", "Forwarded"  # kept, and the upstream took it; end
    FAILED = "failed", "Failed"  # kept, and the upstream refused it; may be sent again
    SUPPRESSED = "suppressed", "Suppressed"  # the gate kept it out, when it came or when its turn came to be sent; end
    NOT_TRACKED = "not_tracked", "Not tracked"  # likewise


GATED = (EventStatus.SUPPRESSED, EventStatus.NOT_TRACKED)
KEPT = (EventStatus.STORED, EventStatus.FORWARDING, EventStatus.FORWARDED, EventStatus.FAILED)


class EventQuerySet(models.QuerySet["Event"]):
    def answerable(self, now: datetime) -> "EventQuerySet":
        """Those whose status is still told: a gated event is, for 30 days (contract T11)."""
        return self.exclude(status__in=GATED, received_at__lt=now - GATED_KEPT)

    def kept(self) -> "EventQuerySet":
        """Those that the gate let in."""
        return self.filter(status__in=KEPT)

    def waiting(self) -> "EventQuerySet":
        """Those that are to be forwarded."""
        return self.filter(status=EventStatus.FORWARDING)

    def calls(self) -> "EventQuerySet":
        return self.exclude(action=Action.BATCH)

    def of_person(self, subject: Subject, *, with_shared_devices: bool) -> "EventQuerySet":
        """Events of a userId and of the devices linked to it (contract T14).

        Access leaves out devices that someone else is linked to as well, Delete takes them in. The keys are read now:
        with a query in their place the planner would read every event.
        """
        links = Link.objects
        devices = (
            links.confirmed_for(subject).values_list("anonymous_key", flat=True)
            if with_shared_devices
            else links.own_devices(subject)
        )
        return self.filter(brand_id=subject.brand_id).filter(
            Q(subject_key=subject.key) | Q(subject_key=None, anonymous_key__in=list(devices))
        )

    def walks(self, subject: Subject, devices: Iterable[bytes]) -> "list[EventQuerySet]":
        """The events of a userId and of these devices, by key: each of these is one walk along an index."""
        return [self.of_user(subject), *(self.of_device(subject.brand_id, key) for key in devices)]

    def pages(self, size: int, column: str | Func) -> Iterator[list[tuple[int, Any]]]:
        """(id, column) of what one index finds, in the order in which it was stored, `size` at a time: each page is a
        short read that holds up no checkpoint."""
        after = 0
        while True:
            page = self.filter(id__gt=after).order_by("id").values_list("id", column)[:size]
            with in_order():
                rows = list(page)
            if rows:
                yield rows
            if len(rows) < size:
                return
            after = rows[-1][0]

    def of_user(self, subject: Subject) -> "EventQuerySet":
        """Events that carry this userId."""
        return self.filter(brand_id=subject.brand_id, subject_key=subject.key)

    def of_device(self, brand_id: int, anonymous_key: bytes) -> "EventQuerySet":
        """Events that carry this anonymousId and no userId."""
        return self.filter(brand_id=brand_id, subject_key=None, anonymous_key=anonymous_key)

    def of_devices(self, brand_id: int, anonymous_keys: Collection[bytes]) -> "EventQuerySet":
        """The same of any of these."""
        return self.filter(brand_id=brand_id, subject_key=None, anonymous_key__in=anonymous_keys)


class Event(models.Model):
    """One call, or one batch request. `body` is the JSON text as received, null when the gate kept it out; a batch's
    body is its calls' event ids, 16 bytes each, in order. Known only of what is forwarded: `drop_untracked`, whether a
    no-track gate keeps it out, since its gate is asked again; `public`, whether it came by a token that anyone can
    read, which grants nothing."""

    event_id = models.UUIDField(unique=True)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, db_index=False)
    subject_key = models.BinaryField(max_length=16, null=True, editable=False)
    anonymous_key = models.BinaryField(max_length=16, null=True, editable=False)
    action = models.CharField(max_length=8, choices=Action)
    status = models.CharField(max_length=12, choices=EventStatus)
    received_at = models.DateTimeField()
    timestamp = models.DateTimeField(null=True)
    body = models.BinaryField(null=True, editable=False)
    errors = models.JSONField(null=True)
    drop_untracked = models.BooleanField(null=True, editable=False)
    public = models.BooleanField(null=True, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["subject_key", "id"], condition=Q(subject_key__isnull=False), name="event_subject"),
            models.Index(
                fields=["anonymous_key", "id"],
                condition=Q(subject_key__isnull=True, anonymous_key__isnull=False),
                name="event_device",
            ),
            models.Index(fields=["received_at"], condition=Q(status__in=GATED), name="event_gated"),
            models.Index(fields=["brand", "id"], condition=Q(status="forwarding"), name="event_forwarding"),
            models.Index(fields=["brand", "id"], condition=Q(status="failed"), name="event_failed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=KEPT) | Q(body=None, subject_key=None, anonymous_key=None, timestamp=None),
                name="event_gated_keeps_nothing",
            )
        ]

    def __str__(self) -> str:
        return str(self.event_id)

    @property
    def call_ids(self) -> list[UUID]:
        """The event ids of a batch's calls, in order; of several equal ones (same messageId) each."""
        packed = bytes(self.body or b"")
        return [UUID(bytes=packed[at : at + 16]) for at in range(0, len(packed), 16)]

    def call(self) -> dict[str, Any]:
        """The call as an object: of duplicate keys the last."""
        return dict(msgspec.json.decode(bytes(self.body))) if self.body else {}
