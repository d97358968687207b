"""What is looked at once at start (`manage.py check`)."""

from typing import Any

from django.conf import settings
from django.core import checks

from privacy_portal.preferences.links import LONGEST_URL

LONGEST_PUBLIC_URL = LONGEST_URL - len("/u/") - 22


@checks.register("preferences", deploy=True)
def unsubscribe_links_fit_a_header(**_: Any) -> list[checks.CheckMessage]:
    if len(settings.PUBLIC_URL) <= LONGEST_PUBLIC_URL:
        return []
    return [
        checks.Warning(
            "PORTAL_PUBLIC_URL is too long: mail software breaks unsubscribe links longer than 74 characters.",
            hint=f"Use an address of at most {LONGEST_PUBLIC_URL} characters, https:// included.",
            id="preferences.W001",
        )
    ]
