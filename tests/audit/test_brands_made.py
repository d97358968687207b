"""Whoever makes a brand, the audit log says so."""

import pytest
from django.utils import timezone

from privacy_portal.audit.models import Entry
from privacy_portal.brands.models import Brand
from privacy_portal.processes.demo import first_start
from privacy_portal.subjects.marks import Mark, Marks
from regulations.replay import replay

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def makers() -> list[tuple[str, str]]:
    entries = Entry.objects.filter(action="brand.created").order_by("pk")
    return list(entries.values_list("actor_kind", "object_ref"))


def test_the_first_start_tells_of_the_demo_brand_once() -> None:
    first_start(with_credentials=False)
    first_start(with_credentials=False)
    assert makers() == [("system", str(Brand.objects.get().pk))]


def test_so_does_the_replay_that_makes_a_brand_again() -> None:
    mark = Mark("acme/acme/LOST", b"key", suppressed=True, no_track=False, erased=False, devices={})
    replay(Marks(timezone.now(), {mark.key: mark}))
    assert makers() == [("command", str(Brand.objects.get().pk))]
