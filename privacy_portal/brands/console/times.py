"""Times as staff read them: in the brand's time zone, the legal deadline as the day that it ends with."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from privacy_portal.timestamps import in_zone


@dataclass(frozen=True)
class Deadline:
    """`day` is the last day, `words` how far it is, `tone` late, soon or calm (never the only sign)."""

    day: str
    words: str
    tone: str


def moment(at: datetime | None, zone: str = "UTC") -> str:
    if at is None:
        return "–"
    local = in_zone(at, ZoneInfo(zone))
    return f"{_day(local)}, {local:%H:%M} {local:%Z}"


def day(at: datetime, zone: str = "UTC") -> str:
    return _day(in_zone(at, ZoneInfo(zone)))


def last_day(due_at: datetime, zone: str) -> date:
    """The day that ends at this midnight, which may be one o'clock: where summer time begins then."""
    return in_zone(due_at - timedelta(microseconds=1), ZoneInfo(zone)).date()


def deadline(due_at: datetime, now: datetime, zone: str) -> Deadline:
    """How far a deadline is, counted in the days of the brand's calendar."""
    last = last_day(due_at, zone)
    days = (last - in_zone(now, ZoneInfo(zone)).date()).days
    if days < 0:
        words, tone = f"{_days(-days)} overdue", "late"
    elif days == 0:
        words, tone = "ends today", "soon"
    else:
        words, tone = f"{_days(days)} left", "soon" if days <= 7 else "calm"
    return Deadline(f"end of {_day(last)}", words, tone)


def ago(at: datetime | None, now: datetime) -> str:
    """A rough age: 12 s, 3 min, 5 h, 2 days."""
    if at is None:
        return "–"
    seconds = max(0, int((now - at).total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return _days(seconds // size) if unit == "day" else f"{seconds // size} {unit}"
    return f"{seconds} s"


def _day(value: date) -> str:
    return f"{value.day} {value:%b} {value.year}"


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"
