"""How fast an upstream may be sent to: at most 100 requests a second, by all workers together (contract G6).

What is sent at its moment or up to LATE after it comes to at most 100 in any second: those of this second, and those of
the end of the one before.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import models, transaction

LATE = timedelta(milliseconds=50)
"""Who has missed their moment by more must not use it: beside what is due then it would be too many."""
APART = (timedelta(seconds=1) + LATE) / 100
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
        return cls.reserve_each({upstream: 1}, now)[upstream]

    @classmethod
    def reserve_each(cls, numbers: Mapping[str, int], now: datetime) -> dict[str, timedelta]:
        """Take so many moments of each upstream, APART from each other. Returns how long the first of them is away."""
        waits: dict[str, timedelta] = {}
        with transaction.atomic():
            paces = list(cls._held(numbers))
            if len(paces) < len(numbers):
                new = [Pace(upstream=name, next_at=now) for name in sorted(numbers)]
                Pace.objects.bulk_create(new, ignore_conflicts=True)
                paces = list(cls._held(numbers))
            for pace in paces:
                wait = pace.next_at - now
                waits[pace.upstream] = wait if timedelta(0) < wait <= LONGEST else timedelta(0)
                pace.next_at = now + waits[pace.upstream] + numbers[pace.upstream] * APART
            Pace.objects.bulk_update(paces, ["next_at"])
        return waits

    @classmethod
    def _held(cls, upstreams: Iterable[str]) -> "models.QuerySet[Pace]":
        """In order of their names, so that no two workers wait for each other."""
        return Pace.objects.select_for_update().filter(pk__in=list(upstreams)).order_by("pk")
