"""Which POSTs were made under an Idempotency-Key in the last 24 hours, and what each made."""

import json
from datetime import timedelta

from django.db import models
from django.utils import timezone

from privacy_portal.brands.encryption import decrypt, encrypt

KEPT = timedelta(hours=24)


class IdempotencyKeyQuerySet(models.QuerySet["IdempotencyKey"]):
    def expire(self) -> None:
        """Delete what is older than a day; writes nothing when there is none."""
        old = self.filter(created_at__lte=timezone.now() - KEPT)
        if old.exists():
            old.delete()


class IdempotencyKey(models.Model):
    """`key` stands for API token, path and the caller's key, `fingerprint` for the body: keyed hashes, since a caller
    may put a userId in either. `sealed` tells, encrypted, what the request made, by ids, so that its answer is rendered
    anew; of a preference link it is the answer, since only a hash of its token is kept elsewhere."""

    key = models.BinaryField(max_length=16, unique=True, editable=False)
    fingerprint = models.BinaryField(max_length=16, editable=False)
    status = models.PositiveSmallIntegerField()
    sealed = models.BinaryField(editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = IdempotencyKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.pk)

    def remember(self, made: dict[str, str]) -> None:
        self.sealed = encrypt(json.dumps(made), self.key)

    @property
    def made(self) -> dict[str, str]:
        return dict(json.loads(decrypt(self.sealed, bytes(self.key))))
