"""Where files are kept: a folder (PORTAL_STORAGE_URL file://…). A file is there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from django.conf import settings


class FolderStorage:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        """A file to write to; it gets its name only when the block ends well, on disk."""
        path = self.folder / name
        draft = path.with_name(f"{path.name}.draft")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            with open(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def path(self, name: str) -> Path:
        return self.folder / name

    def delete(self, name: str) -> None:
        """Also what a killed writer left of it. Deleting what is not there is no error."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.draft").unlink(missing_ok=True)

    def check(self) -> None:
        """Raises OSError when nothing can be written."""
        with self.writing(f".check-{os.getpid()}") as file:
            file.write(b"ok")
        self.delete(f".check-{os.getpid()}")


@cache
def storage() -> FolderStorage:
    return FolderStorage(Path(unquote(urlsplit(settings.STORAGE_URL).path)))
