"""Handing an export out, whole or a part of it: in blocks, never held whole in memory.

The caller has checked who asks, and audits it.
"""

from io import RawIOBase
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone

from privacy_portal.rest import conditions
from privacy_portal.storage import storage
from regulations.models import Export

BLOCK = 256 * 1024
ZIP = "application/zip"


class Gone(Exception):
    """It expired, or its person was erased; or its file went for that while it was asked for."""


def response(export: Export) -> FileResponse:
    """The zip, to be saved. Gone when it may be had no more."""
    _check(export)
    return _saved(export, _opened(export))


def answer(export: Export, request: HttpRequest) -> FileResponse | HttpResponse:
    """What a GET or HEAD asks for: the zip or a stretch of it, which alone are a FileResponse; its headers; or word
    that the caller has it. Problem when it can have none of these, Gone when it may be had no more."""
    _check(export)
    etag = _etag(export)
    length = {"Content-Length": str(export.size)}
    if conditions.is_known(request.headers, etag):
        return HttpResponseNotModified(headers={**_headers(export), **length})
    if request.method == "HEAD":
        # Nothing is read that nobody gets. A Range means something for GET alone.
        saved = {"Content-Disposition": f'attachment; filename="{_name(export)}"'}
        return HttpResponse(content_type=ZIP, headers={**_headers(export), **saved, **length})
    part = conditions.stretch(request.headers, etag, export.size)
    return _saved(export, _opened(export)) if part is None else _partial(export, part)


def _partial(export: Export, part: range) -> FileResponse:
    file = _opened(export)
    file.seek(part.start)
    partial = _saved(export, Stretch(file, len(part)), status=206)
    partial["Content-Length"] = str(len(part))
    partial["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{export.size}"
    return partial


class Stretch(RawIOBase):
    """The next so many bytes of a file, which is closed with it."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file, self._left = file, length

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(block)
        return block

    def close(self) -> None:
        self._file.close()
        super().close()


def _check(export: Export) -> None:
    if not export.is_downloadable(timezone.now()):
        raise Gone


def _opened(export: Export) -> IO[bytes]:
    try:
        return storage().path(export.name).open("rb")
    except FileNotFoundError:
        raise Gone from None


def _saved(export: Export, file: IO[bytes] | Stretch, status: int = 200) -> FileResponse:
    saved = FileResponse(
        file, as_attachment=True, filename=_name(export), status=status, content_type=ZIP, headers=_headers(export)
    )
    saved.block_size = BLOCK
    return saved


def _name(export: Export) -> str:
    return f"access-{export.regulation_id}.zip"  # the regulation's number names nobody


def _etag(export: Export) -> str:
    return f'"{export.sha256}"'


def _headers(export: Export) -> dict[str, str]:
    return {
        "ETag": _etag(export),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
