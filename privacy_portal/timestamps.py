"""Times as callers write them, and as we write them back (contract T7)."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

RULE = "must be an ISO-8601 date and time"
# Unpadded months and days are accepted because the upstream's own example has one: 2015-2-02T00:30:08.276Z.
_SHAPE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?"
    r"\s?(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)?",
    re.ASCII,
)

# The rarer ISO-8601 forms (basic, week and ordinal dates) are Python's to read, but it overlooks anything that stands
# between a fraction's sixth digit and the offset, so their shape is checked before.
_RARE_SHAPE = re.compile(r"[\dW-]+[Tt][\d:]+(?:[.,]\d+)?(?:Z|[+-][\d:.]+)?", re.ASCII)


class BadTimestamp(ValueError):
    def __init__(self) -> None:
        super().__init__(RULE)


def parse(value: Any) -> datetime:
    """An aware UTC datetime: no offset means UTC, fractions are cut to µs, 24:00 and second 60 are the next moment.
    BadTimestamp for anything else, and where UTC leaves the years 1–9999."""
    if not isinstance(value, str):
        raise BadTimestamp
    if len(value) == 24 and value[10] == "T" and value[23] == "Z":
        # What JavaScript and most servers write, thirty times faster; what it refuses is looked at below.
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    if match := _SHAPE.fullmatch(value):
        return _build(*match.groups())
    if len(value) < 11 or not _RARE_SHAPE.fullmatch(value):
        raise BadTimestamp
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadTimestamp from None


def _build(
    year: str, month: str, day: str, hour: str, minute: str, second: str | None, fraction: str | None,
    zulu: str | None, sign: str | None, offset_hours: str | None, offset_minutes: str | None,
) -> datetime:  # fmt: skip
    seconds = int(second or 0)
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    late_hour = hour == "24" and minute == "00" and seconds == 0 and micros == 0
    try:
        moment = datetime(int(year), int(month), int(day), 0 if late_hour else int(hour), int(minute),
                          min(seconds, 59), micros, _offset(sign, offset_hours, offset_minutes))  # fmt: skip
        if seconds > 60:
            raise BadTimestamp
        return moment.astimezone(UTC) + timedelta(days=late_hour, seconds=seconds == 60)
    except (ValueError, OverflowError):
        raise BadTimestamp from None


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> timezone:
    if sign is None:
        return UTC
    if int(hours or 0) > 23 or int(minutes or 0) > 59:
        raise BadTimestamp
    offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    return timezone(-offset if sign == "-" else offset)


def written(moment: datetime) -> str:
    """UTC with `Z`, at the precision it has."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
