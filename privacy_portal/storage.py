"""Where files are kept: a folder (PORTAL_STORAGE_URL file://…). A file is there whole or not at all."""

import glob
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from django.conf import settings

from privacy_portal.disk import sync_folder


class FolderStorage:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        """A file to write to; it gets its name only when the block ends well, on disk.

        Of two writers of one name the later wins: it removes the draft of the earlier, who then cannot finish.
        """
        path = self.folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._remove_drafts(path)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.draft")
        try:
            with os.fdopen(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)

    def path(self, name: str) -> Path:
        return self.folder / name

    def delete(self, name: str) -> None:
        """Also what a killed writer left of it. Deleting what is not there is no error."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        self._remove_drafts(path)

    def _remove_drafts(self, path: Path) -> None:
        for draft in path.parent.glob(f"{glob.escape(path.name)}.*.draft"):
            draft.unlink(missing_ok=True)


def folder() -> Path:
    """The one that PORTAL_STORAGE_URL names."""
    return Path(unquote(urlsplit(settings.STORAGE_URL).path))


@cache
def storage() -> FolderStorage:
    return FolderStorage(folder())
