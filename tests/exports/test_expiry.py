"""When the file of an export goes: after 30 days, and when no row names it (contract G9)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.storage import storage
from regulations.exports.expiry import IN_THE_MAKING, discard_unknown, expire
from regulations.models import Export, ExportStatus
from tests.factories.exports import access

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def unknown(brand: Brand) -> Path:
    """What a restored database does not know: it was made after the backup."""
    with storage().writing("exports/unknown.zip") as file:
        file.write(b"somebody's")
    return storage().path("exports/unknown.zip")


def test_a_file_that_no_row_names_goes_once_it_cannot_be_one_in_the_making(brand: Brand, unknown: Path) -> None:
    known = storage().path(access(brand).export.name)
    draft = unknown.with_name("unknown.zip.0a1b2c3d.draft")
    draft.write_bytes(b"half of somebody's")  # a worker was killed, and then an older database restored
    now = timezone.now()
    assert discard_unknown(now) == 0
    assert unknown.exists(), "its row may be about to be written"
    assert discard_unknown(now + IN_THE_MAKING + timedelta(seconds=1)) >= 1
    assert not unknown.exists()
    assert not draft.exists()
    assert known.exists()


@contextmanager
def undeletable(path: Path) -> Iterator[None]:
    """In its place stands what cannot be deleted, even by root."""
    path.unlink()
    path.mkdir()
    try:
        yield
    finally:
        path.rmdir()


def test_a_file_that_cannot_be_deleted_keeps_no_other(brand: Brand, caplog: pytest.LogCaptureFixture) -> None:
    stuck, other = (access(brand, user_id).export for user_id in ("u1", "u2"))
    Export.objects.update(expires_at=timezone.now())
    with undeletable(storage().path(stuck.name)):
        expire()
        assert not storage().path(other.name).exists()
        assert dict(Export.objects.values_list("pk", "status")) == {
            stuck.pk: ExportStatus.READY,
            other.pk: ExportStatus.EXPIRED,
        }
        assert caplog.messages == [f"export.not_deleted regulations={stuck.regulation_id}"]
    expire()
    assert set(Export.objects.values_list("status", flat=True)) == {ExportStatus.EXPIRED}, "the next time"


def test_an_unknown_file_that_cannot_be_deleted_keeps_no_other(
    brand: Brand, unknown: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stuck = unknown.with_name("stuck.zip")
    stuck.touch()
    later = timezone.now() + IN_THE_MAKING + timedelta(seconds=1)
    with undeletable(stuck):
        assert discard_unknown(later) >= 1
        assert not unknown.exists()
        assert caplog.messages == ["export.not_deleted unknown=1"]
