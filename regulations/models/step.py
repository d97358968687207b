"""A step: one action of one regulation at one destination, carried out by a worker as a durable job."""

from collections.abc import Collection
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from privacy_portal.durable import clock
from privacy_portal.durable.clock import Moment
from privacy_portal.durable.models import Job, JobQuerySet
from privacy_portal.upstream.models import IdentifyUpdate, UpdateStatus
from regulations.models.regulation import Regulation, RegulationStatus


class StepStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"  # made with its regulation; a worker takes it when that is running
    RUNNING = "running", "Running"  # a worker holds the lease
    RETRYING = "retrying", "Retrying"  # to be looked at again at `due_at`
    FINISHED = "finished", "Finished"  # the effect is there; end
    FAILED = "failed", "Failed"  # the destination gave up; `retry` of the regulation moves it back to waiting
    SKIPPED = "skipped", "Skipped"  # data was left out, as `last_error` says; retried like a failed one


ENDED = (StepStatus.FINISHED, StepStatus.FAILED, StepStatus.SKIPPED)
AS_THE_UPDATE: dict[str, str] = {UpdateStatus.SENDING: StepStatus.RUNNING, UpdateStatus.RETRYING: StepStatus.RETRYING}
"""What a step that rests for an identify update is said to be, other than waiting."""
ANEW: dict[str, Any] = {"status": StepStatus.WAITING, "finished_at": None, "result": ""}


class Result(models.TextChoices):
    """What can be said of the destination afterwards, never more than is true (contract G8)."""

    ERASED_AND_CHECKED = "erased_and_checked", "Erased, and counted again: nothing left"
    NOTIFIED = "notified", "Told; an instruction, not an erasure"
    COLLECTED = "collected", "Collected"
    NOT_REACHED = "not_reached", "Not reached"


class StepQuerySet(JobQuerySet["Step"]):
    def due(self, at: Moment) -> Self:
        """Only of a running regulation. Asked of each step, so that the longest due one is found by the index of steps,
        however many regulations run."""
        running = Regulation.objects.filter(pk=OuterRef("regulation_id"), status=RegulationStatus.RUNNING)
        return super().due(at).filter(Exists(running))

    def claim_some(self, most: int, **columns: Any) -> "list[Step]":
        return super().claim_some(most, started_at=Coalesce("started_at", timezone.now()), **columns)

    def begin(self, regulations: Collection[Regulation]) -> None:
        """These run now, so their steps are due."""
        by_id = {regulation.pk: regulation for regulation in regulations}
        now = clock.now()
        self.filter(regulation__in=by_id, status=StepStatus.WAITING).update(due_at=now, patience_from=now)
        for regulation in regulations:
            regulation.planned = []
        for step in self.filter(regulation__in=by_id):
            step.regulation = by_id[step.regulation_id]
            step.regulation.planned.append(step)

    def rest(self, steps: "list[Step]") -> None:
        """Until the identify update that each was given has ended: nobody claims them meanwhile."""
        self.bulk_update(steps, ["identify_update"])
        self.filter(pk__in=[step.pk for step in steps]).update(due_at=None, started_at=timezone.now())

    def updates_ended(self, updates: Collection[IdentifyUpdate], error: str) -> None:
        """What rested for these updates ends with them, and took as many attempts. `error` is empty when they were
        delivered."""
        resting = self.filter(identify_update__in=updates, status=StepStatus.WAITING)
        status, result = (
            (StepStatus.FAILED, Result.NOT_REACHED) if error else (StepStatus.FINISHED, Result.NOTIFIED)
        )  # fmt: skip
        attempts = Subquery(IdentifyUpdate.objects.filter(pk=OuterRef("identify_update")).values("attempts"))
        resting.update(status=status, result=result, last_error=error, attempts=attempts, finished_at=timezone.now())

    def retry(self) -> None:
        """Give what did not finish another chance. What an identify update failed to tell is told by that very one:
        the upstream knows by its messageId whether it is new."""
        untold = self.filter(~Q(identify_update__status=UpdateStatus.DELIVERED), identify_update__isnull=False)
        updates = list(untold.undone().values_list("identify_update_id", flat=True))
        untold.rest_again()
        IdentifyUpdate.objects.filter(pk__in=updates).send_again()
        now = clock.now()
        self.undone().update(due_at=now, patience_from=now, identify_update=None, **ANEW)

    def rest_again(self) -> None:
        """Until the identify update that failed, and is sent again in this transaction, has ended once more."""
        self.undone().update(due_at=None, **ANEW)

    def told(self, status: str) -> Self:
        """Those that are said to be this far (`Step.told_status`)."""
        resting = Q(status=StepStatus.WAITING, identify_update__isnull=False)
        updates = [theirs for theirs, own in AS_THE_UPDATE.items() if own == status]
        by_itself = Q(status=status) & ~(resting & Q(identify_update__status__in=AS_THE_UPDATE))
        return self.filter(by_itself | resting & Q(identify_update__status__in=updates))

    def undone(self) -> Self:
        """Ended without their effect."""
        return self.filter(status__in=(StepStatus.FAILED, StepStatus.SKIPPED))


class Step(Job):
    OPEN: ClassVar = (StepStatus.WAITING, StepStatus.RETRYING)
    BUSY: ClassVar = StepStatus.RUNNING
    RETRYING: ClassVar = StepStatus.RETRYING
    READ_WITH: ClassVar = ("regulation__subject", "regulation__brand")

    regulation = models.ForeignKey(Regulation, on_delete=models.CASCADE, related_name="steps")
    destination = models.CharField(max_length=64)
    action = models.CharField(max_length=16)
    status = models.CharField(max_length=16, choices=StepStatus, default=StepStatus.WAITING)
    result = models.CharField(max_length=24, choices=Result, blank=True)
    counts = models.JSONField(default=dict)
    identify_update = models.ForeignKey(IdentifyUpdate, null=True, on_delete=models.PROTECT, related_name="steps")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(status__in=["waiting", "retrying", "running"]), name="step_due"
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["regulation", "destination", "action"], name="step_once_per_destination")
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.destination}"

    @property
    def event_id(self) -> str | None:
        """The eventId that the upstream answered to this step's identify update."""
        return (self.identify_update.event_ref or None) if self.identify_update else None

    @property
    def attempted(self) -> "Step | IdentifyUpdate":
        """What is attempted, and so knows how often and with which error: the identify update while this rests for
        it, else this."""
        resting = self.status == StepStatus.WAITING and self.identify_update
        return resting or self

    @property
    def told_status(self) -> str:
        """How far it is, for who asks: while it rests for its identify update, as far as that."""
        return AS_THE_UPDATE.get(self.attempted.status, self.status)

    def get_told_status_display(self) -> str:
        return str(StepStatus(self.told_status).label)

    def note_progress(self, counts: dict[str, int]) -> None:
        """Keep the lease and what was done so far: a killed worker's successor counts on from there."""
        self.renew(counts=counts)

    def await_update(self, update: IdentifyUpdate) -> None:
        """Rest until the update has ended, and this step with it: no attempt is counted for the rest."""
        self._write(
            status=StepStatus.WAITING, identify_update=update, lease_until=None, attempts=F("attempts") - 1, due_at=None
        )

    def finish(self, result: Result, counts: dict[str, Any] | None = None) -> None:
        self.end(StepStatus.FINISHED, result=result, counts=counts or {}, last_error="", finished_at=timezone.now())

    def give_up(self, error: str) -> None:
        self.end(StepStatus.FAILED, result=Result.NOT_REACHED, last_error=error, finished_at=timezone.now())
