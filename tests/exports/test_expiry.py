"""When the file of an export goes: after 30 days, and when no row names it (contract G9)."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.storage import storage
from regulations.exports.expiry import IN_THE_MAKING, discard_unknown
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
    now = timezone.now()
    assert discard_unknown(now) == 0
    assert unknown.exists(), "its row may be about to be written"
    assert discard_unknown(now + IN_THE_MAKING + timedelta(seconds=1)) >= 1
    assert not unknown.exists()
    assert known.exists()
