"""The ground of every asynchronous piece of work: a row that is claimed, leased and fenced."""

import random
from contextlib import suppress
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any, ClassVar, Self, TypeVar

from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone

from privacy_portal.durable import clock
from privacy_portal.durable.clock import Moment
from privacy_portal.durable.errors import LeaseLost
from privacy_portal.durable.faults import point
from privacy_portal.literal import OneOf

LEASE = timedelta(seconds=15)
RENEW_EVERY_S = 3.0
RETRY_CEILING = timedelta(minutes=5)
LATE = timedelta(minutes=5)
ATTEMPTS_TO_CLAIM = 20
PASS_BY: dict[str, Any] = {"skip_locked": True, "of": ("self",), "no_key": True}
"""Lock a row unless someone else holds it: many workers then each find another one, and nobody waits."""


def backoff(attempts: int) -> timedelta:
    """1–1.5 s after the first attempt, doubling with jitter up to 5 min: with the time that it takes to write down, and
    to be taken up again, the first is tried again after 1–2 s (contract G6)."""
    return min(timedelta(seconds=random.uniform(1, 1.5) * 2 ** min(attempts - 1, 12)), RETRY_CEILING)


T = TypeVar("T", bound="Job")


class JobQuerySet(models.QuerySet[T]):
    def due(self, at: Moment) -> Self:
        """What may be claimed: waiting past its time, or left behind by a worker whose lease ran out. Subclasses say
        what else must hold, of other rows."""
        free = Q(status__in=self.model.OPEN) | Q(status=self.model.BUSY, lease_until__lt=at)
        # A lease begins when its job is due, so this holds for both; it is what the index is ordered by.
        return self.open().filter(free, due_at__lte=at)

    def open(self) -> Self:
        return self.filter(OneOf("status", (*self.model.OPEN, self.model.BUSY)))

    def claim(self) -> T | None:
        """Take the job that has been due longest and that nobody else is taking. None when nothing is due."""
        return next(iter(self.claim_some(1)), None)

    def claim_some(self, most: int, **columns: Any) -> list[T]:
        """The same of up to `most` jobs: one UPDATE sets lease, fencing token and `columns`."""
        refused: list[Any] = []
        while self._is_worth_a_lock(refused) and len(refused) < ATTEMPTS_TO_CLAIM:
            jobs: list[T] = []
            with suppress(IntegrityError), transaction.atomic():
                due = self._due_except(refused).select_related(*self.model.READ_WITH)
                jobs = list(due.select_for_update(**PASS_BY)[:most])
                self._take(jobs, **columns)
                return jobs
            # A constraint (one at a time per subject) gives one of them to someone else: the others one by one.
            if most == 1:
                refused += [job.pk for job in jobs]
            most = 1
        return []

    def _take(self, jobs: list[T], **columns: Any) -> None:
        """Give this worker the jobs that it holds the lock of. What was read is what they are: the lock passes by what
        another holds, and reads anew what another has changed."""
        if not jobs:
            return
        lease = {"status": self.model.BUSY, "lease_until": clock.now() + LEASE}
        held = self.model._default_manager.filter(pk__in=[job.pk for job in jobs])
        held.update(fence=F("fence") + 1, attempts=F("attempts") + 1, **lease, **columns)
        for job in jobs:
            job.status, job.fence, job.attempts = self.model.BUSY, job.fence + 1, job.attempts + 1
            job.be_patient_anew()

    def _due_except(self, refused: list[Any]) -> Self:
        due = self.due(clock.now()).order_by("due_at", "pk")
        return due.exclude(pk__in=refused) if refused else due

    def _is_worth_a_lock(self, refused: list[Any]) -> bool:
        """Where a transaction is a turn to write, looking for work must not take one in vain."""
        return connection.features.has_select_for_update or self._due_except(refused).exists()

    def move_back(self, step: timedelta) -> None:
        """The clock fell back by so much: what waits, and the leases that are held, go with it."""
        now = clock.now()
        self.open().filter(due_at__gt=now).update(due_at=F("due_at") - step)
        self.filter(status=self.model.BUSY, lease_until__gt=now + LEASE).update(lease_until=F("lease_until") - step)


class Job(models.Model):
    """One unit of work. Subclasses name their statuses and say in `due` what else must hold.

    OPEN: statuses a claim may take; BUSY: while a worker holds it. Effects come before the terminal status.
    READ_WITH: the related rows that an attempt needs, read together with it. `due_at` is null while it waits for
    something other than time: nobody claims it then.
    """

    OPEN: ClassVar[tuple[str, ...]]
    BUSY: ClassVar[str]
    RETRYING: ClassVar[str]
    READ_WITH: ClassVar[tuple[str, ...]] = ()
    _renewed_at = float("-inf")

    status = models.CharField(max_length=16)
    due_at = models.DateTimeField(null=True, default=clock.now)
    lease_until = models.DateTimeField(null=True, editable=False)
    fence = models.PositiveIntegerField(default=0, editable=False)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    patience_from = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        abstract = True

    @property
    def known_as(self) -> str:
        """What staff are told that it is."""
        return str(self.pk)

    def be_patient_anew(self) -> None:
        """How long nobody took it, as while the portal was down, is not what patience is asked for."""
        if self.due_at is None or timezone.now() - self.due_at <= LATE:  # by this host's clock, which need not be asked
            return
        now = clock.read()
        self.patience_from = min(now, self.patience_from + max(now - self.due_at, timedelta()))
        type(self)._default_manager.filter(pk=self.pk).update(patience_from=self.patience_from)

    def renew(self, **progress: Any) -> None:
        """Keep the lease for another 15 s, with what was done so far; call once per chunk of work."""
        self._write(lease_until=clock.now() + LEASE, **progress)
        self._renewed_at = monotonic()
        transaction.on_commit(partial(point, "job.progressed", self))

    def renew_in_time(self) -> None:
        """The same for chunks that may be small: at once, and then every three seconds."""
        if monotonic() - self._renewed_at >= RENEW_EVERY_S:
            self.renew()
        else:
            point("job.progressed", self)

    def try_again(self, error: str, after: timedelta) -> None:
        self._write(status=self.RETRYING, due_at=clock.now() + after, lease_until=None, last_error=error)

    def hand_back(self) -> None:
        """Release it untouched, as when a deploy stops the worker: it is due, and no attempt is burned."""
        self._write(status=self.RETRYING, due_at=clock.now(), lease_until=None, attempts=F("attempts") - 1)

    def end(self, status: str, **columns: Any) -> None:
        """The last write of this claim: a terminal status with what came of it. No bell is rung for what may follow:
        the worker whose claim this was goes on looking."""
        point("job.performed", self)
        self._finish(status, **columns)
        point("job.ended", self)

    def _finish(self, status: str, **columns: Any) -> None:
        self._write(status=status, lease_until=None, **columns)

    def _write(self, **columns: Any) -> None:
        model = type(self)
        if not model._default_manager.filter(pk=self.pk, fence=self.fence, status=self.BUSY).update(**columns):
            raise LeaseLost(f"{model.__name__} {self.pk}")


class FailingChore(models.Model):
    """A chore of the sweep that has failed and not succeeded since: the sweep's heartbeat tells of the others alone.
    Made by the sweep when it fails, deleted when it succeeds or when a sweep starts. `error`: its type."""

    name = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField()
    error = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def note(name: str, error: Exception) -> None:
        """`since` stays what it is, while it goes on."""
        failing = FailingChore(name=name, since=clock.now(), error=type(error).__name__)
        FailingChore.objects.bulk_create([failing], ignore_conflicts=True)


class Heartbeat(models.Model):
    """When a part of the product last showed that it works, on the clock that jobs go by. Read by /readyz."""

    name = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def beat(name: str) -> None:
        # One statement that the database refuses while it has no key on the table, as in the middle of a restore.
        Heartbeat.objects.bulk_create(
            [Heartbeat(name=name, at=clock.now())], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
        )

    @classmethod
    def fell_back(cls, name: str) -> timedelta:
        """How far the clock has been set back since this part's last beat, which then lies in the future."""
        last = cls.objects.filter(name=name).values_list("at", flat=True).first()
        return max(last - clock.read(), timedelta()) if last else timedelta()
