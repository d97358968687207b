"""Handing an export out: streamed under ASGI and under WSGI alike, never held whole in memory."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import IO

from django.http import Http404, StreamingHttpResponse

from privacy_portal.storage import storage
from regulations.models import Export

BLOCK = 256 * 1024


class ZipResponse(StreamingHttpResponse):
    """Given a plain iterator, Django under ASGI reads it to its end before it sends anything; so this one offers both
    kinds. The file is closed with the response, or when the reader goes away."""

    def __init__(self, file: IO[bytes], headers: dict[str, str]) -> None:
        self._file = file
        super().__init__(_Blocks(file), headers=headers)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while block := await asyncio.to_thread(self._file.read, BLOCK):
                yield block
        finally:
            self._file.close()


class _Blocks:
    """The file in blocks; Django closes it with the response."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        while block := self._file.read(BLOCK):
            yield block

    def close(self) -> None:
        self._file.close()


def response(export: Export) -> StreamingHttpResponse:
    """The zip of an export that is downloadable, to be saved. Http404 when its file has just gone.

    The caller has checked who asks and that it may be had, and audits it.
    """
    try:
        file = storage().path(export.name).open("rb")
    except FileNotFoundError:
        raise Http404("This export is no longer there.") from None
    return ZipResponse(
        file,
        {
            "Content-Type": "application/zip",
            "Content-Length": str(export.size),
            # The regulation's number names nobody.
            "Content-Disposition": f'attachment; filename="access-{export.regulation_id}.zip"',
            "ETag": f'"{export.sha256}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )
