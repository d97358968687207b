"""What the zip holds, whoever it is about (contract G9)."""

import hashlib
import shutil
import subprocess

import pytest

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.storage import storage
from privacy_portal.tracking.models import Event
from tests.factories.brands import make_brand
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


def test_the_manifest_has_the_fingerprint_of_every_other_member(brand: Brand) -> None:
    track(brand, "u1")
    export = access(brand)
    said = {member["name"]: (member["size"], member["sha256"]) for member in export.json("manifest.json")["members"]}
    assert said == {
        name: (len(content), hashlib.sha256(content).hexdigest())
        for name, content in export.files.items()
        if name != "manifest.json"
    }


def test_the_manifest_says_what_was_searched_and_found(brand: Brand) -> None:
    track(brand, "u1", timestamp="2020-01-01T00:00:00Z")
    identify(brand, "u1", channels={"email": True}, timestamp="2021-06-01T00:00:00+02:00")
    manifest = access(brand).json("manifest.json")
    assert manifest["counts"] == {"events": 2, "consents": 1, "regulations": 1}
    assert {place["place"]: place["found"] for place in manifest["searched"]} == {
        "event_store": 2, "consent_ledger": 1, "regulations": 1, "device_links": 0, "contact_points": 0,
    }  # fmt: skip
    assert manifest["period"]["from"] == "2020-01-01T00:00:00Z"
    assert manifest["period"]["to"] == "2021-05-31T22:00:00Z"
    assert manifest["nothingKnown"] is False


def test_it_says_that_the_upstream_cannot_be_asked(db: None) -> None:
    brand = make_brand(upstream_url="https://cdp.example/identify", upstream_token="t")
    export = access(brand)
    gap = next(gap for gap in export.json("manifest.json")["leftOut"] if gap["what"] == "tracking_upstream")
    assert "not asked what it holds" in gap["why"]
    assert "The customer data system" in export.page
    assert "tracking_upstream" not in export.page


def test_a_person_nothing_is_known_about_gets_a_zip_that_says_so(brand: Brand) -> None:
    track(brand, "someone else")
    export = access(brand, "nobody")
    assert list(export.files) == NAMES
    assert export.json("manifest.json")["nothingKnown"] is True
    assert export.json("manifest.json")["counts"]["events"] == 0
    assert "We hold nothing about you" in export.page
    assert "a code is kept" not in export.page
    assert export.lines == export.rows == []
    assert export.json("profile.json")["userId"] == "nobody"
    assert export.json("profile.json")["traits"] == {}


def test_hashes_of_devices_and_addresses_that_outlive_the_events_are_something(brand: Brand) -> None:
    traits = {"email": "old@example.com", "phone": "+49 123"}
    identify(brand, "u1", anonymousId="d1", traits=traits)
    identify(brand, "u2", kind=TokenKind.JS_TAG, anonymousId="d2")
    identify(brand, "u3", traits=traits)
    Event.objects.all().delete()  # as after the brand's retention_days
    both, device, addresses = (access(brand, user_id) for user_id in ("u1", "u2", "u3"))
    for export, found in ((both, [1, 2]), (device, [1, 0]), (addresses, [0, 2])):
        manifest = export.json("manifest.json")
        assert manifest["nothingKnown"] is False
        assert [place["found"] for place in manifest["searched"][-2:]] == found
        assert all("keyed hash" in place["what"] for place in manifest["searched"][-2:])
        assert "We hold nothing about you" not in export.page
    said = " ".join(both.page.split())
    assert "a code is kept in place of each of these: 1 device, e-mail address, phone number." in said
    assert "are held in a form that can be read" in said
    assert "a code is kept in place of each of these: 1 device." in " ".join(device.page.split())
    assert "old@example.com" not in both.page


def test_requests_are_listed_this_one_too(brand: Brand) -> None:
    access(brand)
    regulations = access(brand).json("regulations.json")["regulations"]
    assert [(one["type"], one["status"]) for one in regulations] == [("access", "finished"), ("access", "running")]
    step = regulations[0]["steps"][0]
    assert (step["destination"], step["action"], step["result"]) == ("event_store", "collect", "collected")
