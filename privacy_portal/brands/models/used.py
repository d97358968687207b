"""What auth-tokens and API tokens share: when one last opened something."""

from datetime import datetime

from django.db import models


class UsedToken(models.Model):
    """`last_used_at` runs up to a minute behind, see brands/last_use.py; None: never, as far as is known."""

    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @classmethod
    def used(cls, pk: int, at: datetime) -> None:
        """Never back in time: each process writes what it saw itself, and writes it later."""
        cls._default_manager.filter(pk=pk).exclude(last_used_at__gte=at).update(last_used_at=at)
