"""What ought to be gone: exports of people who were erased, and files of exports that have ended."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef

from privacy_portal.processes.diagnosis.finding import Finding
from privacy_portal.storage import storage
from regulations.models import Export, ExportStatus, Regulation, RegulationStatus


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


def files_of_ended_exports() -> Iterator[Finding]:
    ended = Export.objects.exclude(status=ExportStatus.READY)
    for export in ended.iterator(chunk_size=500):
        path = storage().path(export.name)
        if path.exists():
            why = f"the export of regulation {export.regulation_id} is {export.status}, its file was put back"
            yield Finding(f"file {path}", why, f"rm '{path}'")
