"""What shows that an entry happened: personal, so it lies beside the ledger and is erased with the person."""

from django.db import models

from privacy_portal.consent.models.entry import Entry


class Evidence(models.Model):
    """`collected_at`, `source` and `wording` as a caller stated them; `address` and `agent` of the person's browser."""

    entry = models.OneToOneField(Entry, on_delete=models.CASCADE, related_name="evidence")
    collected_at = models.DateTimeField(null=True)
    source = models.TextField(blank=True)
    wording = models.TextField(blank=True)
    address = models.TextField(blank=True)
    agent = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return f"evidence of {self.entry_id}"
