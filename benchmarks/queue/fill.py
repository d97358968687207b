"""Fills a database with a queue: `python -m benchmarks.queue.fill COUNT PORTS`, in the environment of the portal.

Each regulation is about a person of its own, prepared so that its type's precondition holds, and stands as its request
leaves it: gate closed and channels withdrawn where that happens with the answer. Types and brands take turns.
"""

import json
import sys
from datetime import datetime, timedelta
from uuid import uuid4

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from privacy_portal.audit.models import COMMAND  # noqa: E402
from privacy_portal.brands.models import Brand  # noqa: E402
from privacy_portal.consent import ledger  # noqa: E402
from privacy_portal.consent.models import Source  # noqa: E402
from privacy_portal.subjects.keys import user_key  # noqa: E402
from privacy_portal.subjects.models import Subject  # noqa: E402
from privacy_portal.tracking.models import Event  # noqa: E402
from regulations.models import Regulation, Step  # noqa: E402
from regulations.request import steps_of  # noqa: E402
from regulations.types import TYPES  # noqa: E402

EVENTS = 3
PORTION = 5_000
SUPPRESSED = {"delete", "unsuppress", "suppress", "suppress_and_delete"}
NOT_TRACKED = {"track", "no_track"}


def main(count: int, ports: list[str]) -> None:
    call_command("migrate", verbosity=0)
    brands = [_brand(number, port) for number, port in enumerate(ports)]
    for start in range(0, count, PORTION):
        with transaction.atomic():
            _portion(brands, range(start, min(start + PORTION, count)))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _brand(number: int, port: str) -> Brand:
    brand, _ = Brand.objects.ensure("bench", "bench", f"BENCH{number}", actor=COMMAND)
    brand.configure({"upstream_url": f"http://127.0.0.1:{port}/track", "upstream_token": "theirs"}, COMMAND)
    return brand


def _portion(brands: list[Brand], numbers: range) -> None:
    kinds = list(TYPES)
    asked = [(f"queue-{n}", brands[n // len(kinds) % len(brands)], kinds[n % len(kinds)]) for n in numbers]
    people: dict[bytes, Subject] = {}
    for brand in brands:
        Subject.objects.ensure_many(brand, [user_id for user_id, of, _ in asked if of is brand])
    keys = [user_key(brand.path, user_id) for user_id, brand, _ in asked]
    people = {bytes(subject.key): subject for subject in Subject.objects.filter(key__in=keys)}
    subjects = [people[key] for key in keys]
    for flag, types in (("suppressed", SUPPRESSED), ("no_track", NOT_TRACKED)):
        flagged = [subject.pk for subject, (_, _, kind) in zip(subjects, asked, strict=True) if kind in types]
        Subject.objects.filter(pk__in=flagged).update(**{flag: True})
    now = timezone.now()
    _consents(asked, subjects, now)
    Event.objects.bulk_create(
        _event(user_id, subject, brand, number, now)
        for subject, (user_id, brand, _) in zip(subjects, asked, strict=True)
        for number in range(EVENTS)
    )
    _regulations(asked, subjects, now)


def _consents(asked: list[tuple[str, Brand, str]], subjects: list[Subject], now: datetime) -> None:
    """Everyone said yes to everything a day ago; who is suppressed has withdrawn it since."""
    ledger.record(
        [
            ledger.Change(subject.pk, channel, not off, Source.REGULATION if off else Source.PREFERENCE_CENTRE, at)
            for subject, (_, brand, kind) in zip(subjects, asked, strict=True)
            for off, at in ((False, now - timedelta(days=1)), (True, now))
            if not off or kind in SUPPRESSED
            for channel in brand.channel_names
        ],
        sticky=True,
    )


def _event(user_id: str, subject: Subject, brand: Brand, number: int, now: datetime) -> Event:
    properties = {"product_id": f"sku-{number}", "price": 19.99, "currency": "EUR", "quantity": 1}
    context = {"page": {"path": "/shop", "title": "Shop"}, "locale": "en-GB"}
    call = {"userId": user_id, "event": "Product Added", "properties": properties, "context": context}
    return Event(
        event_id=uuid4(), brand=brand, subject_key=subject.key, action="track", status="stored", received_at=now,
        timestamp=now, body=json.dumps(call).encode(),
    )  # fmt: skip


def _regulations(asked: list[tuple[str, Brand, str]], subjects: list[Subject], now: datetime) -> None:
    regulations = [
        Regulation(
            brand=brand, subject=subject, type=kind, created_at=now, received_at=now, due_at=now + timedelta(days=30),
            closed_gate=TYPES[kind].changes_the_gate, requested_by_kind="command",
        )
        for subject, (_, brand, kind) in zip(subjects, asked, strict=True)
    ]  # fmt: skip
    Regulation.objects.bulk_create(regulations)
    Step.objects.bulk_create(step for regulation in regulations for step in steps_of(regulation))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2].split(","))
