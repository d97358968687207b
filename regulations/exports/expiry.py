"""Exports are kept for 30 days; then the file goes (contract G9)."""

from datetime import datetime, timedelta

from django.utils import timezone

from privacy_portal.storage import storage
from privacy_portal.subjects.freshness import freshness
from regulations.models.export import FOLDER, Export, ExportStatus

IN_THE_MAKING = timedelta(hours=1)


def expire() -> None:
    for export in Export.objects.expired(timezone.now()):
        export.discard(ExportStatus.EXPIRED)


def discard_unknown(now: datetime | None = None) -> int:
    """Files that no row names go: a database that was restored does not know those made since its backup, so nobody
    would erase them with their person. Returns how many there were."""
    if freshness.forbids():
        return 0
    made_before = ((now or timezone.now()) - IN_THE_MAKING).timestamp()
    files = {f"{FOLDER}/{path.name}": path.stat().st_mtime for path in storage().path(FOLDER).glob("*.zip")}
    unknown = files.keys() - set(Export.objects.ready().values_list("name", flat=True))
    gone = [name for name in unknown if files[name] < made_before]
    for name in gone:
        storage().delete(name)
    return len(gone)
