"""Exports are kept for 30 days; then the file goes (contract G9)."""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from privacy_portal.storage import storage
from privacy_portal.subjects.freshness import freshness
from regulations.models.export import FOLDER, Export, ExportStatus

logger = logging.getLogger(__name__)
IN_THE_MAKING = timedelta(hours=1)


def expire() -> None:
    """A file that cannot be deleted keeps no other: it is tried again the next time, and its export stays ready."""
    left = []
    for export in Export.objects.expired(timezone.now()):
        try:
            export.discard(ExportStatus.EXPIRED)
        except OSError:
            left.append(str(export.regulation_id))
    if left:
        logger.error("export.not_deleted regulations=%s", ",".join(left))


def discard_unknown(now: datetime | None = None) -> int:
    """Files that no row names go, drafts of killed workers among them: a database that was restored does not know those
    made since its backup, so nobody would erase them with their person. Returns how many there were."""
    if freshness.forbids():
        return 0
    made_before = ((now or timezone.now()) - IN_THE_MAKING).timestamp()
    files = {f"{FOLDER}/{path.name}": path.stat().st_mtime for path in storage().path(FOLDER).glob("*.zip*")}
    unknown = files.keys() - set(Export.objects.ready().values_list("name", flat=True))
    old = [name for name in unknown if files[name] < made_before]
    gone = sum(map(_is_deleted, old))
    if gone < len(old):
        logger.error("export.not_deleted unknown=%d", len(old) - gone)
    return gone


def _is_deleted(name: str) -> bool:
    try:
        storage().delete(name)
    except OSError:
        return False
    return True
