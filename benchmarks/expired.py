"""Fills a portal's store with events that have expired, and as many that nobody deletes: `-m benchmarks.expired N`."""

import os
import sys
from datetime import timedelta
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "privacy_portal.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from privacy_portal.audit.models import COMMAND  # noqa: E402
from privacy_portal.brands.models import Brand  # noqa: E402
from privacy_portal.ids import first_id, new_id  # noqa: E402
from privacy_portal.tracking.models import Event  # noqa: E402

TEXT = b'{"userId":"somebody","event":"Product Added","properties":{"note":"%s"}}' % (b"x" * 250)
DAYS = 30


def main(number: int) -> None:
    brand = Brand.objects.get(code="BENCH")
    other, _ = Brand.objects.ensure("bench", "bench", "OTHER", actor=COMMAND)
    at = timezone.now() - timedelta(days=DAYS + 1)
    Event.objects.bulk_create(
        (
            Event(
                event_id=UUID(int=first_id(at).int + (place << 80) | new_id().int & (1 << 80) - 1),
                brand=of, action="track", status="stored", received_at=at, timestamp=at,
                subject_key=os.urandom(16), body=TEXT,
            )
            for place in range(number)
            for of in (brand, other)
        ),
        batch_size=500,
    )  # fmt: skip
    brand.configure({"retention_days": DAYS}, COMMAND)


main(int(sys.argv[1]))
