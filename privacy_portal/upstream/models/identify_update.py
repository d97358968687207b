"""An identify update: what the upstream is told when a person's consent or regulation changes (contract G6)."""

from collections.abc import Callable, Collection
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils import timezone

from privacy_portal.audit.models import Actor, record
from privacy_portal.brands.models import Brand
from privacy_portal.durable import bell, clock
from privacy_portal.durable.clock import Moment
from privacy_portal.durable.errors import LeaseLost
from privacy_portal.durable.faults import point
from privacy_portal.durable.models import Job, JobQuerySet
from privacy_portal.ids import new_id
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.client import SHORT, quoted

FORGOTTEN = "erased with the person"
PATIENCE = timedelta(hours=24)
A_WORD = "^[A-Za-z]+([_-][A-Za-z]+)*$"
A_UUID = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
ended: list[Callable[[Collection["IdentifyUpdate"], str], None]] = []
"""What follows when some have ended, in that transaction. The text says why they failed; empty: they were delivered."""

sent_again: list[Callable[["IdentifyUpdate", Actor], None]] = []
"""What follows when a failed one is to be sent again by itself, in that transaction and before its row is written:
who rested for it goes on, or refuses with Conflict."""


class UpdateStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"  # made in the transaction of its cause; a worker takes it in order per subject
    SENDING = "sending", "Sending"  # a worker holds the lease
    RETRYING = "retrying", "Retrying"  # the last attempt failed in a way that may pass; due again at `due_at`
    DELIVERED = "delivered", "Delivered"  # the upstream answered with an eventId; end
    FAILED = "failed", "Failed"  # refused for good, or given up after 24 h; `retry` moves it back to waiting


class IdentifyUpdateQuerySet(JobQuerySet["IdentifyUpdate"]):
    def due(self, at: Moment) -> Self:
        """In order per subject: an earlier one that is still open holds a later one back."""
        earlier = IdentifyUpdate.objects.open().filter(subject_id=OuterRef("subject_id"), id__lt=OuterRef("id"))
        return super().due(at).exclude(Exists(earlier))

    def not_told(self) -> Self:
        """Failed ones that no later one made good, about people who can still be named. One with channels carries them
        all as they are then, so it makes every earlier one good; one without makes good those without."""
        later = IdentifyUpdate.objects.filter(subject_id=OuterRef("subject_id"), id__gt=OuterRef("id"))
        good = later.filter(status=UpdateStatus.DELIVERED, channels__gte=OuterRef("channels"))
        return self.filter(status=UpdateStatus.FAILED, subject__user_id__isnull=False).exclude(Exists(good))

    def announce(self, subject: Subject, *, channels: bool) -> "IdentifyUpdate":
        """Make an update in the transaction of its cause. `channels`: whether marketingPreferences go with it, as the
        ledger holds them at the attempt."""
        (update,) = self.announce_each([self.model(subject=subject, brand_id=subject.brand_id, channels=channels)])
        return update

    def announce_each(self, updates: "list[IdentifyUpdate]") -> "list[IdentifyUpdate]":
        """The same of several, each about another person."""
        earlier = self.filter(subject__in=[update.subject_id for update in updates]).order_by("id")
        last = dict(earlier.values_list("subject_id", "id"))
        for update in updates:
            update.id = new_id(after=last.get(update.subject_id))
        bell.ring()
        return self.bulk_create(updates)

    def forget(self, user_id: str | None) -> None:
        """With the person they are about: what went wrong, a status in more than a word, and an upstream's eventId that
        names them. A UUID names only who is called by it: a short userId stands in every tenth."""
        self.exclude(last_error="").update(last_error=FORGOTTEN)
        self.exclude(upstream_status__regex=A_WORD).exclude(upstream_status="").update(upstream_status="")
        for form in quoted(user_id) if user_id else ():
            names = Q(event_ref__icontains=form) & ~Q(event_ref__iregex=A_UUID)
            self.filter(names | Q(event_ref=form)).update(event_ref="")
            named = Q(upstream_status__icontains=form) if len(form) >= SHORT else Q(upstream_status__iexact=form)
            self.filter(named).update(upstream_status="")

    def send_again(self) -> int:
        """failed → waiting: these very ones, under their messageId, with the patience of a new one. The caller holds
        the people they are about, and rings. Returns how many had failed."""
        now = clock.now()
        return self.filter(status=UpdateStatus.FAILED).update(
            status=UpdateStatus.WAITING, due_at=now, patience_from=now
        )

    def delivered(self, answers: "dict[IdentifyUpdate, str]") -> None:
        """The upstream took these, and answered with these eventIds. LeaseLost, and nothing is written, unless all of
        them are still this worker's."""
        for update in answers:
            point("job.performed", update)
        ours = reduce(or_, (Q(pk=update.pk, fence=update.fence) for update in answers))
        event_ids = Case(*(When(pk=update.pk, then=Value(event_id)) for update, event_id in answers.items()))
        with transaction.atomic():
            for follow in ended:
                follow(answers, "")
            changed = self.filter(ours, status=UpdateStatus.SENDING).update(
                status=UpdateStatus.DELIVERED, lease_until=None, event_ref=event_ids, last_error="",
                delivered_at=timezone.now(),
            )  # fmt: skip
            if changed < len(answers):
                raise LeaseLost(", ".join(map(str, answers)))
            self.forget_the_erased(answers)
        for update in answers:
            point("job.ended", update)

    def forget_the_erased(self, updates: "Collection[IdentifyUpdate]") -> None:
        """What the upstream answered about someone who was erased while it was asked."""
        subjects = Subject.objects.filter(pk__in=[update.subject_id for update in updates], user_id__isnull=True)
        erased = set(subjects.values_list("pk", flat=True))
        for update in updates:
            if update.subject_id in erased:
                self.filter(pk=update.pk).forget(update.subject.clear_user_id)


class IdentifyUpdate(Job):
    OPEN: ClassVar = (UpdateStatus.WAITING, UpdateStatus.RETRYING)
    BUSY: ClassVar = UpdateStatus.SENDING
    RETRYING: ClassVar = UpdateStatus.RETRYING
    READ_WITH: ClassVar = ("subject", "brand")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="identify_updates")
    status = models.CharField(max_length=16, choices=UpdateStatus, default=UpdateStatus.WAITING)
    channels = models.BooleanField(default=False)
    regulation = models.JSONField(null=True)
    event_ref = models.CharField("event id", max_length=64, blank=True)
    upstream_status = models.CharField(max_length=32, blank=True)
    delivered_at = models.DateTimeField(null=True)

    objects = IdentifyUpdateQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"], condition=Q(status__in=["waiting", "retrying", "sending"]), name="update_due"
            ),
            models.Index(fields=["subject", "id"], name="update_subject"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["subject"], condition=Q(status="sending"), name="update_one_at_a_time")
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_open(self) -> bool:
        return self.status not in (UpdateStatus.DELIVERED, UpdateStatus.FAILED)

    def delivered(self, event_id: str) -> None:
        IdentifyUpdate.objects.delivered({self: event_id})

    def tell(self, upstream_status: str) -> None:
        """What the upstream said of the event afterwards; empty when it did not say."""
        with transaction.atomic():
            IdentifyUpdate.objects.filter(pk=self.pk).update(upstream_status=upstream_status)
            IdentifyUpdate.objects.forget_the_erased([self])

    def be_patient_anew(self) -> None:
        """Not of one that waited behind another that was given up: the upstream has had its time."""
        behind = IdentifyUpdate.objects.filter(
            subject_id=self.subject_id, id__lt=self.pk, status=UpdateStatus.FAILED,
            patience_from__gt=timezone.now() - 2 * PATIENCE,
        )  # fmt: skip
        if self.attempts > 1 or not behind.exists():
            super().be_patient_anew()

    def try_again(self, error: str, after: timedelta) -> None:
        with transaction.atomic():
            if self._is_about_nobody():
                self.end(UpdateStatus.FAILED, last_error=FORGOTTEN)
            else:
                super().try_again(error, after)

    def give_up(self, error: str) -> None:
        with transaction.atomic():
            self.end(UpdateStatus.FAILED, last_error=FORGOTTEN if self._is_about_nobody() else error)

    def _finish(self, status: str, **columns: Any) -> None:
        with transaction.atomic():
            for follow in ended:
                follow([self], columns["last_error"])
            super()._finish(status, **columns)

    def _is_about_nobody(self) -> bool:
        """Under the person's lock: an upstream's word about them must not be written down once they are erased."""
        return Subject.objects.locked(self.subject_id).user_id is None

    def retry(self, actor: Actor) -> None:
        """Send a failed one again. Conflict `not_failed` when it did not fail, `erased` when nobody is left to name,
        and whatever those who rest for it refuse with."""
        with transaction.atomic():
            if Subject.objects.locked(self.subject_id).user_id is None:
                raise Conflict("erased", "This person was erased: there is no one left to tell the upstream about.")
            for follow in sent_again:
                follow(self, actor)
            if not IdentifyUpdate.objects.filter(pk=self.pk).send_again():
                raise Conflict("not_failed", "Only a failed update can be sent again.")
            record("identify_update.retried", actor, brand=self.brand_id, subject=self.subject_id, of=self)
            bell.ring()
        self.refresh_from_db()

    @classmethod
    def recognise(cls, brand_id: int, message_ids: set[str]) -> set[str]:
        """Those messageIds that are updates of this brand, come home (contract G7)."""
        ids: dict[Any, str] = {}
        for message_id in message_ids:
            try:
                ids[UUID(message_id)] = message_id
            except ValueError:
                continue
        return {ids[pk] for pk in cls.objects.filter(pk__in=ids, brand=brand_id).values_list("pk", flat=True)}
