from django.db import models


class KeyCheck(models.Model):
    """One row: what PORTAL_SUBJECT_KEY makes of a constant, so that a wrong key is noticed."""

    value = models.BinaryField(max_length=16)

    def __str__(self) -> str:
        return "check value"
