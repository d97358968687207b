"""Tokens of the links a person is sent: what opens the preference page, and what one-click unsubscribe posts to."""

from datetime import datetime

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from privacy_portal.audit.models import Actor, record
from privacy_portal.brands.secret import hashed
from privacy_portal.subjects.models import Subject


class TokenKind(models.TextChoices):
    PAGE = "page", "Preference page"
    UNSUBSCRIBE = "unsubscribe", "One-click unsubscribe"


class PreferenceTokenQuerySet(models.QuerySet["PreferenceToken"]):
    def find(self, kind: TokenKind, clear: str) -> "PreferenceToken | None":
        """The row of a token as it stands in a URL, revoked and expired ones included; None when it is forged."""
        return self.filter(kind=kind, digest=hashed(clear)).select_related("subject__brand").first()

    def live(self) -> "PreferenceTokenQuerySet":
        return self.filter(revoked_at=None)

    def of(self, subject: Subject) -> "PreferenceTokenQuerySet":
        return self.filter(subject=subject)


class PreferenceToken(models.Model):
    """Bound to a person, and by them to a brand. Only a hash is kept. `channel`: what an unsubscribe token stops;
    such a token has no `expires_at`, since old mail is clicked for years. A row stays after it has expired and after
    an erasure, so that an old link can always still stop things; it names nobody but by subject id."""

    digest = models.BinaryField(max_length=32, unique=True, editable=False)
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="preference_tokens")
    kind = models.CharField(max_length=12, choices=TokenKind)
    channel = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = PreferenceTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="page", channel="", expires_at__isnull=False)
                | Q(kind="unsubscribe", expires_at=None) & ~Q(channel=""),
                name="preference_token_page_expires",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} link {self.pk}"

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    def revoke(self, actor: Actor) -> None:
        """Shut it for good, at once. Revoking twice changes nothing."""
        with transaction.atomic():
            if PreferenceToken.objects.live().filter(pk=self.pk).update(revoked_at=timezone.now()):
                record("preference_link.revoked", actor, brand=self.subject.brand_id, subject=self.subject_id, of=self)
        self.refresh_from_db(fields=["revoked_at"])
