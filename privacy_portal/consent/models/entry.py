"""The ledger: one row for each change of one channel, appended and never altered. It names nobody but by subject id."""

from django.db import models
from django.db.models import Q

from privacy_portal.subjects.models import Subject


class Source(models.TextChoices):
    """By which way a change came (contract C1)."""

    IDENTIFY = "identify", "Identify call"
    PREFERENCE_CENTRE = "preference_centre", "Preference page"
    ONE_CLICK = "one_click", "One-click unsubscribe"
    STAFF = "staff", "Staff"
    API = "api", "API"
    IMPORT = "import", "Import"
    REGULATION = "regulation", "Regulation"
    GPC = "gpc", "Global Privacy Control"
    STOP_WORD = "stop_word", "Stop word"

    @property
    def is_yielding(self) -> bool:
        """Whether a withdrawal that came this way gives way to a later grant (contract C3); the others stand."""
        return self in (Source.IDENTIFY, Source.IMPORT)

    @property
    def is_the_person(self) -> bool:
        """Whether the person acts here themselves, so that a grant needs no other proof."""
        return self is Source.PREFERENCE_CENTRE


class EntryQuerySet(models.QuerySet["Entry"]):
    def history(self, subject: Subject) -> "EntryQuerySet":
        """A person's changes, newest first."""
        return self.filter(subject=subject).order_by("-id")

    def effective(self) -> "EntryQuerySet":
        return self.filter(claimed=False)


class Entry(models.Model):
    """`occurred_at` is never later than `received_at`. A `claimed` entry was said by someone other than the person
    against their standing withdrawal: kept as a record, without effect."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="ledger")
    channel = models.CharField(max_length=32)
    subscribed = models.BooleanField()
    source = models.CharField(max_length=20, choices=Source)
    claimed = models.BooleanField(default=False)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    event_ref = models.UUIDField(null=True)
    wording = models.TextField(blank=True)
    wording_version = models.CharField(max_length=32, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "ledger entry"
        verbose_name_plural = "ledger"
        ordering = ["-id"]
        indexes = [models.Index(fields=["subject", "channel", "id"], name="ledger_subject_channel")]
        constraints = [
            models.CheckConstraint(condition=Q(occurred_at__lte=models.F("received_at")), name="ledger_not_in_future")
        ]

    def __str__(self) -> str:
        return f"{self.channel} {'on' if self.subscribed else 'off'}"
