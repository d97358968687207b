"""The audit log: who did what, and whether the chain is whole."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import NoReverseMatch, path, reverse
from django.utils.safestring import SafeString
from unfold.decorators import display

from privacy_portal.audit.models import Entry, first_broken
from privacy_portal.brands.console import actors
from privacy_portal.brands.console.filters import AuditBrandFilter
from privacy_portal.brands.console.marks import code, link, mark, short
from privacy_portal.brands.console.page import ConsoleAdmin, Fact
from privacy_portal.brands.console.roles import member
from privacy_portal.brands.console.times import moment
from privacy_portal.brands.console.verbs import SIGNED_OUT
from privacy_portal.brands.rights import Right

PAGES = {
    "regulation": "regulations_regulation", "subject": "subjects_subject", "identifyupdate": "upstream_identifyupdate",
    "export": "regulations_export", "brand": "brands_brand", "authtoken": "brands_authtoken",
    "apitoken": "brands_apitoken",
}  # fmt: skip


class AuditAdmin(ConsoleAdmin):
    plural = "Audit log"
    brand_path = ""
    right = Right.AUDIT
    intro = (
        "Every act, in the order it happened. Each entry is sealed into a chain of hashes within a second: one that is "
        "altered or taken out later shows."
    )
    list_display = ("when", "said", "who", "about", "sealed")
    list_filter = (AuditBrandFilter, "actor_kind", "at")
    list_before_template = "console/audit_check.html"
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        rows: QuerySet[Entry] = super().get_queryset(request)
        who = member(request)
        return rows if who.everywhere else rows.filter(Q(brand_ref__in=who.brand_ids()))

    def get_urls(self) -> list[Any]:
        check = path("check-the-chain/", self.admin_site.admin_view(self.check_chain), name="audit_entry_check_chain")
        return [check, *super().get_urls()]

    def check_chain(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("POST", "GET"):
            return HttpResponseNotAllowed(["POST"])
        if not member(request).may(Right.AUDIT):
            raise PermissionDenied
        if request.method == "GET":
            messages.warning(request, SIGNED_OUT)
            return HttpResponseRedirect(reverse(self.list_url))
        checked, wrong = first_broken()
        if wrong:
            messages.error(request, f"The chain is broken: {wrong}. {checked:,} entries before it are whole.")
        else:
            messages.success(request, f"The chain is whole: {checked:,} entries checked.")
        return HttpResponseRedirect(reverse(self.list_url))

    def heading(self, row: Entry) -> str:
        return f"{_said(row)} (entry {row.position or row.pk})"

    @display(description="When", ordering="pk")
    def when(self, row: Entry) -> str:
        return moment(row.at)

    @display(description="What")
    def said(self, row: Entry) -> str:
        return _said(row)

    def prepare(self, rows: list[Entry]) -> None:
        actors.name(rows)

    @display(description="Who")
    def who(self, row: Entry) -> str:
        return str(row.who)  # type: ignore[attr-defined]

    @display(description="About")
    def about(self, row: Entry) -> SafeString | str:
        return _about(row)

    @display(description="Chain")
    def sealed(self, row: Entry) -> SafeString:
        return mark(f"Sealed as {row.position:,}", "good") if row.position else mark("Not sealed yet", "warn")

    def facts(self, request: HttpRequest, row: Entry) -> list[Fact]:
        actors.name([row])
        return [
            ("When", moment(row.at)),
            ("Who", self.who(row)),
            ("About", _about(row)),
            ("Person", link(reverse("admin:subjects_subject_change", args=[row.subject_ref]), row.subject_ref)
             if row.subject_ref else "–"),
            ("Detail", code(json.dumps(row.detail, ensure_ascii=False)) if row.detail else "–"),
            ("Chain", self.sealed(row)),
            ("Hash", code(row.hash) if row.hash else "–"),
            ("Hash before it", code(row.previous) if row.previous else "–"),
        ]  # fmt: skip


def _said(row: Entry) -> str:
    return row.action.replace(".", " ").replace("_", " ").capitalize()


def _about(row: Entry) -> SafeString | str:
    """A link to the row acted on, where it has a page."""
    if not row.object_kind:
        return "–"
    text = f"{row.object_kind} {short(row.object_ref) if len(row.object_ref) > 12 else row.object_ref}"
    try:
        return link(reverse(f"admin:{PAGES[row.object_kind]}_change", args=[row.object_ref]), text)
    except (KeyError, NoReverseMatch):
        return text
