"""Access exports as a person gets them: asked for, built by the step, and opened."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

from privacy_portal.brands.models import Brand
from privacy_portal.storage import storage
from regulations.models import Export, RegulationStatus
from tests.factories.regulations import ask, carry_out


@dataclass(frozen=True)
class Opened:
    """An export and the bytes of its members by name."""

    export: Export
    files: dict[str, bytes]

    def json(self, name: str) -> Any:
        return json.loads(self.files[name])

    @property
    def page(self) -> str:
        return self.files["index.html"].decode()

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.files["events.jsonl"].splitlines()]

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.files["events.csv"].decode(), newline="")))


def access(brand: Brand, user_id: str = "u1") -> Opened:
    """Ask for a copy of a person's data, let the workers build it, and open it."""
    regulation = carry_out(ask(brand, "access", user_id))
    assert regulation.status == RegulationStatus.FINISHED
    return opened(regulation.export)


def opened(export: Export) -> Opened:
    with zipfile.ZipFile(storage().path(export.name)) as zipped:
        assert zipped.testzip() is None
        return Opened(export, {name: zipped.read(name) for name in zipped.namelist()})
