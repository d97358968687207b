"""Building is done over until it is done, and leaves one whole file or none (contract G4, G9)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.durable.errors import LeaseLost
from privacy_portal.storage import storage
from privacy_portal.tracking.models import Event
from regulations.exports.build import build
from regulations.exports.expiry import expire
from regulations.models import Export, ExportStatus, Regulation, RegulationStatus, Step
from regulations.models.export import file_name
from tests.factories.events import send, track
from tests.factories.exports import access, opened
from tests.factories.regulations import ask, begin, carry_out

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def nobody_else() -> None:
    """The lease holds."""


def files() -> list[str]:
    folder = storage().path("exports")
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture(autouse=True)
def empty_folder() -> None:
    for name in files():
        storage().path(f"exports/{name}").unlink()


def test_the_export_is_kept_for_30_days(brand: Brand) -> None:
    export = access(brand).export
    assert export.expires_at - export.created_at == timedelta(days=30)
    assert export.is_downloadable(timezone.now())
    assert storage().path(export.name).stat().st_size == export.size
    Export.objects.update(expires_at=timezone.now())
    expire()
    assert Export.objects.get().status == ExportStatus.EXPIRED
    assert not files()


def test_the_step_says_what_was_collected(brand: Brand) -> None:
    track(brand, "u1")
    step = access(brand).export.regulation.steps.get()
    assert (step.result, step.counts) == ("collected", {"events": 1, "consents": 0, "regulations": 1})


def test_building_again_replaces_file_and_row(brand: Brand) -> None:
    regulation = ask(brand, "access", "u1")
    build(regulation, nobody_else)
    first = Export.objects.get()
    track(brand, "u1")
    assert build(regulation, nobody_else)["events"] == 1
    again = Export.objects.get()
    assert (again.pk, again.name) == (first.pk, first.name)
    assert again.sha256 != first.sha256
    assert files() == [f"{regulation.pk}.zip"]
    assert len(opened(again).lines) == 1


def test_a_worker_that_lost_its_lease_leaves_nothing(brand: Brand) -> None:
    track(brand, "u1")
    renewals = iter(range(100))

    def renew() -> None:
        if next(renewals) == 3:
            raise LeaseLost("step")

    with pytest.raises(LeaseLost):
        build(ask(brand, "access", "u1"), renew)
    assert not files()
    assert not Export.objects.exists()


def test_a_worker_that_lost_its_lease_at_the_very_end_leaves_nothing(brand: Brand) -> None:
    regulation = ask(brand, "access", "u1")
    calls: list[int] = []
    build(regulation, lambda: calls.append(1))
    Export.objects.all().delete()
    storage().delete(file_name(regulation))
    left = iter(range(len(calls) - 1, -1, -1))

    def renew() -> None:
        if next(left) == 0:
            raise LeaseLost("step")

    with pytest.raises(LeaseLost):
        build(regulation, renew)
    assert not files()
    assert not Export.objects.exists()


def test_what_a_killed_worker_left_is_cleared_by_its_successor(brand: Brand) -> None:
    regulation = ask(brand, "access", "u1")
    storage().path("exports").mkdir(exist_ok=True)
    storage().path(f"{file_name(regulation)}.0a1b.draft").write_bytes(b"half a zip")
    assert carry_out(regulation).status == RegulationStatus.FINISHED
    assert files() == [f"{regulation.pk}.zip"]


def test_a_step_whose_worker_died_before_the_end_is_done_again(brand: Brand) -> None:
    """The zip and its row were there, and the step had not yet been told."""
    track(brand, "u1")
    regulation = ask(brand, "access", "u1")
    assert begin(regulation)
    step = Step.objects.all().claim()
    assert step
    build(regulation, step.renew)
    Step.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert carry_out(regulation).status == RegulationStatus.FINISHED
    assert Export.objects.count() == 1
    assert len(opened(Export.objects.get()).lines) == 1
    with pytest.raises(LeaseLost):
        build(regulation, step.renew)
    assert files() == [f"{regulation.pk}.zip"]


def test_the_lease_is_renewed_for_each_500_events(brand: Brand) -> None:
    send(brand, "batch", {"batch": [{"userId": "u1", "event": "x"} for _ in range(1001)]})
    renewals: list[int] = []
    build(ask(brand, "access", "u1"), lambda: renewals.append(1))
    assert len(renewals) >= 3 * 3, "three walks of three portions each"


def test_an_erasure_removes_the_export_and_a_file_that_no_row_names(brand: Brand) -> None:
    export = access(brand).export
    regulation = Regulation.objects.get(pk=export.regulation_id)
    stray = ask(brand, "access", "u1")
    build(stray, nobody_else)
    Export.objects.filter(regulation=stray).delete()
    Regulation.objects.filter(pk=stray.pk).update(status=RegulationStatus.FAILED)
    assert len(files()) == 2
    erasing = ask(brand, "suppress_and_delete", "u1")
    begin(erasing)
    erase = Step.objects.filter(regulation=erasing, action="erase")
    claimed = erase.claim()
    assert claimed
    from regulations.destinations import DESTINATIONS

    DESTINATIONS["event_store"].erase(claimed)
    assert not files()
    assert regulation.export.status == ExportStatus.ERASED
    assert not Event.objects.exists()
