"""What is in the zip, and what each file says (contract G9)."""

import shutil
import subprocess

import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.storage import storage
from tests.factories.events import identify, track
from tests.factories.exports import access

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]

NAMES = [
    "index.html", "profile.json", "events.jsonl", "events.csv", "consents.json", "regulations.json", "information.json",
    "manifest.json",
]  # fmt: skip


def test_every_member_is_there_and_the_manifest_is_last(brand: Brand) -> None:
    identify(brand, "u1", traits={"firstName": "Ann"})
    assert list(access(brand).files) == NAMES


@pytest.mark.skipif(shutil.which("unzip") is None, reason="unzip is not installed")
def test_unzip_opens_it(brand: Brand) -> None:
    track(brand, "u1")
    path = storage().path(access(brand).export.name)
    assert subprocess.run(["unzip", "-tq", path], check=False).returncode == 0
