"""Who did what, when: an append-only chain of entries that name people and things by id only."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone


@dataclass(frozen=True)
class Actor:
    """Who acts: `kind` is staff, api_token, person, command or system; `id` is their id, never a name."""

    kind: str
    id: str = ""


SYSTEM = Actor("system")
COMMAND = Actor("command")
PERSON = Actor("person")


class EntryQuerySet(models.QuerySet["Entry"]):
    def unsealed(self) -> "EntryQuerySet":
        return self.filter(position=None).order_by("pk")

    def sealed(self) -> "EntryQuerySet":
        return self.exclude(position=None).order_by("position")


class Entry(models.Model):
    """One act. `position`, `previous` and `hash` are written once, by the sealer, within a second."""

    at = models.DateTimeField(default=timezone.now)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=64)
    brand_ref = models.BigIntegerField(null=True)
    subject_ref = models.UUIDField(null=True, db_index=True)
    object_kind = models.CharField(max_length=32, blank=True)
    object_ref = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)
    position = models.BigIntegerField(null=True, unique=True)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        indexes = [models.Index(fields=["brand_ref", "at"], name="audit_brand_at")]

    def __str__(self) -> str:
        return f"{self.action} {self.object_ref}"

    def digest(self, previous: str, position: int) -> str:
        """SHA-256 over the previous hash and every column of this entry, as canonical JSON."""
        content = [
            previous, position, self.pk, self.at.isoformat(), self.actor_kind, self.actor_id, self.action,
            self.brand_ref, str(self.subject_ref), self.object_kind, self.object_ref, self.detail,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class ChainHead(models.Model):
    """The end of the chain: one row, locked by the sealer alone."""

    position = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return str(self.position)


def record(
    action: str,
    actor: Actor,
    *,
    brand: int | None = None,
    subject: UUID | None = None,
    of: models.Model | None = None,
    **detail: Any,
) -> None:
    """Append an act, in the transaction of its cause. `of` is the row acted on; `detail` holds ids and words only."""
    _entry(action, actor, brand, subject, of, detail).save(force_insert=True)


def record_each(
    action: str, actor: Actor, rows: Iterable[Any], detail: Callable[[Any], dict[str, Any]] = lambda row: {}
) -> None:
    """The same act on several rows, which have `brand_id` and may have `subject_id`."""
    Entry.objects.bulk_create(
        _entry(action, actor, row.brand_id, getattr(row, "subject_id", None), row, detail(row)) for row in rows
    )


def _entry(
    action: str, actor: Actor, brand: int | None, subject: UUID | None, of: models.Model | None, detail: dict[str, Any]
) -> Entry:
    return Entry(
        action=action,
        actor_kind=actor.kind,
        actor_id=actor.id,
        brand_ref=brand,
        subject_ref=subject,
        object_kind=of._meta.model_name or "" if of else "",
        object_ref=str(of.pk) if of else "",
        detail=detail,
    )


def seal() -> int:
    """Chain every entry not chained yet. Returns how many. Writes nothing when there is none."""
    if not Entry.objects.unsealed().exists():
        return 0
    with transaction.atomic():
        head, _ = ChainHead.objects.select_for_update().get_or_create(pk=1)
        entries = list(Entry.objects.unsealed()[:1000])
        for entry in entries:
            entry.previous, entry.position = head.hash, head.position + 1
            entry.hash = entry.digest(head.hash, entry.position)
            head.position, head.hash = entry.position, entry.hash
        Entry.objects.bulk_update(entries, ["previous", "position", "hash"], batch_size=200)
        head.save(update_fields=["position", "hash"])
    return len(entries)


def first_broken() -> tuple[int, str | None]:
    """Walk the chain as far as its end is now; what is sealed meanwhile does not disturb. Returns (entries checked,
    None) or (checked, what is wrong with the first broken one)."""
    head = ChainHead.objects.filter(pk=1).first() or ChainHead()
    previous, expected = "", 0
    for entry in Entry.objects.sealed().filter(position__lte=head.position).iterator(chunk_size=1000):
        expected += 1
        if entry.position != expected:
            return expected - 1, f"entry {expected} is missing"
        if entry.previous != previous or entry.hash != entry.digest(previous, expected):
            return expected - 1, f"entry {expected} (id {entry.pk}) does not match its hash"
        previous = entry.hash
    if (head.position, head.hash) != (expected, previous):
        return expected, f"entry {expected + 1} is missing"
    end = Coalesce(Subquery(ChainHead.objects.filter(pk=1).values("position")), 0)
    if beyond := Entry.objects.sealed().filter(position__gt=end).first():
        return expected, f"entry {beyond.position} (id {beyond.pk}) stands behind the chain's end"
    return expected, None
