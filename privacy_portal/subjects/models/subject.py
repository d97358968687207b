"""A data subject under one brand: the only row that knows who someone is."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone

from privacy_portal.brands.encryption import decrypt, encrypt
from privacy_portal.brands.models import Brand
from privacy_portal.ids import new_id
from privacy_portal.subjects.keys import user_key

if TYPE_CHECKING:
    from collections.abc import Iterable


class SubjectQuerySet(models.QuerySet["Subject"]):
    def of(self, brand: Brand, user_id: str) -> "SubjectQuerySet":
        return self.filter(key=user_key(brand.path, user_id))

    def ensure(self, brand: Brand, user_id: str) -> tuple["Subject", bool]:
        """Get or make the subject of a userId. One that was erased stays without its userId; one that only a mark of a
        restored portal told of gets it back."""
        key = user_key(brand.path, user_id)
        subject, made = self.get_or_create(key=key, defaults={"brand": brand, "user_id": encrypt(user_id, key)})
        if subject.user_id is None and subject.erased_at is None:
            subject.know_again(user_id)
        return subject, made

    def marked(self) -> "SubjectQuerySet":
        """Those of whom a restored database must not forget what holds (marks.py)."""
        return self.filter(Q(suppressed=True) | Q(no_track=True) | ~Q(erased_at=None))

    def locked(self, pk: UUID) -> "Subject":
        """The row, held until the transaction ends: every change of a person's state takes this first."""
        return self.select_for_update().get(pk=pk)

    def ensure_many(self, brand: Brand, user_ids: "Iterable[str]") -> dict[bytes, UUID]:
        """Ids by key, making those that are missing; in key order, so that two writers cannot deadlock."""
        by_key = {user_key(brand.path, user_id): user_id for user_id in user_ids}
        there = self.filter(key__in=list(by_key)).order_by("key").values_list("key", "pk", "user_id", "erased_at")
        known = {}
        for key, pk, user_id, erased_at in there:
            known[bytes(key)] = pk
            if user_id is None and erased_at is None:
                Subject(pk=pk, key=key).know_again(by_key[bytes(key)])
        missing = sorted(set(by_key) - set(known))
        if missing:
            Subject.objects.bulk_create(
                [Subject(brand=brand, key=key, user_id=encrypt(by_key[key], key)) for key in missing],
                ignore_conflicts=True,
            )
            known |= {bytes(k): pk for k, pk in self.filter(key__in=missing).values_list("key", "pk")}
        return known


class Subject(models.Model):
    """`user_id` is encrypted and null once erased; `key` is the keyed hash by which the gate knows the person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="subjects")
    key = models.BinaryField(max_length=16, unique=True, editable=False)
    user_id = models.BinaryField(null=True, editable=False)
    suppressed = models.BooleanField(default=False)
    no_track = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(null=True, editable=False)

    objects = SubjectQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["brand", "-id"], name="subject_brand"),
            models.Index(fields=["brand"], condition=Q(suppressed=True), name="subject_suppressed"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def clear_user_id(self) -> str | None:
        """The userId, or null once erased. Personal: show it only to who may see it, never log it."""
        return None if self.user_id is None else decrypt(self.user_id, bytes(self.key))

    # -- Each change of state: one guarded UPDATE, True when it changed something ---------------------------

    def suppress(self) -> bool:
        return self._flag(suppressed=True)

    def unsuppress(self) -> bool:
        return self._flag(suppressed=False)

    def stop_tracking(self) -> bool:
        return self._flag(no_track=True)

    def resume_tracking(self) -> bool:
        return self._flag(no_track=False)

    def know_again(self, user_id: str) -> bool:
        """Who has no userId is named again: someone erased, until that request ends (contract G10), and someone of whom
        only the mark is left since an older database was put in place."""
        sealed = encrypt(user_id, bytes(self.key))
        return self._update(Q(user_id__isnull=False), user_id=sealed)

    def mark_erased(self, at: datetime) -> None:
        """An erasure has begun: links that arrive from now on take their device's earlier events with them."""
        self._update(~Q(erased_at=None), erased_at=at)

    def forget(self, at: datetime) -> None:
        """Null the one field that says who this is. The keyed hash stays: it is the suppression mark."""
        Subject.objects.filter(pk=self.pk).update(user_id=None, erased_at=at)
        self.user_id, self.erased_at = None, at

    def remain_known(self) -> None:
        """The gate was opened for someone erased: from here on they are a person like any other."""
        self._update(Q(erased_at=None), erased_at=None)

    def _flag(self, **flag: bool) -> bool:
        return self._update(Q(**flag), **flag)

    def _update(self, unless: Q, **columns: object) -> bool:
        changed = Subject.objects.filter(pk=self.pk).exclude(unless).update(**columns)
        for name, value in columns.items():
            setattr(self, name, value)
        return bool(changed)
