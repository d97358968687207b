"""Times as callers write them, and as we write them back (contract T7)."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

RULE = "must be an ISO-8601 date and time"
# Unpadded months and days are accepted because the upstream's own example has one: 2015-2-02T00:30:08.276Z.
_SHAPE = re.compile(
    r"""
    (?P<year>\d{4})
    (?: -(?P<month>\d{1,2})-(?P<day>\d{1,2}) | (?P<basic_month>\d{2})(?P<basic_day>\d{2})
      | (?P<dash>-?)W(?P<week>\d{2})(?P=dash)(?P<weekday>\d) | -?(?P<day_of_year>\d{3}) )
    [Tt ]
    (?P<hour>\d{2}) (?: (?P<colon>:?)(?P<minute>\d{2}) (?: (?P=colon)(?P<second>\d{2}) )? )?
    (?: [.,](?P<fraction>\d+) )?
    \s?
    (?: [Zz] | (?P<sign>[+-])(?P<hours>\d{2}) (?: :?(?P<minutes>\d{2}) )? )?
    """,
    re.ASCII | re.VERBOSE,
)
_PICOSECONDS = 12  # digits of a fraction that can reach a microsecond, also of an hour's
_CYCLE = timedelta(days=146_097)  # 400 years, after which the calendar repeats itself, weeks included


class BadTimestamp(ValueError):
    def __init__(self) -> None:
        super().__init__(RULE)


def parse(value: Any) -> datetime:
    """An aware UTC datetime: no offset means UTC, fractions are cut to µs, 24:00 and second 60 are the next moment.
    BadTimestamp for anything else, and where UTC leaves the years 1–9999."""
    if not isinstance(value, str):
        raise BadTimestamp
    if len(value) == 24 and value[4:22:3] == "--T::." and value[23] == "Z":
        # What JavaScript and most servers write, thirty times faster; what it refuses is looked at below.
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    if not (match := _SHAPE.fullmatch(value)):
        raise BadTimestamp
    try:
        return _moment(match)
    except (ValueError, OverflowError):
        raise BadTimestamp from None


def _moment(told: re.Match[str]) -> datetime:
    year = int(told["year"])
    day = _day(told, year or 400)  # Python knows no year 0, of which an offset may leave the last hours in year 1
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + (_time_of_day(told) - _offset(told))
    return moment if year else moment - _CYCLE


def _day(told: re.Match[str], year: int) -> date:
    if told["week"]:
        return date.fromisocalendar(year, int(told["week"]), int(told["weekday"]))
    if told["day_of_year"]:
        day = date(year, 1, 1) + timedelta(days=int(told["day_of_year"]) - 1)
        if day.year != year:
            raise BadTimestamp
        return day
    return date(year, int(told["month"] or told["basic_month"]), int(told["day"] or told["basic_day"]))


def _time_of_day(told: re.Match[str]) -> timedelta:
    hour, minute, second = int(told["hour"]), int(told["minute"] or 0), int(told["second"] or 0)
    # A fraction is one of the last unit that is told.
    unit = 1 if told["second"] else 60 if told["minute"] else 3600
    fraction = int((told["fraction"] or "")[:_PICOSECONDS].ljust(_PICOSECONDS, "0")) * unit // 10**6
    time = timedelta(hours=hour, minutes=minute, seconds=second, microseconds=fraction)
    if minute > 59 or second > 60 or time > timedelta(days=1, seconds=second == 60):
        raise BadTimestamp
    return time


def _offset(told: re.Match[str]) -> timedelta:
    hours, minutes = int(told["hours"] or 0), int(told["minutes"] or 0)
    if hours > 23 or minutes > 59:
        raise BadTimestamp
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if told["sign"] == "-" else offset


def written(moment: datetime) -> str:
    """UTC with `Z`, at the precision it has."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """The same moment on the clocks there; as it is at the two ends of the calendar, where zones lead out of it. Events
    may have happened then (contract T7)."""
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment
