"""The legal clock, against the computed dates of GDPR, Regulation 1182/71 and CCPA (contract G5)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_portal.brands.console.times import deadline, last_day
from regulations.deadlines import due_at, month_later

BERLIN = "Europe/Berlin"
NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("received", "last_day"),
    [
        ((2026, 1, 31), (2026, 2, 28)),
        ((2028, 1, 31), (2028, 2, 29)),
        ((2026, 1, 28), (2026, 2, 28)),
        ((2026, 2, 28), (2026, 3, 28)),
        ((2026, 3, 5), (2026, 4, 5)),
        ((2026, 3, 31), (2026, 4, 30)),
        ((2026, 8, 31), (2026, 9, 30)),
        ((2026, 12, 1), (2027, 1, 1)),
    ],
)
def test_the_month_ends_on_the_day_of_the_same_date(
    received: tuple[int, int, int], last_day: tuple[int, int, int]
) -> None:
    moment = datetime(*received, 12, tzinfo=ZoneInfo(BERLIN))
    assert due_at(moment, "gdpr", BERLIN).astimezone(moment.tzinfo).date() == date(*last_day) + timedelta(days=1)


@pytest.mark.parametrize(
    ("zone", "ends"),
    [
        ("Europe/Dublin", datetime(2026, 4, 30, 23, tzinfo=UTC)),
        (BERLIN, datetime(2026, 5, 1, 22, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 5, 1, 7, tzinfo=UTC)),
    ],
)
def test_one_moment_is_another_date_elsewhere(zone: str, ends: datetime) -> None:
    assert due_at(datetime(2026, 3, 31, 22, 30, tzinfo=UTC), "gdpr", zone) == ends


@pytest.mark.parametrize(
    ("zone", "received", "ends"),
    [
        # Summer time begins on 29 March there, on 8 March here, and ends on 25 October and 1 November.
        (BERLIN, datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 4, 1, 22, tzinfo=UTC)),
        (BERLIN, datetime(2026, 2, 28, 9, tzinfo=UTC), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (BERLIN, datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 4, 29, 22, tzinfo=UTC)),
        (BERLIN, datetime(2026, 9, 25, 8, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)),
        (BERLIN, datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 11, 25, 23, tzinfo=UTC)),
        (BERLIN, datetime(2026, 10, 31, 9, tzinfo=UTC), datetime(2026, 11, 30, 23, tzinfo=UTC)),
        (NEW_YORK, datetime(2026, 2, 8, 9, tzinfo=UTC), datetime(2026, 3, 9, 4, tzinfo=UTC)),
        (NEW_YORK, datetime(2026, 1, 31, 9, tzinfo=UTC), datetime(2026, 3, 1, 5, tzinfo=UTC)),
        (NEW_YORK, datetime(2026, 10, 1, 9, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)),
        (NEW_YORK, datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 12, 2, 5, tzinfo=UTC)),
        # There the day on which it begins has no midnight: the day before ends where the next one starts.
        ("America/Santiago", datetime(2026, 8, 5, 9, tzinfo=UTC), datetime(2026, 9, 6, 4, tzinfo=UTC)),
    ],
)
def test_a_period_over_a_change_of_the_clocks_ends_when_its_last_day_does_there(
    zone: str, received: datetime, ends: datetime
) -> None:
    assert due_at(received, "gdpr", zone) == ends


@pytest.mark.parametrize(("received", "ends"), [((2026, 2, 1), (2026, 3, 18)), ((2026, 10, 1), (2026, 11, 15))])
def test_forty_five_days_are_days_of_the_calendar_over_a_change_of_the_clocks(
    received: tuple[int, int, int], ends: tuple[int, int, int]
) -> None:
    here = ZoneInfo(NEW_YORK)
    assert due_at(datetime(*received, 12, tzinfo=here), "ccpa", NEW_YORK) == (
        datetime(*ends, tzinfo=here) + timedelta(days=1)
    )


def test_ccpa_counts_forty_five_days() -> None:
    assert due_at(datetime(2026, 1, 5, 9, tzinfo=UTC), "ccpa", "UTC") == datetime(2026, 2, 20, tzinfo=UTC)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_a_month_is_never_longer_than_the_calendar_s(day: date) -> None:
    later = month_later(day)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == 1
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@pytest.mark.parametrize("zone", ["America/Santiago", BERLIN])
def test_the_console_names_the_last_day_also_where_summer_begins_at_midnight(zone: str) -> None:
    due = due_at(datetime(2026, 8, 5, 12, tzinfo=UTC), "gdpr", zone)
    assert last_day(due, zone) == date(2026, 9, 5)
    assert deadline(due, due - timedelta(hours=1), zone).words == "ends today"
    assert deadline(due, due, zone).words == "1 day overdue"
