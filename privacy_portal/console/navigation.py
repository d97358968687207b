"""The sidebar: what there is, grouped by the work it is for, for the role of who looks."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from privacy_portal.brands.console.roles import known
from privacy_portal.brands.rights import Right

Item = tuple[str, str, str, Right]

GROUPS: tuple[tuple[str, tuple[Item, ...]], ...] = (
    (
        "Requests",
        (
            ("Today", "today", "index", Right.SEE),
            ("Find a person", "person_search", "find", Right.SEE),
            ("Regulations", "gavel", "regulations_regulation_changelist", Right.SEE),
            ("Exports", "folder_zip", "regulations_export_changelist", Right.SEE),
        ),
    ),
    (
        "People and data",
        (
            ("People", "group", "subjects_subject_changelist", Right.SEE),
            ("Consent ledger", "receipt_long", "consent_entry_changelist", Right.SEE),
            ("Events", "sensors", "tracking_event_changelist", Right.SEE),
            ("Identify updates", "sync_alt", "upstream_identifyupdate_changelist", Right.SEE),
            ("Steps", "checklist", "regulations_step_changelist", Right.SEE),
        ),
    ),
    (
        "Setting up",
        (
            ("Brands", "storefront", "brands_brand_changelist", Right.SETTINGS),
            ("Auth-tokens", "key", "brands_authtoken_changelist", Right.SETTINGS),
            ("API tokens", "api", "brands_apitoken_changelist", Right.SETTINGS),
            ("Staff", "badge", "brands_staffrole_changelist", Right.SETTINGS),
        ),
    ),
    ("Accountability", (("Audit log", "verified_user", "audit_entry_changelist", Right.AUDIT),)),
)


def groups(request: HttpRequest) -> list[dict[str, Any]]:
    """In the shape that django-unfold's sidebar reads."""
    who = known(request)
    found = []
    for title, items in GROUPS:
        allowed = [
            {"title": name, "icon": icon, "link": reverse(f"admin:{view}")}
            for name, icon, view, right in items
            if who is not None and who.may(right)
        ]
        if allowed:
            found.append({"title": title, "items": allowed})
    return found
