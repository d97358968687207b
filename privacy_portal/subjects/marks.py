"""Suppression marks as a file: what must survive the restoring of an older database. Keyed hashes alone, no person.

JSON lines: a head with the check value of the subject key, one line for each mark, and a tail with their number, so
that a file cut short is noticed.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from django.db.models import Q
from django.utils import timezone

from privacy_portal.subjects import keys
from privacy_portal.subjects.models import KeyCheck, Subject

FORMAT = "privacy-portal-marks/1"


class BadMarks(Exception):
    """Why a file of marks cannot be replayed, in one sentence."""


@dataclass(frozen=True)
class Mark:
    """One person: their key, what holds for them, and the keys of devices linked to them, with whether a server call
    confirmed each."""

    brand: str
    key: bytes
    suppressed: bool
    no_track: bool
    erased: bool
    devices: dict[bytes, bool]


@dataclass(frozen=True)
class Marks:
    """`complete_until`: whatever was answered before this moment is in it."""

    complete_until: datetime
    marks: list[Mark]


def export(to: IO[str]) -> int:
    """Write every mark there is. Returns how many."""
    keys.verify()
    _write(to, {"format": FORMAT, "check": _check(), "complete_until": timezone.now().isoformat()})
    marked = Q(suppressed=True) | Q(no_track=True) | ~Q(erased_at=None)
    people = Subject.objects.filter(marked).select_related("brand").prefetch_related("links").order_by("pk")
    count = 0
    for subject in people.iterator(chunk_size=500):
        _write(to, _line(subject))
        count += 1
    _write(to, {"marks": count})
    return count


def read(lines: Iterable[str]) -> Marks:
    """The whole file, checked before anything of it is used. BadMarks when it is not of this portal or not whole."""
    try:
        head, *rest = (json.loads(line) for line in lines)
        if head["format"] != FORMAT:
            raise BadMarks("This is not a file of marks that this version can read.")
        if head["check"] != _check():
            raise BadMarks(
                "These marks were made under another PORTAL_SUBJECT_KEY: they say nothing about this database."
            )
        tail = rest.pop()
        marks = list(_marks(rest))
        if tail["marks"] != len(marks):
            raise BadMarks("The file of marks is not whole: its last line and the number of its marks differ.")
        return Marks(datetime.fromisoformat(head["complete_until"]), marks)
    except (ValueError, KeyError, TypeError, IndexError):
        raise BadMarks("The file of marks cannot be read: it is damaged, cut short, or something else.") from None


def _check() -> str:
    keys.verify()
    return bytes(KeyCheck.objects.get(pk=1).value).hex()


def _line(subject: Subject) -> dict[str, Any]:
    return {
        "brand": subject.brand.path,
        "key": bytes(subject.key).hex(),
        "suppressed": subject.suppressed,
        "no_track": subject.no_track,
        "erased": subject.erased_at is not None,
        "devices": {bytes(link.anonymous_key).hex(): link.confirmed for link in subject.links.all()},
    }


def _marks(lines: Iterable[dict[str, Any]]) -> Iterator[Mark]:
    for line in lines:
        devices = {bytes.fromhex(key): bool(confirmed) for key, confirmed in line["devices"].items()}
        flags = [bool(line[name]) for name in ("suppressed", "no_track", "erased")]
        yield Mark(str(line["brand"]), bytes.fromhex(line["key"]), *flags, devices)


def _write(to: IO[str], line: dict[str, Any]) -> None:
    to.write(json.dumps(line, separators=(",", ":")) + "\n")
