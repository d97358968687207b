"""Template filters of the console: times in the brand's zone, and statuses with their tone."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.safestring import SafeString

from privacy_portal.brands.console import marks, times

register = template.Library()


@register.filter
def moment(at: datetime | None, zone: str = "UTC") -> str:
    return times.moment(at, zone)


@register.filter
def status_mark(row: Any) -> SafeString:
    """The status of a row as a word with its tone."""
    return marks.status(row.status, row.get_status_display())


@register.filter
def tail(value: Any) -> str:
    return marks.short(value)
