"""Replaying suppression marks onto a restored database: what was answered since its backup is asked for again.

It closes gates and erases, and never opens or gives anything back, so replaying twice, or an older file, harms nobody.
"""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import transaction

from privacy_portal.audit.models import COMMAND, record
from privacy_portal.brands.models import Brand
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.marks import Mark, Marks
from privacy_portal.subjects.models import Link, Subject
from regulations.models import Regulation
from regulations.request import Intake, request_for

INTAKE = Intake(intake="replay_marks")


def replay(marks: Marks) -> int:
    """Returns how many people it changed something for; their erasures are carried out as regulations."""
    brands: dict[str, Brand] = {}
    changed = sum(_replay(mark, _brand(mark.brand, brands)) for mark in marks.in_force)
    record("marks.replayed", COMMAND, marks=len(marks.in_force), changed=changed)
    return changed


def _brand(path: str, known: dict[str, Brand]) -> Brand:
    """A brand that is newer than the backup is made again: its marks must be there before its events come."""
    if path not in known:
        known[path] = Brand.objects.ensure(*path.split("/"), actor=COMMAND)[0]
    return known[path]


def _replay(mark: Mark, brand: Brand) -> bool:
    with transaction.atomic():
        subject, made = Subject.objects.get_or_create(key=mark.key, defaults={"brand": brand, "user_id": None})
        subject = Subject.objects.locked(subject.pk)
        linked = _link(subject, mark.devices)
        asked = [_ask(subject, type_value) for type_value in _owed(mark, subject, linked)]
    return made or linked or any(asked)


def erasures_owed(people: Iterable[Subject]) -> set[UUID]:
    """Of these people, those whose erasure was asked for and has not fully succeeded."""
    owed = Regulation.objects.erasing().owed().filter(subject__in=[subject.pk for subject in people])
    return set(owed.values_list("subject_id", flat=True))


def _owed(mark: Mark, subject: Subject, linked: bool) -> Iterator[str]:
    if mark.erased and (linked or (subject.erased_at is None and not erasures_owed([subject]))):
        yield "suppress_and_delete"
    elif mark.suppressed:
        yield "suppress"
    if mark.no_track:
        yield "no_track"


def _ask(subject: Subject, type_value: str) -> bool:
    """False when it holds, or is under way, already."""
    try:
        request_for(subject, type_value, COMMAND, INTAKE)
    except Conflict:
        return False
    return True


def _link(subject: Subject, devices: dict[bytes, bool]) -> bool:
    """True when a link is new or newly confirmed."""
    return sum(_link_one(subject, key, confirmed) for key, confirmed in devices.items()) > 0


def _link_one(subject: Subject, key: bytes, confirmed: bool) -> bool:
    link, made = Link.objects.get_or_create(subject=subject, anonymous_key=key, defaults={"confirmed": confirmed})
    if made or link.confirmed or not confirmed:
        return made
    return bool(Link.objects.filter(pk=link.pk).update(confirmed=True))
