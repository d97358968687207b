"""A link says that a device (anonymousId) was used by a person (userId): keyed hashes alone, which outlive an
erasure as part of the suppression mark."""

from typing import Any

from django.db import models
from django.utils import timezone

from privacy_portal.subjects.models.subject import Subject


class LinkQuerySet(models.QuerySet["Link"]):
    def confirmed_for(self, subject: Subject) -> "LinkQuerySet":
        """Links that a server call confirmed: these count for Access and Delete (contract T14)."""
        return self.filter(subject=subject, confirmed=True)

    def shared_devices(self, subject: Subject) -> "models.QuerySet[Link, Any]":
        """Keys of this person's devices that someone else is confirmed to use as well."""
        mine = self.confirmed_for(subject).values("anonymous_key")
        others = self.filter(confirmed=True, anonymous_key__in=mine).exclude(subject=subject)
        return others.values_list("anonymous_key", flat=True).distinct()

    def own_devices(self, subject: Subject) -> "models.QuerySet[Link, Any]":
        """Keys of devices that this person alone is confirmed to use."""
        return (
            self.confirmed_for(subject)
            .exclude(anonymous_key__in=self.shared_devices(subject))
            .values_list("anonymous_key", flat=True)
        )


class Link(models.Model):
    anonymous_key = models.BinaryField(max_length=16, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="links")
    confirmed = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = LinkQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["anonymous_key", "subject"], name="link_once")]

    def __str__(self) -> str:
        return f"device of {self.subject_id}"
