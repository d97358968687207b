"""What ought to be gone: exports of people who were erased or that have expired, and files of ended ones."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from privacy_portal.processes.diagnosis.finding import Finding
from privacy_portal.storage import storage
from regulations.models import Export, ExportStatus, Regulation, RegulationStatus

LATE = timedelta(minutes=10)
"""The sweep looks for expired ones every minute."""


def exports_of_erased_people() -> Iterator[Finding]:
    """An export made after the erasure says that nothing is known, and may stay until it expires."""
    erased_since = Regulation.objects.erasing().filter(
        subject_id=OuterRef("subject_id"),
        status=RegulationStatus.FINISHED,
        finished_at__gt=OuterRef("created_at"),
    )
    for export in Export.objects.ready().filter(Exists(erased_since), subject__erased_at__isnull=False):
        what = f"export of regulation {export.regulation_id} outlived the erasure of subject {export.subject_id}"
        yield Finding(what, "it was put back, or the erasure missed it", "request Delete for this person again")


def expired_exports() -> Iterator[Finding]:
    for export in Export.objects.expired(timezone.now() - LATE):
        what = f"export of regulation {export.regulation_id} has expired and is still there"
        why = "no sweep runs, or its file cannot be deleted"
        yield Finding(what, why, f"make '{storage().path(export.name)}' deletable; it is tried again every minute")


def files_of_ended_exports() -> Iterator[Finding]:
    ended = Export.objects.exclude(status=ExportStatus.READY)
    for export in ended.iterator(chunk_size=500):
        path = storage().path(export.name)
        if path.exists():
            why = f"the export of regulation {export.regulation_id} is {export.status}, its file was put back"
            yield Finding(f"file {path}", why, f"rm '{path}'")
