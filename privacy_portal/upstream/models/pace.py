"""How fast an upstream may be sent to: at most 100 requests a second, by all workers together (contract G6)."""

from datetime import datetime, timedelta

from django.db import models, transaction

APART = timedelta(seconds=1) / 100
LONGEST = timedelta(seconds=5)
"""More than all workers together can have reserved. What is further away was written before a clock was set back."""


class Pace(models.Model):
    """`next_at`: the first moment that no request to this upstream has been given yet."""

    upstream = models.TextField(primary_key=True)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.upstream

    @classmethod
    def reserve(cls, upstream: str, now: datetime) -> timedelta:
        """Take the next free moment. Returns how long it is away."""
        with transaction.atomic():
            pace, _ = cls.objects.select_for_update().get_or_create(upstream=upstream, defaults={"next_at": now})
            wait = pace.next_at - now
            if not timedelta(0) < wait <= LONGEST:
                wait = timedelta(0)
            cls.objects.filter(pk=pace.pk).update(next_at=now + wait + APART)
        return wait
