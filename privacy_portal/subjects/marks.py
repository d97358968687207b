"""Suppression marks as a file: what must survive the restoring of an older database. Keyed hashes alone, no person.

JSON lines: a head with the check value of the subject key, then groups of marks, each closed by a line that counts
them. What follows the last such line was cut short and says nothing. A later mark of the same person takes the place of
an earlier one. An export is one group; the journal beside a database (journal.py) has many.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from os import SEEK_END
from typing import Any, BinaryIO
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from privacy_portal.subjects import keys
from privacy_portal.subjects.models import Subject

FORMAT = "privacy-portal-marks/1"
CLOSING = b'\n{"marks":'
CHUNK = 500
BLOCK = 65536
CUT_SHORT = "The file of marks was cut short."
UNREADABLE = "The file of marks cannot be read: it is damaged, or something else."
_DAMAGE = (ValueError, KeyError, TypeError, AttributeError)
Write = Callable[[str], object]
DEVICE_ERASED = "device.erased"
"""The act of the audit log by which it is known that a link of someone erased was confirmed."""
erasures_owed: list[Callable[[Iterable[Subject]], set[UUID]]] = []
"""Who else counts as erased: each tells of some people those whose erasure was answered and is not done yet."""


class BadMarks(Exception):
    """Why a file of marks cannot be used, in one sentence."""


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


@dataclass
class Marks:
    """`complete_until`: whatever was answered before this moment is in it. `size`: bytes up to the last whole group.

    `position`, `chain`, `link`: the last entry of the audit chain with its hash, and the last link, that it takes
    account of; an export takes account of none.
    """

    complete_until: datetime
    by_key: dict[bytes, Mark] = field(default_factory=dict)
    size: int = 0
    position: int = 0
    chain: str = ""
    link: int = 0

    @property
    def in_force(self) -> list[Mark]:
        return [mark for mark in self.by_key.values() if mark.suppressed or mark.no_track or mark.erased]


def export(write: Write, **account: int | str) -> int:
    """Write every mark there is, as one group. Returns how many."""
    write(_text({"format": FORMAT, "check": keys.check_value().hex()}))
    return group(write, Subject.objects.marked(), timezone.now(), **account)


def group(write: Write, people: QuerySet[Subject], until: datetime, **account: int | str) -> int:
    """Write what holds for these people now, and the line that closes the group. `until`: the moment up to which all
    that was answered is in it."""
    count = 0
    rows = people.select_related("brand").prefetch_related("links").order_by("pk").iterator(chunk_size=CHUNK)
    while some := list(islice(rows, CHUNK)):
        owed = {pk for told in erasures_owed for pk in told(some)}
        for subject in some:
            write(_text(_line(subject, is_erased=subject.erased_at is not None or subject.pk in owed)))
        count += len(some)
    write(_text({"marks": count, "complete_until": until.isoformat(), **account}))
    return count


def read(lines: Iterable[bytes]) -> Marks:
    """BadMarks when it is not of this portal, or has no whole group."""
    found: Marks | None = None
    waiting: list[Mark] = []
    size = 0
    try:
        for number, text in enumerate(lines):
            size += len(text)
            line = json.loads(text)
            if number == 0:
                _examine(line)
            elif "key" in line:
                waiting.append(_mark(line))
            elif line["marks"] != len(waiting):
                raise BadMarks("The file of marks is damaged: marks are missing in the middle of it.")
            else:
                by_key = found.by_key if found else {}
                by_key.update((mark.key, mark) for mark in waiting)
                found = _closing(line, size, by_key)
                waiting = []
    except _DAMAGE:
        if found is None:
            raise BadMarks(UNREADABLE) from None
    if found is None:
        raise BadMarks(CUT_SHORT)
    return found


def read_end(file: BinaryIO) -> Marks:
    """The same without the marks: of a long file only the head and what is behind the last of them are looked at."""
    try:
        _examine(json.loads(file.readline()))
        start, tail = file.seek(0, SEEK_END), b""
        while start:
            start, length = max(0, start - BLOCK), min(BLOCK, start)
            file.seek(start)
            tail = file.read(length) + tail
            if at := tail.rfind(CLOSING, 0, tail.rfind(b"\n")) + 1:
                end = tail.index(b"\n", at) + 1
                return _closing(json.loads(tail[at:end]), start + end, {})
    except _DAMAGE:
        raise BadMarks(UNREADABLE) from None
    raise BadMarks(CUT_SHORT)


def _closing(line: dict[str, Any], size: int, by_key: dict[bytes, Mark]) -> Marks:
    return Marks(
        datetime.fromisoformat(line["complete_until"]), by_key, size,
        line.get("position", 0), line.get("chain", ""), line.get("link", 0),
    )  # fmt: skip


def _examine(head: dict[str, Any]) -> None:
    if head["format"] != FORMAT:
        raise BadMarks("This is not a file of marks that this version can read.")
    if head["check"] != keys.check_value().hex():
        raise BadMarks("These marks were made under another PORTAL_SUBJECT_KEY: they say nothing about this database.")


def _line(subject: Subject, is_erased: bool) -> dict[str, Any]:
    return {
        "brand": subject.brand.path,
        "key": bytes(subject.key).hex(),
        "suppressed": subject.suppressed,
        "no_track": subject.no_track,
        "erased": is_erased,
        "devices": {bytes(link.anonymous_key).hex(): link.confirmed for link in subject.links.all()},
    }


def _mark(line: dict[str, Any]) -> Mark:
    devices = {bytes.fromhex(key): bool(confirmed) for key, confirmed in line["devices"].items()}
    return Mark(
        str(line["brand"]), bytes.fromhex(line["key"]), bool(line["suppressed"]), bool(line["no_track"]),
        bool(line["erased"]), devices,
    )  # fmt: skip


def _text(line: dict[str, Any]) -> str:
    return json.dumps(line, separators=(",", ":")) + "\n"
