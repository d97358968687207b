"""Building the Access zip: written whole or not at all, with flat memory, under the lease of the step that asked."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import IO

from django.utils import timezone

from privacy_portal.consent.models import Entry
from privacy_portal.sqlite.mapping import unmapped
from privacy_portal.storage import storage
from regulations.exports.archive import archive
from regulations.exports.calls import Calls
from regulations.exports.consents import consents
from regulations.exports.information import information
from regulations.exports.line import line
from regulations.exports.manifest import Found, manifest
from regulations.exports.page import page
from regulations.exports.person import Person, person_of
from regulations.exports.profile import profile
from regulations.exports.requests import requests
from regulations.exports.row import rows
from regulations.exports.survey import survey
from regulations.models import Export, Regulation
from regulations.models.export import file_name

BLOCK = 4 * 1024 * 1024


def build(regulation: Regulation, renew: Callable[[], None]) -> dict[str, int]:
    """Make the regulation's export, in place of an earlier one. Returns the counts for its step.

    `renew` keeps the lease, and raises when another worker holds it now: then nothing of this attempt is left.
    """
    now = timezone.now()
    with unmapped(), storage().writing(file_name(regulation)) as file:
        found = write(file, regulation, person_of(regulation.subject), now, renew)
        size, sha256 = _measure(file, renew)
        renew()
    Export.objects.keep(regulation, size, sha256, now)
    return found.as_counts()


def write(file: IO[bytes], regulation: Regulation, person: Person, now: datetime, renew: Callable[[], None]) -> Found:
    calls = Calls(person, renew)
    seen = survey(calls)
    found = Found(
        events=seen.events,
        consents=Entry.objects.filter(subject=person.subject).count(),
        regulations=Regulation.objects.filter(subject=person.subject).count(),
        devices=person.linked_devices,
        addresses=len(person.addresses),
    )
    with archive(file, now) as zipped:
        zipped.add("index.html", page(regulation, person, seen, found, calls, now))
        zipped.add("profile.json", profile(person, seen))
        zipped.add("events.jsonl", map(line, calls))
        zipped.add("events.csv", rows(calls))
        zipped.add("consents.json", consents(person, renew))
        zipped.add("regulations.json", requests(person, renew))
        zipped.add("information.json", information(person.brand))
        zipped.add("manifest.json", manifest(regulation, person, seen, found, zipped.members, now))
    return found


def _measure(file: IO[bytes], renew: Callable[[], None]) -> tuple[int, str]:
    """Size and sha256 of what was written."""
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while block := file.read(BLOCK):
        digest.update(block)
        size += len(block)
        renew()
    return size, digest.hexdigest()
