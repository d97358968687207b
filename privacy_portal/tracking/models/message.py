"""Which messageIds were seen in the last 24 hours, as keyed hashes: a repeat is answered with the first eventId."""

from datetime import timedelta

from django.db import models

WINDOW = timedelta(hours=24)


class Message(models.Model):
    key = models.BinaryField(max_length=16, unique=True, editable=False)
    event_id = models.UUIDField()
    received_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.event_id)
