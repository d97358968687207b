"""Handing an export out: in blocks, never held whole in memory."""

from django.http import FileResponse, Http404

from privacy_portal.storage import storage
from regulations.models import Export

BLOCK = 256 * 1024


def response(export: Export) -> FileResponse:
    """The zip of an export that is downloadable, to be saved. Http404 when its file has just gone.

    The caller has checked who asks and that it may be had, and audits it.
    """
    try:
        file = storage().path(export.name).open("rb")
    except FileNotFoundError:
        raise Http404("This export is no longer there.") from None
    answer = FileResponse(
        file,
        as_attachment=True,
        filename=f"access-{export.regulation_id}.zip",  # the regulation's number names nobody
        content_type="application/zip",
        headers={
            "ETag": f'"{export.sha256}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
    answer.block_size = BLOCK
    return answer
