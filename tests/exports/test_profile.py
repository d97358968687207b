"""profile.json: what identify calls said last."""

import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.subjects.models import Subject
from tests.factories.events import identify, send, track
from tests.factories.exports import access

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_latest_statement_of_each_trait_stands_in_order_of_their_timestamps(brand: Brand) -> None:
    newest = identify(brand, "u1", timestamp="2024-06-01T00:00:00Z", traits={"city": "Bonn", "plan": "gold"})
    identify(brand, "u1", timestamp="2023-01-01T00:00:00Z", traits={"city": "Köln", "age": 40})
    profile = access(brand).json("profile.json")
    assert profile["userId"] == "u1"
    assert profile["traits"] == {"age": 40, "city": "Bonn", "plan": "gold"}
    assert profile["traitsSaid"]["city"] == {"at": "2024-06-01T00:00:00Z", "eventId": str(newest)}


def test_at_equal_times_the_later_received_stands(brand: Brand) -> None:
    for city in ("Köln", "Bonn"):
        identify(brand, "u1", timestamp="2024-06-01T00:00:00Z", traits={"city": city})
    assert access(brand).json("profile.json")["traits"] == {"city": "Bonn"}


def test_values_keep_their_spelling(brand: Brand) -> None:
    send(brand, "identify", b'{"userId":"u1","event":"identify","traits":{"n":1.10,"n":2.50,"s":"\\u0041"}}')
    text = access(brand).files["profile.json"]
    assert b'"n": 2.50' in text
    assert b'"s": "\\u0041"' in text
    assert b"1.10" not in text


def test_it_counts_events_and_devices_and_says_when(brand: Brand) -> None:
    identify(brand, "u1", anonymousId="d1", timestamp="2024-01-01T00:00:00Z")
    track(brand, None, anonymousId="d1", timestamp="2024-02-01T00:00:00Z")
    track(brand, "u1", timestamp="2023-12-01T00:00:00Z")
    profile = access(brand).json("profile.json")
    assert profile["events"] == {"total": 3, "byAction": {"identify": 1, "track": 2}}
    assert (profile["firstSeen"], profile["lastSeen"]) == ("2023-12-01T00:00:00Z", "2024-02-01T00:00:00Z")
    assert profile["devices"] == {"own": 1, "sharedWithOthers": 0, "unconfirmed": 0}


def test_it_says_that_collecting_is_stopped(brand: Brand) -> None:
    Subject.objects.ensure(brand, "u1")[0].suppress()
    export = access(brand)
    assert export.json("profile.json")["collection"] == {"suppressed": True, "noTrack": False}
    assert "Collecting is stopped" in export.page
    assert any("stopped" in gap["what"] for gap in export.json("manifest.json")["leftOut"])
