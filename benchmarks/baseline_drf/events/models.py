import uuid

from django.db import models


class Token(models.Model):
    secret = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return "a token"


class Suppressed(models.Model):
    user_id = models.CharField(max_length=256, unique=True)

    def __str__(self) -> str:
        return "someone suppressed"


class Event(models.Model):
    event_id = models.UUIDField(default=uuid.uuid4, unique=True)
    user_id = models.CharField(max_length=256, db_index=True)
    event = models.CharField(max_length=200)
    properties = models.JSONField(default=dict)
    context = models.JSONField(default=dict)
    timestamp = models.DateTimeField(null=True)
    received_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.event_id)
