"""An Access export: the zip that was built for a person, until it expires or they are erased."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.functions import Cast
from django.utils import timezone

from privacy_portal.audit.models import Entry
from privacy_portal.storage import storage
from privacy_portal.subjects.models import Subject
from regulations.models.regulation import Regulation, RegulationStatus

KEPT = timedelta(days=30)
FOLDER = "exports"


def file_name(regulation: Regulation) -> str:
    """Where its zip is stored: one name for each regulation, so a rebuilt one takes the place of the earlier."""
    return f"{FOLDER}/{regulation.pk}.zip"


class ExportStatus(models.TextChoices):
    READY = "ready", "Ready"  # made when the whole zip is stored; downloadable
    EXPIRED = "expired", "Expired"  # by the sweep after 30 days; the file is gone; end
    ERASED = "erased", "Erased"  # with the person; the file is gone; end


class ExportQuerySet(models.QuerySet["Export"]):
    def ready(self) -> "ExportQuerySet":
        return self.filter(status=ExportStatus.READY)

    def keep(self, regulation: Regulation, size: int, sha256: str, now: datetime) -> "Export":
        """A whole zip is stored: say so, in place of an earlier one of the same regulation."""
        columns = {"size": size, "sha256": sha256, "created_at": now, "expires_at": now + KEPT}
        return self.update_or_create(
            regulation=regulation,
            defaults={
                "subject_id": regulation.subject_id,
                "status": ExportStatus.READY,
                "name": file_name(regulation),
                **columns,
            },
        )[0]

    def expired(self, now: datetime) -> "ExportQuerySet":
        return self.ready().filter(expires_at__lte=now)

    def not_fetched(self) -> "ExportQuerySet":
        """Those of finished requests that no audit entry says anyone has downloaded."""
        own = Cast(OuterRef("pk"), models.CharField())
        downloads = Entry.objects.filter(subject_ref=OuterRef("subject_id"), action="export.downloaded", object_ref=own)
        return self.ready().filter(regulation__status=RegulationStatus.FINISHED).exclude(Exists(downloads))

    def fetched_at(self) -> dict[int, datetime]:
        """When each of these was last downloaded, as the audit log says."""
        own = {str(export.pk): export.subject_id for export in self}
        told = Entry.objects.filter(subject_ref__in=own.values(), action="export.downloaded", object_ref__in=own)
        return {int(ref): at for ref, at in told.order_by("pk").values_list("object_ref", "at")}


class Export(models.Model):
    regulation = models.OneToOneField(Regulation, on_delete=models.PROTECT, related_name="export")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="exports")
    status = models.CharField(max_length=8, choices=ExportStatus, default=ExportStatus.READY)
    name = models.CharField(max_length=100)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    objects = ExportQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def is_downloadable(self, now: datetime) -> bool:
        return self.status == ExportStatus.READY and now < self.expires_at

    def discard(self, status: ExportStatus) -> None:
        """ready → expired or erased. The file goes first: a row that says so must not be a lie."""
        storage().delete(self.name)
        Export.objects.ready().filter(pk=self.pk).update(status=status)
