"""Preferences: what the ledger says now. Derived from it alone; `rebuild_preferences` makes them anew."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db import models

from privacy_portal.consent.models.entry import Entry, Source
from privacy_portal.subjects.models import Subject


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def of(self, subject_id: UUID) -> dict[str, "Preference"]:
        """A person's channels by name; a channel without entry is not in it."""
        return self.of_each([subject_id]).get(subject_id, {})

    def of_each(self, subject_ids: Iterable[UUID]) -> dict[UUID, dict[str, "Preference"]]:
        """The same of several, by person; one without any entry is not in it."""
        found: dict[UUID, dict[str, Preference]] = defaultdict(dict)
        if people := list(subject_ids):
            for preference in self.filter(subject_id__in=people):
                found[preference.subject_id][preference.channel] = preference
        return found

    def by_channel(self, subject: Subject) -> "dict[str, Preference | None]":
        """The brand's channels in its order, then those that it lists no longer. None where nothing was said."""
        held = self.of(subject.pk)
        return {name: held.get(name) for name in dict.fromkeys([*subject.brand.channel_names, *sorted(held)])}

    def granted(self, subject: Subject) -> list[str]:
        """The channels that are on, also those which the brand has no more."""
        return list(self.filter(subject=subject, subscribed=True).values_list("channel", flat=True))


class Preference(models.Model):
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="preferences")
    channel = models.CharField(max_length=32)
    subscribed = models.BooleanField()
    since = models.DateTimeField()
    source = models.CharField(max_length=20, choices=Source)
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "channel"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.channel} {'on' if self.subscribed else 'off'}"
