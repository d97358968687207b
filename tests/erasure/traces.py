"""Looking for a value in bytes of any kind, in every form that a store, a log or a message may give it."""

import base64
import json
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote

CHUNK = 8 * 1024 * 1024


def forms(value: str) -> set[bytes]:
    """The value as text, UTF-16, hexadecimal, base64 at each alignment, JSON-escaped, percent-encoded and as HTML, all
    in lower case: a search that ignores case misses no spelling of any of them."""
    found = {value.encode("utf-16-le"), value.encode("utf-16-be"), value.encode("latin-1", "replace")}
    found |= {quote(value).encode(), escape(value).encode()}
    for raw in (value.encode(), json.dumps(value)[1:-1].encode()):
        found |= {raw, raw.hex().encode(), *(_base64(raw, offset) for offset in range(3))}
    return {form.lower() for form in found}


def _base64(raw: bytes, offset: int) -> bytes:
    """What base64 makes of it behind `offset` other bytes, without the characters that its neighbours change."""
    encoded = base64.b64encode(b"\0" * offset + raw)
    return encoded[(0, 2, 3)[offset] : len(encoded) - (0, 3, 2)[(offset + len(raw)) % 3]]


class Traces:
    """`values` by the name under which a trace of them is told."""

    def __init__(self, values: dict[str, str]) -> None:
        self._forms = {name: forms(value) for name, value in values.items()}
        self._overlap = max(len(form) for each in self._forms.values() for form in each)

    def in_bytes(self, data: bytes) -> set[str]:
        """Names of the values that stand in it in any form."""
        lowered = data.lower()
        return {name for name, each in self._forms.items() if any(form in lowered for form in each)}

    def in_file(self, path: Path) -> set[str]:
        found: set[str] = set()
        tail = b""
        with path.open("rb") as file:
            while block := file.read(CHUNK):
                found |= self.in_bytes(tail + block)
                tail = block[-self._overlap :]
        return found

    def in_folder(self, folder: Path) -> dict[str, set[str]]:
        """Names by file, of every file in it; in a file's name, too."""
        return self.in_files(folder, sorted(path for path in folder.rglob("*") if path.is_file()))

    def in_files(self, root: Path, paths: Iterable[Path]) -> dict[str, set[str]]:
        return dict(self._each(root, paths))

    def _each(self, root: Path, paths: Iterable[Path]) -> Iterator[tuple[str, set[str]]]:
        for path in paths:
            name = str(path.relative_to(root))
            try:
                found = self.in_file(path) | self.in_bytes(name.encode())
            except FileNotFoundError:
                continue  # a message of the broker that was taken meanwhile
            if found:
                yield name, found
