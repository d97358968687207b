"""What waits of a brand to be sent on to its upstream: one durable job for each brand, which has no end.

One sender at a time for a brand is what keeps the order: of one person, or of a device that is nobody's yet.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from privacy_portal.audit.models import Actor, record_each
from privacy_portal.brands.models import Brand
from privacy_portal.durable import bell, clock
from privacy_portal.durable.clock import Moment
from privacy_portal.durable.faults import point
from privacy_portal.durable.models import LEASE, Job, JobQuerySet
from privacy_portal.tracking.models.event import Event, EventStatus

REFUSED = "upstream answered"
"""How the line begins that says among an event's errors why it failed. Stored, and known by it: never reword it."""
AGAIN = 50


class ForwardingStatus(models.TextChoices):
    IDLE = "idle", "Idle"  # nobody sends; taken up as soon as an event waits
    SENDING = "sending", "Sending"  # a worker holds the lease
    RETRYING = "retrying", "Retrying"  # the upstream was in trouble; taken up at `due_at`, in the same order


class ForwardingQuerySet(JobQuerySet["Forwarding"]):
    def due(self, at: Moment) -> Self:
        """Where something has waited since that moment. Once forwarding is off there is nothing to put off any more."""
        waiting = Event.objects.waiting().filter(brand_id=OuterRef("pk"))
        # What was received in the future was received before a clock was set back.
        too_new = Q(received_at__gt=at, received_at__lte=clock.now())
        idle = self.filter(status=ForwardingStatus.IDLE, due_at__lte=at).filter(Exists(waiting.exclude(too_new)))
        off = self.filter(status=ForwardingStatus.RETRYING).exclude(brand__values__forwarding=True)
        left = self.filter(status=ForwardingStatus.SENDING, lease_until__lt=at)  # also if taken while it was put off
        return idle | (super().due(at) | off | left).filter(Exists(waiting))

    def move_back(self, step: timedelta) -> None:
        super().move_back(step)
        self.filter(status=ForwardingStatus.IDLE, due_at__gt=clock.now()).update(due_at=clock.now())

    def send_again(self, events: "models.QuerySet[Event]", actor: Actor) -> int:
        """Let those of the events that failed wait once more, by their old order among what waits. Returns how many.

        Some at a time, each time in a transaction of its own, so that ingest goes on beside it. The place is kept: one
        that is refused again meanwhile is not met again.
        """
        failed = events.filter(status=EventStatus.FAILED).defer("body").order_by("id")
        moved, last = 0, 0
        while some := list(failed.filter(pk__gt=last)[:AGAIN]):
            last = some[-1].pk
            with transaction.atomic():
                again = [event for event in some if self._send_again(event)]
                record_each("event.forwarded_again", actor, again)
                bell.ring()
            moved += len(again)
        return moved

    def _send_again(self, event: Event) -> bool:
        errors = [error for error in event.errors or [] if not error.startswith(REFUSED)]
        failed = Event.objects.filter(pk=event.pk, status=EventStatus.FAILED)
        return bool(failed.update(status=EventStatus.FORWARDING, errors=errors or None))

    def expect(self, brand_ids: Iterable[int]) -> None:
        """Called by who stores events to be forwarded, in that transaction."""
        self.bulk_create([Forwarding(brand_id=pk) for pk in sorted(brand_ids)], ignore_conflicts=True)
        bell.ring()


class Forwarding(Job):
    """`suspects`: that many of those that wait first hold one which the upstream refuses; 0: none is known.

    Every method that says what became of events names this claim's fence: who lost the lease changes nothing, and
    neither does a late result for an event that was erased or gated meanwhile.
    """

    OPEN: ClassVar = (ForwardingStatus.RETRYING,)
    BUSY: ClassVar = ForwardingStatus.SENDING
    RETRYING: ClassVar = ForwardingStatus.RETRYING

    brand = models.OneToOneField(Brand, on_delete=models.PROTECT, primary_key=True, related_name="forwarding_job")
    status = models.CharField(max_length=16, choices=ForwardingStatus, default=ForwardingStatus.IDLE)
    suspects = models.PositiveIntegerField(default=0, editable=False)

    objects = ForwardingQuerySet.as_manager()

    def __str__(self) -> str:
        return f"of brand {self.pk}"

    @property
    def known_as(self) -> str:
        return f"of {self.brand}"

    def oldest(self) -> datetime | None:
        """When the event was received that waits first; None when none does."""
        waiting = Event.objects.waiting().filter(brand=self.brand_id).order_by("id")
        return waiting.values_list("received_at", flat=True).first()

    def sent(self, ids: Collection[int]) -> None:
        """The upstream took these events."""
        self._note(ids, suspects=max(0, self.suspects - len(ids)), status=EventStatus.FORWARDED)

    def refused(self, event_id: int, error: str) -> None:
        """The upstream refused this one event. `error` may quote it, and is erased with it."""
        errors = Event.objects.filter(pk=event_id).values_list("errors", flat=True).first() or []
        self._note([event_id], suspects=0, status=EventStatus.FAILED, errors=[*errors, f"{REFUSED} {error}"])

    def suspect(self, number: int) -> None:
        """The upstream refused so many together, without saying which of them."""
        self._note([], suspects=number)

    def keep(self, ids: Collection[int]) -> None:
        """Forwarding is off: these stay stored, and are sent nowhere."""
        self._note(ids, suspects=0, status=EventStatus.STORED, drop_untracked=None, public=None)

    def rest(self) -> None:
        """The end of a turn. What waits still is taken up again when others have had theirs."""
        self._write(status=ForwardingStatus.IDLE, lease_until=None, due_at=clock.now(), attempts=0)
        point("job.ended", self)

    def try_again(self, error: str, after: timedelta) -> None:
        super().try_again(error, after)
        if self.attempts <= 1:  # the first of these attempts: trouble begins now
            type(self).objects.filter(pk=self.pk, fence=self.fence).update(patience_from=clock.now())

    def give_up(self, error: str) -> None:
        """Never for good: as long as events are kept they wait."""
        self.try_again(error, timedelta(minutes=5))

    def _note(self, ids: Collection[int], *, suspects: int, **columns: Any) -> None:
        point("job.performed", self)
        with transaction.atomic():
            self._write(lease_until=clock.now() + LEASE, suspects=suspects, attempts=1, last_error="")
            if ids:
                Event.objects.waiting().filter(pk__in=ids).update(**columns)
        self.suspects, self.attempts = suspects, 1
        point("job.progressed", self)
