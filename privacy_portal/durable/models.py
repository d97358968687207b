"""The ground of every asynchronous piece of work: a row that is claimed, leased and fenced."""

import random
from datetime import timedelta
from typing import Any, ClassVar, Self, TypeVar

from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from privacy_portal.durable import bell, clock
from privacy_portal.durable.clock import Moment
from privacy_portal.durable.errors import LeaseLost
from privacy_portal.durable.faults import point

LEASE = timedelta(seconds=15)
RETRY_CEILING = timedelta(minutes=5)


def backoff(attempts: int) -> timedelta:
    """1–2 s after the first attempt, doubling with jitter up to 5 min (contract G6)."""
    return min(timedelta(seconds=random.uniform(1, 2) * 2 ** min(attempts - 1, 12)), RETRY_CEILING)


T = TypeVar("T", bound="Job")


class JobQuerySet(models.QuerySet[T]):
    def due(self, at: Moment) -> Self:
        """What may be claimed. Subclasses say what else must hold, of other rows."""
        return self.free(at)

    def free(self, at: Moment) -> Self:
        """Waiting past its time, or left behind by a worker whose lease ran out: told by the row alone."""
        return self.filter(
            Q(status__in=self.model.OPEN, due_at__lte=at) | Q(status=self.model.BUSY, lease_until__lt=at)
        )

    def open(self) -> Self:
        return self.filter(status__in=(*self.model.OPEN, self.model.BUSY))

    def claim(self) -> T | None:
        """Take one due job: one guarded UPDATE that sets lease and fencing token. None when nothing is due.

        The guard names columns of the row alone: an UPDATE that had to wait for another worker's is judged again by
        what it left there, but only for those; what `due` asks of other rows would be answered as before.
        """
        for pk, fence in list(self.due(clock.now()).order_by("due_at", "pk").values_list("pk", "fence")[:20]):
            try:
                with transaction.atomic():
                    taken = type(self)(self.model).free(clock.now()).filter(pk=pk, fence=fence)
                    lease = {"status": self.model.BUSY, "lease_until": clock.now() + LEASE}
                    if taken.update(fence=F("fence") + 1, attempts=F("attempts") + 1, **lease):
                        return self.get(pk=pk)
            except IntegrityError:
                continue  # a constraint (one at a time per subject) gave it to someone else
        return None

    def move_back(self, step: timedelta) -> None:
        """The clock fell back by so much: what waits, and the leases that are held, go with it."""
        now = clock.now()
        self.filter(status__in=self.model.OPEN, due_at__gt=now).update(due_at=F("due_at") - step)
        self.filter(status=self.model.BUSY, lease_until__gt=now + LEASE).update(lease_until=F("lease_until") - step)


class Job(models.Model):
    """One unit of work. Subclasses name their statuses and say in `due` what else must hold.

    OPEN: statuses a claim may take; BUSY: while a worker holds it. Effects come before the terminal status.
    """

    OPEN: ClassVar[tuple[str, ...]]
    BUSY: ClassVar[str]
    RETRYING: ClassVar[str]

    status = models.CharField(max_length=16)
    due_at = models.DateTimeField(default=clock.now)
    lease_until = models.DateTimeField(null=True, editable=False)
    fence = models.PositiveIntegerField(default=0, editable=False)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    patience_from = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True

    def renew(self, **progress: Any) -> None:
        """Keep the lease for another 15 s, with what was done so far; call once per chunk of work."""
        self._write(lease_until=clock.now() + LEASE, **progress)
        point("job.progressed", self)

    def try_again(self, error: str, after: timedelta) -> None:
        self._write(status=self.RETRYING, due_at=clock.now() + after, lease_until=None, last_error=error)

    def hand_back(self) -> None:
        """Release it untouched, as when a deploy stops the worker: no attempt is burned."""
        self._write(status=self.RETRYING, due_at=clock.now(), lease_until=None, attempts=F("attempts") - 1)

    def end(self, status: str, **columns: Any) -> None:
        """The last write of this claim: a terminal status with what came of it."""
        point("job.performed", self)
        self._write(status=status, lease_until=None, **columns)
        point("job.ended", self)
        bell.ring()

    def _write(self, **columns: Any) -> None:
        model = type(self)
        if not model._default_manager.filter(pk=self.pk, fence=self.fence, status=self.BUSY).update(**columns):
            raise LeaseLost(f"{model.__name__} {self.pk}")


class Heartbeat(models.Model):
    """When a part of the product last showed that it works, on the clock that jobs go by. Read by /readyz."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": clock.now()})

    @classmethod
    def fell_back(cls, name: str) -> timedelta:
        """How far the clock has been set back since this part's last beat, which then lies in the future."""
        last = cls.objects.filter(name=name).values_list("at", flat=True).first()
        return max(last - clock.read(), timedelta()) if last else timedelta()
