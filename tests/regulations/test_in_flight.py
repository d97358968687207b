"""What is being stored while someone is erased: the erasure waits for it, and then takes it along (DESIGN, idea 2).

The race in tests/faults/window meets such moments by chance; this makes one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from privacy_portal.brands.models import Brand
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from regulations.models import Export, Regulation, Step
from tests.factories.events import send
from tests.factories.exports import access, opened
from tests.factories.regulations import ask
from tests.locks import in_a_thread, waiting
from tests.waiting import until

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
GRANT = {"marketingPreferences": {"channels": [{"channel": "email", "subscribed": True}]}}


@contextmanager
def a_batch_in_flight(brand: Brand) -> Iterator[None]:
    """One that has inserted an event of u1 and waits, before it commits, for the lock of u2, whom it also speaks of. It
    goes on when the block ends."""
    subject, _ = Subject.objects.ensure(brand, "u2")
    calls = [{"userId": "u1", "event": "Bought"}, {"userId": "u2", "event": "identify", "traits": GRANT}]
    with transaction.atomic():
        Subject.objects.locked(subject.pk)
        storing = in_a_thread(lambda: send(brand, "batch", {"batch": calls}))
        until(lambda: waiting() == 1, 30, "the batch to wait for u2")
        yield
    storing.join()


def test_an_erasure_waits_for_what_is_in_flight(brand: Brand) -> None:
    with a_batch_in_flight(brand):
        erasing = in_a_thread(lambda: (ask(brand, "suppress_and_delete", "u1"), work_until_idle()))
        until(lambda: waiting() == 2 or not erasing.is_alive(), 30, "the erasure to wait for the batch")
        assert erasing.is_alive()
    erasing.join()
    assert Regulation.objects.get().status == "finished"
    assert Step.objects.get(action="erase").counts == {"events": 1, "left": 0}
    assert [event.call()["userId"] for event in Event.objects.calls()] == ["u2"]


def test_so_does_an_access(brand: Brand) -> None:
    """Of two events the one with the lower id is stored last: it is in the export, and counted."""
    with a_batch_in_flight(brand):
        in_a_thread(lambda: send(brand, "track", {"userId": "u1", "event": "Paid"})).join()
        exporting = in_a_thread(lambda: access(brand, "u1"))
        until(lambda: waiting() == 2, 30, "the export to wait for the batch")
    exporting.join()
    export = opened(Export.objects.get())
    assert export.json("manifest.json")["counts"]["events"] == len(export.lines) == 2
