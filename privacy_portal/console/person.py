"""A person: who they are only when asked, their states, channels, requests, events and ledger."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from privacy_portal.audit.models import record
from privacy_portal.brands.console.filters import BrandFilter
from privacy_portal.brands.console.marks import code, mark, short
from privacy_portal.brands.console.page import ConsoleAdmin, Fact
from privacy_portal.brands.console.roles import member
from privacy_portal.brands.console.times import moment
from privacy_portal.brands.console.verbs import verb
from privacy_portal.brands.rights import Right
from privacy_portal.consent.models import Entry, Preference, Source
from privacy_portal.console.consent_form import ConsentForm, said_of
from privacy_portal.preferences.links import revoke_links
from privacy_portal.preferences.models import PreferenceToken, TokenKind
from privacy_portal.preferences.record import record_consent
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Link, Subject
from privacy_portal.tracking.models import Event
from regulations.models import Regulation

SHOWN = 20


class PersonAdmin(ConsoleAdmin):
    plural = "People"
    refusals = (Conflict,)
    page_template = "console/person.html"
    intro = "People known to this portal, by id alone. To look someone up by userId, use Find a person."
    list_display = ("id_link", "brand", "states", "known_since")
    list_filter = (BrandFilter, "suppressed", "no_track", "created_at")
    list_select_related = ("brand",)
    list_display_links = ("id_link",)
    list_before_template = "console/find_hint.html"

    def heading(self, row: Subject) -> str:
        return f"Person {short(row.pk)}"

    def page(self, request: HttpRequest, row: Subject, **more: Any) -> TemplateResponse:
        if request.method == "GET":
            record("subject.viewed", member(request).actor, brand=row.brand_id, subject=row.pk, of=row)
        return super().page(request, row, **more)

    @verb(Right.REVEAL)
    def reveal(self, request: HttpRequest, row: Subject) -> HttpResponse:
        """Show the userId in the answer to this POST, and nowhere else."""
        record("subject.revealed", member(request).actor, brand=row.brand_id, subject=row.pk, of=row)
        return self.page(request, row, revealed=row.clear_user_id, was_revealed=True)

    @verb(Right.CONSENT)
    def consent(self, request: HttpRequest, row: Subject) -> str | HttpResponse:
        form = ConsentForm(row.brand, request.POST)
        if form.is_valid():
            try:
                recorded = record_consent(row, [form.wish()], Source.STAFF, member(request).actor, timezone.now())
                return said_of(recorded.verdicts[0])
            except Conflict as refusal:
                form.add_error("wanted", refusal.detail)
        answer = self.page(request, row, consent_form=form)
        answer.status_code = 422
        return answer

    @verb(Right.REQUEST)
    def revoke_links(self, request: HttpRequest, row: Subject) -> str:
        """Of the preference page alone: one-click unsubscribe in mail that was sent must go on stopping things."""
        number = revoke_links(row, member(request).actor, TokenKind.PAGE)
        if not number:
            return "There was no preference link to revoke."
        return f"Revoked, {number} in all. They open nothing from now on; one-click unsubscribe in mail goes on."

    def page_context(self, request: HttpRequest, row: Subject) -> dict[str, Any]:
        links = Link.objects.filter(subject=row)
        return {
            "zone": row.brand.setting("timezone"),
            "channels": channels(row),
            "devices": links.count(),
            "unconfirmed": links.filter(confirmed=False).count(),
            "regulations": Regulation.objects.filter(subject=row)[:SHOWN],
            "ledger": Entry.objects.history(row)[:SHOWN],
            "ledger_url": reverse("admin:consent_entry_changelist") + f"?subject={row.pk}",
            "events": Event.objects.of_user(row).defer("body")[:SHOWN],
            "request_url": reverse("admin:regulations_regulation_add") + f"?subject={row.pk}",
            "consent_form": ConsentForm(row.brand),
            "links_open": PreferenceToken.objects.of(row).live().filter(kind=TokenKind.PAGE).count(),
            "states": self.states(row),
        }

    def facts(self, request: HttpRequest, row: Subject) -> list[Fact]:
        zone = row.brand.setting("timezone")
        told = [("Brand", row.brand.path), ("Id", code(row.pk)), ("Known since", moment(row.created_at, zone))]
        return [*told, ("Erased", moment(row.erased_at, zone))] if row.erased_at else told

    @display(description="Person", ordering="id")
    def id_link(self, row: Subject) -> SafeString:
        return code(row.pk)

    @display(description="State")
    def states(self, row: Subject) -> SafeString:
        return SafeString(" ".join(_states(row)))

    @display(description="Known since", ordering="created_at")
    def known_since(self, row: Subject) -> str:
        return moment(row.created_at, row.brand.setting("timezone"))


def _states(row: Subject) -> list[SafeString]:
    held = []
    if row.suppressed:
        held.append(mark("Suppressed", "warn"))
    if row.no_track:
        held.append(mark("Not tracked", "warn"))
    if row.user_id is None:
        held.append(mark("Erased", "calm"))
    return held or [mark("No restriction", "good")]


def channels(row: Subject) -> list[dict[str, Any]]:
    """Each channel with what the ledger says; one without entry is a state of its own."""
    labels = {channel["name"]: channel["label"] for channel in row.brand.channels}
    return [
        {"label": labels.get(name, f"{name} (no longer offered)"), "held": held}
        for name, held in Preference.objects.by_channel(row).items()
    ]
