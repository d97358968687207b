"""The address a person is found by when they call: a keyed hash of their current e-mail or phone number."""

import re

from django.db import models

from privacy_portal.brands.models import Brand
from privacy_portal.subjects import keys
from privacy_portal.subjects.models.subject import Subject

KINDS = {"email": keys.EMAIL, "phone": keys.PHONE}


class ContactPointQuerySet(models.QuerySet["ContactPoint"]):
    def at(self, brand: Brand, kind: str, address: str) -> "ContactPointQuerySet":
        return self.filter(kind=kind, key=address_key(brand.path, kind, address))


def address_key(brand_path: str, kind: str, address: str) -> bytes:
    """Addresses are compared as people write them: e-mail without case, phone numbers by their digits."""
    plain = address.strip().casefold() if kind == "email" else re.sub(r"[^\d+]", "", address)
    return keys.keyed(KINDS[kind], brand_path, plain)


class ContactPoint(models.Model):
    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=5, choices=[(kind, kind) for kind in KINDS])
    key = models.BinaryField(max_length=16, db_index=True, editable=False)
    stated_at = models.DateTimeField()

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "kind"], name="contact_point_once")]

    def __str__(self) -> str:
        return self.kind
