"""Identify updates: what the upstream was told, and what it answered."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display

from privacy_portal.brands.console.filters import BrandFilter
from privacy_portal.brands.console.marks import code, link, short, status
from privacy_portal.brands.console.page import ConsoleAdmin, Fact
from privacy_portal.brands.console.roles import member
from privacy_portal.brands.console.times import moment
from privacy_portal.brands.console.verbs import verb
from privacy_portal.brands.rights import Right
from privacy_portal.subjects.errors import Conflict
from privacy_portal.upstream.models import IdentifyUpdate, UpdateStatus


@admin.register(IdentifyUpdate)
class IdentifyUpdateAdmin(ConsoleAdmin):
    refusals = (Conflict,)
    page_template = "console/update.html"
    intro = "Each tells the upstream what changed about one person, in order. A failed one holds no other back."
    list_display = ("made", "person", "brand", "about", "state", "attempts", "event_ref", "last_error")
    list_display_links = ("made",)
    list_filter = (BrandFilter, "status", "created_at")
    list_select_related = ("brand",)

    def heading(self, row: IdentifyUpdate) -> str:
        return f"Identify update {short(row.pk)}"

    def facts(self, request: HttpRequest, row: IdentifyUpdate) -> list[Fact]:
        zone = row.brand.setting("timezone")
        return [
            ("State", self.state(row)),
            ("Id and messageId", code(row.pk)),
            ("Person", self.person(row)),
            ("Brand", row.brand.path),
            ("About", self.about(row)),
            ("Attempts", row.attempts),
            ("Next attempt", moment(row.due_at, zone) if row.is_open else "–"),
            ("Last error", row.last_error or "–"),
            ("eventId answered", code(row.event_ref) if row.event_ref else "–"),
            ("Status upstream", row.upstream_status or "unknown"),
            ("Made", moment(row.created_at, zone)),
            ("Delivered", moment(row.delivered_at, zone)),
        ]

    def page_context(self, request: HttpRequest, row: IdentifyUpdate) -> dict[str, bool]:
        return {"can_retry": row.status == UpdateStatus.FAILED}

    @verb(Right.MOVE)
    def retry(self, request: HttpRequest, row: IdentifyUpdate) -> str:
        row.retry(member(request).actor)
        return "It will be sent again now."

    @display(description="Made", ordering="id")
    def made(self, row: IdentifyUpdate) -> str:
        return moment(row.created_at, row.brand.setting("timezone"))

    @display(description="Person")
    def person(self, row: IdentifyUpdate) -> SafeString:
        return link(reverse("admin:subjects_subject_change", args=[row.subject_id]), short(row.subject_id))

    @display(description="About")
    def about(self, row: IdentifyUpdate) -> SafeString | str:
        if not row.regulation:
            return "Channels"
        url = reverse("admin:regulations_regulation_change", args=[row.regulation["id"]])
        return link(url, f"Regulation {short(row.regulation['id'])}")

    @display(description="State", ordering="status")
    def state(self, row: IdentifyUpdate) -> SafeString:
        return status(row.status, row.get_status_display())
