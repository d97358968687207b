"""Times as callers tell them (contract T7)."""

from datetime import UTC, datetime

import pytest

from privacy_portal.tracking.models import Event
from tests.tracking.caller import Caller, track

pytestmark = pytest.mark.engine


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


TAKEN = {
    "2015-2-02T00:30:08.276Z": at(2015, 2, 2, 0, 30, 8, 276000),
    "2015-02-02 00:30:08": at(2015, 2, 2, 0, 30, 8),
    "2015-02-02T00:30": at(2015, 2, 2, 0, 30),
    "2015-02-02T00:30:08+05:30": at(2015, 2, 1, 19, 0, 8),
    "2015-02-02T00:30:08-0800": at(2015, 2, 2, 8, 30, 8),
    "2015-02-02T00:30:08.1234567891Z": at(2015, 2, 2, 0, 30, 8, 123456),
    "0001-01-01T00:00:00Z": at(1, 1, 1),
    "9999-12-31T23:59:59.999999Z": at(9999, 12, 31, 23, 59, 59, 999999),
    "2024-02-29T12:00:00Z": at(2024, 2, 29, 12),
    # ISO's other forms
    "20150202T003008.276+0530": at(2015, 2, 1, 19, 0, 8, 276000),
    "2015-W06-1T00:30": at(2015, 2, 2, 0, 30),
    "2015W061T00": at(2015, 2, 2),
    "2015-033T00:30:08,5Z": at(2015, 2, 2, 0, 30, 8, 500000),
    "2015-02-02T12.5+01": at(2015, 2, 2, 11, 30),
    "2015-02-02T12:30.25Z": at(2015, 2, 2, 12, 30, 15),
    "2015-02-02T24:00Z": at(2015, 2, 3),
    "20161231T235960Z": at(2017, 1, 1),
    # The years count once it is UTC.
    "0000-12-31T23:59:00-00:01": at(1, 1, 1),
    "9999-12-31T24:00:00+01:00": at(9999, 12, 31, 23),
}


@pytest.mark.parametrize("written", TAKEN)
def test_it_takes_an_iso_time(door: Caller, written: str) -> None:
    event_id = door.taken("track", track(timestamp=written))
    assert Event.objects.get(event_id=event_id).timestamp == TAKEN[written]


REFUSED = [
    "", "now", "2015-02-02", "2015-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2015-13-01T00:00:00Z",
    "2015-02-02T25:00:00Z", "2015-02-02T00:61:00Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
    "10000-01-01T00:00:00Z", "2015-02-02T00:30:08+25:00", "2015-02-02T00:30:08Zjunk", " 2015-02-02T00:30:08Z",
    "２０１５-02-02T00:30:08Z", "2015-02-02T00:30:08.123456junkZ", "2015-W06-1T00:30:08.1234567\u0594+01:00",
    "2015-02-02T00.123456abcZ", "2015-02-02T0030.123456xZ", "2015-02-02T00:30:08+00:00.5", "2015-366T00:30Z",
    "2015-W54-1T00:30Z", "2015-02-02T24:00:00.1Z", "2015-02-02T00:30:61Z", "0000-12-31T23:59:00Z",
    1422837008, 1.5, True, [], {},
]  # fmt: skip


@pytest.mark.parametrize("written", REFUSED)
def test_it_refuses_what_is_no_time(door: Caller, written: object) -> None:
    assert door.refused("track", track(timestamp=written)) == "timestamp must be an ISO-8601 date and time"


@pytest.mark.parametrize("body", [track(), track(timestamp=None)])
def test_an_absent_time_is_the_time_of_receipt(door: Caller, body: dict[str, object]) -> None:
    event = Event.objects.get(event_id=door.taken("track", body))
    assert event.timestamp == event.received_at
