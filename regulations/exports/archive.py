"""The zip, written member by member, each counted and hashed on the way."""

import hashlib
import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, NamedTuple


class Member(NamedTuple):
    name: str
    size: int
    sha256: str


class Archive:
    """`members`: what has been written so far. Memory does not grow with what is written."""

    def __init__(self, file: zipfile.ZipFile, at: datetime) -> None:
        self._file = file
        self._at = at
        self.members: list[Member] = []

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        digest, size = hashlib.sha256(), 0
        with self._file.open(self._entry(name), "w", force_zip64=True) as member:
            for piece in pieces:
                member.write(piece)
                digest.update(piece)
                size += len(piece)
        self.members.append(Member(name, size, digest.hexdigest()))

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._at.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system = 3  # Unix, so that the next line is understood everywhere
        entry.external_attr = (stat.S_IFREG | 0o644) << 16
        return entry


@contextmanager
def archive(file: IO[bytes], at: datetime) -> Iterator[Archive]:
    """A zip in `file`, complete when the block ends. `at` is every member's time."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as opened:
        yield Archive(opened, at)
