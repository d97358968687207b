"""Exports are kept for 30 days; then the file goes (contract G9)."""

from django.utils import timezone

from regulations.models.export import Export, ExportStatus


def expire() -> None:
    for export in Export.objects.expired(timezone.now()):
        export.discard(ExportStatus.EXPIRED)
