"""A regulation: one request about one userId under one brand, and the table of its transitions."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from privacy_portal.audit.models import SYSTEM, Actor, record, record_each
from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Entry as LedgerEntry
from privacy_portal.consent.models import Source
from privacy_portal.durable import bell
from privacy_portal.durable.models import PASS_BY
from privacy_portal.ids import new_id
from privacy_portal.literal import OneOf
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import FORGOTTEN, IdentifyUpdate
from regulations.models import standing

if TYPE_CHECKING:
    from regulations.models.step import Step, StepQuerySet
    from regulations.types.base import RegulationType


class RegulationStatus(models.TextChoices):
    SCHEDULED = "scheduled", "Scheduled"  # made by a request; moves on when no earlier one of its subject is open
    RUNNING = "running", "Running"  # begun by a worker, or by `retry`; moves on when every step has ended
    FINISHED = "finished", "Finished"  # every step is done; end
    PARTIAL = "partial", "Partly done"  # a destination gave up or skipped data; end, unless retried
    FAILED = "failed", "Failed"  # nothing of it took effect; end, unless retried
    CANCELLED = "cancelled", "Cancelled"  # by whoever may, before running, or by a later closing one; end


OPEN = (RegulationStatus.SCHEDULED, RegulationStatus.RUNNING)
RETRYABLE = (RegulationStatus.PARTIAL, RegulationStatus.FAILED)
OWED = (*OPEN, *RETRYABLE)
"""Not done: what is retryable still owes an answer, unless a later one replaced it (standing.py)."""


def type_choices() -> list[tuple[str, str]]:
    """From the registry, so that a new type needs no migration."""
    from regulations.types import TYPES

    return [(kind.value, kind.label) for kind in TYPES.values()]


class RegulationQuerySet(models.QuerySet["Regulation"]):
    def open(self) -> "RegulationQuerySet":
        return self.filter(status__in=OPEN)

    def last_about(self, subject: Subject) -> UUID | None:
        """The id of the last request about this person: the next one must sort behind it."""
        return self.filter(subject=subject).order_by("-id").values_list("id", flat=True).first()

    def owed(self) -> "RegulationQuerySet":
        return self.filter(OneOf("status", OWED), standing.owed())

    def with_standing(self) -> "RegulationQuerySet":
        """Each row says whether `is_owed` and `can_retry`."""
        itself = self.model.objects.filter(pk=OuterRef("pk"))
        return self.annotate(is_owed=Exists(itself.owed()), can_retry=Exists(itself.filter(standing.retryable())))

    def with_forgotten(self) -> "RegulationQuerySet":
        """Each row says whether it is `forgotten`: it has ended, and a finished erasure took the userId out of it. It
        stays out when the same person asks again later (contract G10)."""
        erasure = self.model.objects.erasing().filter(
            subject_id=OuterRef("subject_id"),
            status=RegulationStatus.FINISHED,
            finished_at__gte=OuterRef("created_at"),
        )
        return self.annotate(forgotten=Q(Exists(erasure)) & ~Q(status__in=OPEN))

    def overdue(self, now: datetime) -> "RegulationQuerySet":
        """Past their legal deadline, and neither done nor replaced."""
        return self.owed().filter(due_at__lte=now)

    def needing_attention(self) -> "RegulationQuerySet":
        """What a human may have to see to, the nearest legal deadline first."""
        return self.owed().order_by("due_at", "id")

    def erasing(self) -> "RegulationQuerySet":
        """Of the types that erase."""
        from regulations.types import TYPES

        return self.filter(type__in=[kind.value for kind in TYPES.values() if kind.erases])

    def collecting(self) -> "RegulationQuerySet":
        """Of the types that an export comes of."""
        from regulations.types import TYPES

        return self.filter(type__in=[kind.value for kind in TYPES.values() if kind.collects])

    def withdrew(self) -> "RegulationQuerySet":
        """Those that changed a channel, as the ledger says: one may find them all withdrawn by an earlier one."""
        from regulations.types import TYPES

        changes = LedgerEntry.objects.filter(
            subject_id=OuterRef("subject_id"), source=Source.REGULATION, received_at__gte=OuterRef("created_at")
        )
        return self.filter(Exists(changes), type__in=[kind.value for kind in TYPES.values() if kind.withdraws])

    def owed_to_people(self) -> "RegulationQuerySet":
        """What people still wait for: what needs attention, and an Access whose export nobody has fetched."""
        from regulations.models.export import Export

        # A union, so that each part is found by its own index.
        waiting = Export.objects.not_fetched().order_by().values("regulation")
        return self.filter(pk__in=Regulation.objects.needing_attention().order_by().values("pk").union(waiting))

    def startable(self) -> "RegulationQuerySet":
        """Scheduled, and no earlier one of that subject is open."""
        earlier = Regulation.objects.open().filter(subject_id=OuterRef("subject_id"), id__lt=OuterRef("id"))
        return self.filter(status=RegulationStatus.SCHEDULED).exclude(Exists(earlier))

    def begin(self, most: int, now: datetime) -> "list[Regulation]":
        """scheduled → running, of up to `most`, the oldest first, with what each type does at that moment (open the
        gate), and their steps are due. Call it in a transaction. Who is being dealt with by someone else at this moment
        is passed by."""
        from regulations.models.step import Step

        found = {each.subject_id: each for each in self.startable().select_for_update(**PASS_BY).order_by("id")[:most]}
        held = Subject.objects.select_for_update(skip_locked=True).filter(pk__in=found).order_by("key")
        people = {subject.pk: subject for subject in held}
        # Asked again under their locks: what another transaction did before is seen only now.
        ours = [found[pk].pk for pk in people]
        begun = list(self.model.objects.startable().filter(pk__in=ours).select_related("brand"))
        self.model.objects.filter(pk__in=[each.pk for each in begun], status=RegulationStatus.SCHEDULED).update(
            status=RegulationStatus.RUNNING, started_at=now
        )
        for regulation in begun:
            regulation.status, regulation.started_at = RegulationStatus.RUNNING, now
            regulation.subject = people[regulation.subject_id]
            regulation.kind.begin(regulation, regulation.subject)
        Step.objects.begin(begun)
        record_each("regulation.begun", SYSTEM, begun)
        return begun

    def conclude(self, regulations: "Collection[Regulation]", now: datetime) -> "list[Regulation]":
        """running → the end that each one's steps add up to. Returns those that this moved."""
        from regulations.outcome import outcome

        with transaction.atomic():
            held = Subject.objects.select_for_update().filter(pk__in=[each.subject_id for each in regulations])
            people = {subject.pk: subject for subject in held.order_by("key")}
            # Read under their locks: whoever moves a running one on, or takes up a step again, holds the person.
            found = self.concludable().filter(pk__in=[each.pk for each in regulations])
            moved = list(found.select_related("subject").prefetch_related("steps"))
            for each in moved:
                steps = [step.status for step in each.steps.all()]
                each.status = str(outcome(steps, changes_the_gate=each.kind.changes_the_gate))
                each.finished_at = now
            for end in {each.status for each in moved}:
                some = [each.pk for each in moved if each.status == end]
                self.filter(pk__in=some, status=RegulationStatus.RUNNING).update(status=end, finished_at=now)
            for each in moved:
                each._forget_again(people[each.subject_id], now)
            record_each("regulation.concluded", SYSTEM, moved, lambda each: {"status": each.status})
        return moved

    def concludable(self) -> "RegulationQuerySet":
        """Running, with no step left to do."""
        from regulations.models.step import ENDED, Step

        # Not "one that is open": PostgreSQL, before it has statistics, would read the index of all open ones for each.
        return self.filter(status=RegulationStatus.RUNNING).exclude(
            Exists(Step.objects.filter(regulation_id=OuterRef("pk")).exclude(status__in=ENDED))
        )


class Regulation(models.Model):
    """`closed_gate`: this one closed it, so cancelling reopens it. `reason`, `ticket_ref`, `intake` are free text and
    go with an erasure."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="regulations")
    type = models.CharField(max_length=32, choices=type_choices)
    status = models.CharField(max_length=24, choices=RegulationStatus, default=RegulationStatus.SCHEDULED)
    reason = models.TextField(blank=True)
    ticket_ref = models.CharField(max_length=200, blank=True)
    intake = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=35, blank=True)
    unknown_subject = models.BooleanField(default=False)
    closed_gate = models.BooleanField(default=False, editable=False)
    requested_by_kind = models.CharField(max_length=16)
    requested_by_id = models.CharField(max_length=64, blank=True)
    received_at = models.DateTimeField()
    due_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    planned: "list[Step]"  # its steps, in the hands of who made it or made it run
    is_owed: bool  # this and the next of a row that was read `with_standing`
    can_retry: bool
    forgotten: bool  # of one that was read `with_forgotten`

    objects = RegulationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["brand", "-id"], name="regulation_brand"),
            models.Index(fields=["due_at"], condition=Q(status__in=list(OWED)), name="regulation_attention"),
            models.Index(fields=["id"], condition=Q(status=RegulationStatus.SCHEDULED), name="regulation_scheduled"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject"], condition=Q(status=RegulationStatus.RUNNING), name="regulation_one_running"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.id}"

    @property
    def kind(self) -> "RegulationType":
        from regulations.types import TYPES

        return TYPES[self.type]

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def can_cancel(self) -> bool:
        return self.status == RegulationStatus.SCHEDULED

    # -- Transitions: each one guarded UPDATE; False or Conflict when the state has moved on ------------------

    def cancel(self, actor: Actor) -> None:
        """scheduled → cancelled; reopens what it closed, unless another of its type is open: from then on that one
        closed it. Conflict `not_cancellable`, `erasure_open`."""
        with transaction.atomic():
            subject = Subject.objects.locked(self.subject_id)
            if not self._is_still((RegulationStatus.SCHEDULED,)):
                raise Conflict("not_cancellable", "Only a regulation that is not yet running can be cancelled.")
            others = Regulation.objects.open().filter(subject=subject).exclude(pk=self.pk)
            if self.closed_gate and self.kind.kept_for_erasure and any(other.kind.erases for other in others):
                raise Conflict("erasure_open", "An erasure of this person is open and needs the gate closed.")
            self._move((RegulationStatus.SCHEDULED,), RegulationStatus.CANCELLED, finished_at=timezone.now())
            if self.closed_gate and not self._hand_over(others):
                self.kind.reopen(subject)
            if Regulation.objects.withdrew().filter(pk=self.pk).exists():
                # The channels stay withdrawn, and nobody has told the upstream yet.
                IdentifyUpdate.objects.announce(subject, channels=True)
            record("regulation.cancelled", actor, brand=self.brand_id, subject=self.subject_id, of=self)
            self._forget_again(subject, timezone.now())
            bell.ring()

    def _hand_over(self, others: RegulationQuerySet) -> bool:
        """To the next one of its type, as if that had closed the gate; not to all, for what comes after that one closed
        nothing."""
        heir = others.filter(type=self.type).order_by("id").first()
        return heir is not None and bool(Regulation.objects.filter(pk=heir.pk).update(closed_gate=True))

    def give_way(self, to: "Regulation") -> None:
        """An opening one that is open gives way to a later closing one, in the transaction that makes that one."""
        if self._move(OPEN, RegulationStatus.CANCELLED, finished_at=timezone.now()):
            record(
                "regulation.superseded", SYSTEM, brand=self.brand_id, subject=self.subject_id, of=self, by=str(to.pk)
            )

    def retry(self, actor: Actor) -> None:
        """partial or failed → running, with the steps that did not finish. Conflict `not_retryable`, `already_open`,
        `superseded`, `erased`."""
        from regulations.models.step import Step

        with transaction.atomic():
            steps = Step.objects.filter(regulation=self)
            self._go_on(RETRYABLE, steps, actor)
            steps.retry()
            bell.ring()

    def tell_again(self, update: IdentifyUpdate, actor: Actor) -> None:
        """partial or failed → running, with the one step that failed because this update did, in the transaction that
        sends it again. One that still runs, since another step is not done, takes it up, too. Conflict as of `retry`:
        what it would tell may no longer be so."""
        from regulations.models.step import Step

        with transaction.atomic():
            steps = Step.objects.filter(regulation=self, identify_update=update)
            self._go_on((*RETRYABLE, RegulationStatus.RUNNING), steps, actor)
            steps.rest_again()

    def _go_on(self, origins: Collection[str], steps: "StepQuerySet", actor: Actor) -> None:
        subject = Subject.objects.locked(self.subject_id)
        if not self._is_still(origins):
            raise Conflict("not_retryable", "Only a regulation that is partly done or failed can be retried.")
        others = Regulation.objects.open().filter(subject=subject).exclude(pk=self.pk)
        if others.filter(Q(status=RegulationStatus.RUNNING) | Q(type=self.type)).exists():
            raise Conflict("already_open", "Another regulation of this person is open; retry when it has ended.")
        itself = Regulation.objects.filter(pk=self.pk)
        if not itself.filter(standing.holding() | standing.erased_anew()).exists():
            raise Conflict("superseded", "A later regulation undid what this one did; make a new one if it is wanted.")
        if itself.filter(standing.forgotten()).exists() and not steps.undone().exclude(action="notify").exists():
            raise Conflict("erased", "This person was erased: there is no one left to tell the upstream about.")
        self._move(origins, RegulationStatus.RUNNING, finished_at=None)
        record("regulation.retried", actor, brand=self.brand_id, subject=self.subject_id, of=self)

    def forget_person(self, now: datetime) -> None:
        """What an erasure does last: null the userId, and the free text of every regulation about this person, with
        what an upstream said of them.

        While a step can still be retried the userId is kept (contract G10), so this is for a full success only; and a
        later request that is open already, whose steps must name the person, keeps it until it ends. Nor for one that
        another worker has ended meanwhile: who it was about may have been let in again.
        """
        with transaction.atomic():
            subject = Subject.objects.locked(self.subject_id)
            if self._is_still((RegulationStatus.RUNNING,)):
                self._forget(subject, now)

    def _forget(self, subject: Subject, now: datetime) -> None:
        """Under the person's lock."""
        from regulations.models.step import Step

        about = Regulation.objects.filter(subject=subject)
        about.update(reason="", ticket_ref="", intake="", language="")
        Step.objects.filter(regulation__in=about).exclude(last_error="").update(last_error=FORGOTTEN)
        IdentifyUpdate.objects.filter(subject=subject).forget(subject.clear_user_id)
        if about.open().exclude(pk=self.pk).exists():
            subject.mark_erased(now)
        else:
            subject.forget(now)

    def _forget_again(self, subject: Subject, now: datetime) -> None:
        """A later request about someone erased keeps the userId only until it ends (contract G10)."""
        naming = Regulation.objects.filter(standing.naming(), subject=subject)
        if subject.erased_at and subject.suppressed and subject.user_id is not None and not naming.exists():
            self._forget(subject, now)

    def _is_still(self, origins: Collection[str]) -> bool:
        """Asked under the person's lock, which whoever moves a regulation holds, and before anything else: what is in
        the way matters only to one that could be moved at all."""
        self.refresh_from_db(fields=["status", "closed_gate"])
        return self.status in origins

    def _move(self, origins: Collection[str], to: RegulationStatus, **columns: object) -> bool:
        moved = Regulation.objects.filter(pk=self.pk, status__in=origins).update(status=to, **columns)
        if moved:
            self.status = to
            for name, value in columns.items():
                setattr(self, name, value)
        return bool(moved)
