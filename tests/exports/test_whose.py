"""Whose events an export holds (contract T14)."""

import pytest

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from regulations.exports.calls import Calls
from regulations.exports.person import person_of
from tests.factories.brands import make_brand
from tests.factories.events import identify, track
from tests.factories.exports import access

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def names(brand: Brand, user_id: str = "u1") -> list[str]:
    return [said["event"] for said in access(brand, user_id).lines]


def leave_no_lease() -> None:
    """Nobody's lease is at stake."""


def test_a_device_of_the_person_alone_belongs_to_them(brand: Brand) -> None:
    track(brand, None, event="before", anonymousId="d1")
    identify(brand, "u1", anonymousId="d1")
    track(brand, None, event="after", anonymousId="d1")
    assert names(brand) == ["before", "identify", "after"]


def test_a_shared_device_is_left_out_of_both_exports_which_say_so(brand: Brand) -> None:
    track(brand, None, event="whose?", anonymousId="d1")
    identify(brand, "u1", anonymousId="d1")
    identify(brand, "u2", anonymousId="d1")
    for user_id in ("u1", "u2"):
        export = access(brand, user_id)
        assert [said["event"] for said in export.lines] == ["identify"]
        assert "whose?" not in export.page
        gap = next(gap for gap in export.json("manifest.json")["leftOut"] if "another person" in gap["what"])
        assert gap["devices"] == 1
        assert "Another person uses the same device" in export.page


def test_a_device_linked_only_by_a_public_token_is_left_out_and_said_to_be(brand: Brand) -> None:
    track(brand, None, event="claimed", anonymousId="d1")
    identify(brand, "u1", kind=TokenKind.JS_TAG, anonymousId="d1")
    export = access(brand)
    assert [said["event"] for said in export.lines] == ["identify"]
    gap = next(gap for gap in export.json("manifest.json")["leftOut"] if "not confirmed" in gap["what"])
    assert gap["devices"] == 1


def test_another_persons_and_another_brands_events_are_not_in_it(brand: Brand) -> None:
    track(brand, "u1", event="mine")
    track(brand, "u2", event="theirs")
    track(make_brand(), "u1", event="elsewhere")
    assert names(brand) == ["mine"]


def test_it_reads_exactly_the_events_that_count_as_the_persons(brand: Brand) -> None:
    for device in ("own1", "own2", "shared", "claimed"):
        track(brand, None, anonymousId=device)
        kind = TokenKind.JS_TAG if device == "claimed" else TokenKind.SERVER
        identify(brand, "u1", kind=kind, anonymousId=device)
        track(brand, None, anonymousId=device)
    identify(brand, "u2", anonymousId="shared")
    subject = Subject.objects.of(brand, "u1").get()
    expected = Event.objects.of_person(subject, with_shared_devices=False).order_by("id")
    read = [call.id for call in Calls(person_of(subject), leave_no_lease)]
    assert read == list(expected.values_list("id", flat=True))
    assert len(read) == 8


def test_what_arrives_while_it_is_built_stays_out_of_every_member(brand: Brand) -> None:
    identify(brand, "u1", traits={"city": "Bonn"})
    person = person_of(Subject.objects.ensure(brand, "u1")[0])
    arrivals = iter(range(10))

    def ingest_goes_on() -> None:
        track(brand, "u1", event=f"late {next(arrivals)}")

    calls = Calls(person, ingest_goes_on)
    assert [call.action for call in calls] == ["identify"]
    assert [call.action for call in calls] == ["identify"]
    assert Event.objects.count() == 3
