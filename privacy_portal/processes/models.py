"""The one thing that this app remembers: that the first start is over."""

from django.db import models


class FirstStart(models.Model):
    """One row, made together with the demo brand: who deletes that brand does not get it back at the next start."""

    THE_ROW = 1

    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="first_start_once")]

    def __str__(self) -> str:
        return f"first started at {self.at:%Y-%m-%d %H:%M}"
