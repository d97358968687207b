"""How fast an upstream may be sent to: at most 100 requests a second, by all workers together (contract G6)."""

from datetime import datetime, timedelta

from django.db import models, transaction

from privacy_portal.brands.models import Brand

PER_SECOND = 100


class Pace(models.Model):
    """`next_at`: the first moment that no request to this brand's upstream has been given yet."""

    brand = models.OneToOneField(Brand, on_delete=models.CASCADE, primary_key=True)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.brand)

    @classmethod
    def reserve(cls, brand: Brand, now: datetime) -> timedelta:
        """Take the next free moment. Returns how long it is away."""
        with transaction.atomic():
            pace, _ = cls.objects.select_for_update().get_or_create(brand=brand, defaults={"next_at": now})
            moment = max(pace.next_at, now)
            cls.objects.filter(pk=pace.pk).update(next_at=moment + timedelta(seconds=1 / PER_SECOND))
        return moment - now
