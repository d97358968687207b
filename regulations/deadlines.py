"""The legal clock: when a request must have been answered (contract G5).

GDPR Art. 12(3) with Regulation 1182/71 Art. 3: the period ends with the last hour of the day that bears the same date
one month later, or of that month's last day. CCPA (11 CCR §7021): 45 calendar days. Dates are the controller's.
"""

import calendar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CCPA_DAYS = 45


def due_at(received_at: datetime, rule: str, zone: str) -> datetime:
    """The midnight, in the brand's time zone, at which the last day of the period ends; in UTC, since not every day
    begins with a midnight everywhere, and Python compares one that does not exist with nothing."""
    local = ZoneInfo(zone)
    received = received_at.astimezone(local).date()
    last = received + timedelta(days=CCPA_DAYS) if rule == "ccpa" else month_later(received)
    return datetime.combine(last + timedelta(days=1), time(), local).astimezone(UTC)


def month_later(day: date) -> date:
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
