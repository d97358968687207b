"""What the page after a save tells. It is read from the ledger, by the moment of the save, so nothing is kept for it
and the URL carries no choice of anybody."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Self

from privacy_portal.consent.decision import rank
from privacy_portal.consent.models import Entry, Preference, Source
from privacy_portal.preferences.channels import WORDS
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate, UpdateStatus

# A mail that is forwarded, a page left in a browser's history: after a day they tell nothing any more.
SHOWN_FOR = timedelta(days=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Changed:
    """One channel: as it was before (None: never asked), and as that save left it."""

    entry: Entry
    label: str
    before: bool | None

    @property
    def words(self) -> str:
        return WORDS[self.entry.subscribed]


@dataclass(frozen=True)
class Receipt:
    subject: Subject
    at: datetime
    changes: list[Changed]

    @classmethod
    def find(cls, subject: Subject, at: datetime, now: datetime) -> Self | None:
        """The receipt of the save at that moment; None when there was none, or it was over a day ago. One that counts
        from later than now was made while a clock was behind."""
        if abs(now - at) > SHOWN_FOR:
            return None
        entries = Entry.objects.effective().filter(
            subject=subject, source=Source.PREFERENCE_CENTRE, received_at=at
        ).order_by("id")  # fmt: skip
        labels = {channel["name"]: channel["label"] for channel in subject.brand.channels}
        changes = [Changed(entry, labels.get(entry.channel, entry.channel), _before(entry)) for entry in entries]
        return cls(subject, at, changes) if changes else None

    @property
    def key(self) -> str:
        return key_of(self.at)

    @property
    def visible(self) -> list[Changed]:
        """Without those that were off already and are now off by the person's own word."""
        return [change for change in self.changes if change.before != change.entry.subscribed]

    @cached_property
    def _in_force(self) -> set[int]:
        return set(Preference.objects.filter(subject=self.subject).values_list("entry_id", flat=True))

    @property
    def holds(self) -> bool:
        """Whether everything still stands as this save left it. Else it tells of the past, and promises nothing."""
        return all(change.entry.pk in self._in_force for change in self.changes)

    @cached_property
    def reversible(self) -> dict[str, bool]:
        """What undoing would set: channels that still stand as this save left them. A channel never asked about
        before and then stopped stays off, since saying no cannot be unsaid without saying yes; so does one that the
        brand has no more."""
        offered = set(self.subject.brand.channel_names)
        return {
            change.entry.channel: not change.entry.subscribed
            for change in self.visible
            if change.entry.pk in self._in_force
            and (change.entry.subscribed or (change.before and change.entry.channel in offered))
        }

    @cached_property
    def delivery(self) -> str:
        """How far the mail system is with it: confirmed, telling, unreached or failed. Every later update carries
        this change too, so the furthest one counts."""
        updates = IdentifyUpdate.objects.filter(subject=self.subject, channels=True)
        statuses = set(updates.filter(created_at__gte=self.at).values_list("status", flat=True))
        if not statuses:  # a clock was behind: its own was made, and is the last one
            statuses = set(updates.order_by("-id").values_list("status", flat=True)[:1])
        if UpdateStatus.DELIVERED in statuses:
            return "confirmed"
        if UpdateStatus.RETRYING in statuses:
            return "unreached"
        return "telling" if statuses & {UpdateStatus.WAITING, UpdateStatus.SENDING} else "failed"


def key_of(at: datetime) -> str:
    """A moment as the URL names it: microseconds since 1970."""
    return str((at - _EPOCH) // _MICROSECOND)


def moment_of(key: str) -> datetime | None:
    """The moment a URL names; None for anything that is none."""
    if not (key.isascii() and key.isdigit() and len(key) <= 17):
        return None
    return _EPOCH + int(key) * _MICROSECOND


def _before(entry: Entry) -> bool | None:
    earlier = Entry.objects.effective().filter(subject_id=entry.subject_id, channel=entry.channel, id__lt=entry.pk)
    last = max(earlier, key=lambda held: (rank(held.occurred_at, held.subscribed), held.pk), default=None)
    return last.subscribed if last else None
