"""What Segment's door makes of a call (contract T17): its text, its time, its limits, and alias."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.subjects.models import Link, Subject
from privacy_portal.tracking.models import Event, EventStatus
from tests.tracking.caller import Caller, issue, track
from tests.tracking.sdk import Sdk, calls_of


def test_the_text_received_is_what_is_stored(sdk: Sdk) -> None:
    text = b' {"userId" : "u","type":"track", "event":"e","properties":{"n":1.0,"n":1E5}, "_metadata":{"x":null}} '
    assert bytes(sdk.taken("track", text).body or b"") == text
    (call,) = calls_of(sdk.taken("batch", b'{"batch":[%s],"sentAt":"2026-03-05T12:00:00Z"}' % text))
    assert bytes(call.body or b"") == text.strip()


# -- Time ---------------------------------------------------------------------------------------------------


def shift(event: Event) -> timedelta:
    assert event.timestamp is not None
    return event.received_at - event.timestamp


@pytest.mark.engine
def test_a_clock_that_is_wrong_is_corrected_by_when_it_says_it_sent(sdk: Sdk) -> None:
    stamped = {"timestamp": "2019-01-01T12:00:00.000Z"}
    sent = {"sentAt": "2019-01-01T13:00:10+01:00"}
    for event in (
        sdk.taken("t", track(**stamped, **sent)),
        calls_of(sdk.taken("b", {"batch": [track(**stamped)], **sent}))[0],
        calls_of(sdk.taken("b", {"batch": [track(**stamped, sentAt="2000-01-01T00:00:00Z")], **sent}))[0],
        calls_of(sdk.taken("b", {"batch": [track(**stamped, **sent)]}))[0],
    ):
        assert shift(event) == timedelta(seconds=10)
        assert event.call()["timestamp"] == stamped["timestamp"], "the text stays as it was sent"


def test_history_keeps_its_distance_from_now(sdk: Sdk) -> None:
    now = datetime.now(UTC)
    event = sdk.taken("t", track(timestamp="2015-2-02T00:30:08.276Z", sentAt=now.isoformat()))
    assert event.timestamp
    assert abs(event.timestamp - datetime(2015, 2, 2, 0, 30, 8, 276000, UTC)) < timedelta(minutes=1)


def test_without_either_nothing_is_corrected(sdk: Sdk) -> None:
    event = sdk.taken("t", track(timestamp="2019-01-01T12:00:00Z", sentAt=None))
    assert event.timestamp == datetime(2019, 1, 1, 12, tzinfo=UTC)
    assert shift(sdk.taken("t", track(sentAt="2019-01-01T12:00:00Z"))) == timedelta(0)


def test_a_time_that_cannot_be_is_refused(sdk: Sdk) -> None:
    first, last = {"sentAt": "0001-01-01T00:00:00Z"}, {"timestamp": "9999-12-31T00:00:00Z"}
    message = "timestamp must lie in the years 1 to 9999, corrected by sentAt"
    assert sdk.refused("t", track(**first, **last)) == message
    assert sdk.refused("b", {"batch": [track(), track(**last)], **first}) == f"batch[1].{message}"
    for path, body in (("t", track()), ("b", {"batch": [track()]})):
        assert sdk.refused(path, body | {"sentAt": "soon"}) == "sentAt must be an ISO-8601 date and time"


# -- Size and encoding --------------------------------------------------------------------------------------


def test_gzip_is_unpacked_and_a_bomb_is_not(sdk: Sdk) -> None:
    sdk.taken("b", gzip.compress(json.dumps({"batch": [track()], "writeKey": sdk.key}).encode()), "",
              content_encoding="gzip")  # fmt: skip
    bomb = gzip.compress(bytes(100 * 1024 * 1024))
    for key in (None, ""):
        assert "at most" in sdk.refused("b", bomb, 413, key, content_encoding="gzip")
    assert sdk.refused("b", {}, 415, content_encoding="br") == "content-encoding must be gzip or absent"


def test_one_bad_call_refuses_its_batch_and_is_named(sdk: Sdk) -> None:
    assert sdk.refused("b", {"batch": [track(), track(userId=5)]}) == "batch[1].userId must be a string"
    pad = {"pad": "x" * 40_000}
    assert sdk.refused("b", {"batch": [track(), pad]}, 413) == "batch[1] must be at most 32768 bytes"


def test_a_body_that_is_no_object_is_told_before_a_key_that_it_would_hold(sdk: Sdk) -> None:
    for body in (b"", b"[]", b"{", b'{"a":NaN}', b'{"userId":"\xff"}', b"[" * 200):
        assert sdk.refused("t", body, key="").startswith("body must")
        assert sdk.refused("t", body, 403, "unknown") == "writeKey is not authorised"


# -- Alias --------------------------------------------------------------------------------------------------


def alias(**fields: Any) -> dict[str, Any]:
    return {"type": "alias", "userId": "u1", "previousId": "device", **fields}


@pytest.mark.engine
def test_alias_links_the_device_it_names_and_the_one_it_came_from(sdk: Sdk, door: Caller, brand: Brand) -> None:
    sdk.taken("alias", alias(anonymousId="phone"))
    sdk.taken("batch", {"batch": [alias(previousId="tablet")]})
    assert Link.objects.filter(confirmed=True).count() == 3
    Subject.objects.get().suppress()
    for device in ("device", "phone", "tablet"):
        answer = door.taken("track", {"anonymousId": device, "event": "e"})
        assert door.status(answer).json()["status"] == "suppressed"


def test_alias_with_a_public_key_links_for_the_gate_alone(sdk: Sdk, brand: Brand) -> None:
    sdk.taken("a", alias(), issue(brand, TokenKind.JS_TAG))
    assert Link.objects.get().confirmed is False


@pytest.mark.engine
def test_alias_of_someone_suppressed_links_and_keeps_nothing_else(sdk: Sdk, brand: Brand) -> None:
    Subject.objects.ensure(brand, "u1")[0].suppress()
    event = sdk.taken("alias", alias())
    assert (event.status, event.body) == (EventStatus.SUPPRESSED, None)
    assert Link.objects.get().subject.suppressed


def test_alias_needs_a_person_and_a_device(sdk: Sdk) -> None:
    for value in (None, "", " "):
        assert sdk.refused("alias", alias(anonymousId="a", userId=value)) == "userId must not be empty"
        assert sdk.refused("alias", alias(previousId=value)) == "previousId must not be empty"


def test_alias_that_names_no_device_means_the_one_it_came_from(sdk: Sdk, brand: Brand) -> None:
    """As `analytics.alias("u1")` of the browser's SDK sends it."""
    sdk.taken("batch", {"batch": [{"type": "alias", "userId": "u1", "previousId": None, "anonymousId": "a1"}]})
    assert (Link.objects.get().subject, Link.objects.get().confirmed) == (Subject.objects.of(brand, "u1").get(), True)


# -- The gate -----------------------------------------------------------------------------------------------


@pytest.mark.engine
def test_the_gate_is_the_same(sdk: Sdk, door: Caller, brand: Brand) -> None:
    subject = Subject.objects.ensure(brand, "u1")[0]
    subject.stop_tracking()
    batch = {"batch": [track(userId="u1", type="track"), {"type": "identify", "userId": "u1", "traits": {"a": 1}}]}
    assert [call.status for call in calls_of(sdk.taken("b", batch))] == ["not_tracked", "stored"]
    web = sdk.taken("b", batch, issue(brand, TokenKind.JS_TAG))
    assert [call.status for call in calls_of(web)] == ["not_tracked", "not_tracked"]
    again = sdk.taken("t", track(userId="u2", messageId="m"))
    assert sdk.taken("t", track(userId="u2", messageId="m")).event_id == again.event_id
    assert door.status(web.event_id).json()["status"] == "not_tracked"
