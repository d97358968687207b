"""The consent ledger, to read: each change of each channel, and what holds now."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display

from privacy_portal.brands.console.filters import SubjectBrandFilter
from privacy_portal.brands.console.marks import code, link, mark, short
from privacy_portal.brands.console.page import ConsoleAdmin, Fact
from privacy_portal.brands.console.times import moment
from privacy_portal.consent.models import Entry, Preference


class ChannelAdmin(ConsoleAdmin):
    """What entry and preference share: both say of a person whether one channel is on."""

    brand_path = "subject__brand"
    list_select_related = ("subject__brand",)

    @display(description="Person")
    def person(self, row: Any) -> SafeString:
        return link(reverse("admin:subjects_subject_change", args=[row.subject_id]), short(row.subject_id))

    @display(description="Said", ordering="subscribed")
    def said(self, row: Any) -> SafeString:
        return mark("Wants it", "good") if row.subscribed else mark("Does not want it", "warn")

    def zone(self, row: Any) -> str:
        return str(row.subject.brand.setting("timezone"))


@admin.register(Entry)
class LedgerAdmin(ChannelAdmin):
    plural = "Consent ledger"
    intro = (
        "Every change of every channel, appended and never altered. “Claimed” was said by someone else against the "
        "person's own withdrawal: kept, without effect."
    )
    list_display = ("received", "person", "channel", "said", "source", "effect")
    list_display_links = ("received",)
    list_filter = (SubjectBrandFilter, "subscribed", "source", "claimed", "received_at")

    def heading(self, row: Entry) -> str:
        return f"Ledger entry {row.pk}"

    def facts(self, request: HttpRequest, row: Entry) -> list[Fact]:
        zone = self.zone(row)
        return [
            ("Person", self.person(row)),
            ("Brand", row.subject.brand.path),
            ("Channel", row.channel),
            ("Said", self.said(row)),
            ("Effect", self.effect(row)),
            ("By way of", row.get_source_display()),
            ("Happened", moment(row.occurred_at, zone)),
            ("Received", moment(row.received_at, zone)),
            ("Wording shown", f"{row.wording} ({row.wording_version})" if row.wording else "–"),
            ("eventId", code(row.event_ref) if row.event_ref else "–"),
        ]

    @display(description="Received", ordering="id")
    def received(self, row: Entry) -> str:
        return moment(row.received_at, self.zone(row))

    @display(description="Effect", ordering="claimed")
    def effect(self, row: Entry) -> SafeString:
        return mark("Claimed: no effect", "warn") if row.claimed else mark("Counts", "calm")


@admin.register(Preference)
class PreferenceAdmin(ChannelAdmin):
    plural = "Preferences"
    intro = "What the ledger says now. A channel nobody said anything about has no line."
    list_display = ("person", "channel", "said", "since_when", "source")
    list_display_links = None
    list_filter = (SubjectBrandFilter, "subscribed", "channel", "source")
    ordering = ("-entry_id",)

    def heading(self, row: Preference) -> str:
        return f"{row.channel} of person {short(row.subject_id)}"

    def facts(self, request: HttpRequest, row: Preference) -> list[Fact]:
        entry = link(reverse("admin:consent_entry_change", args=[row.entry_id]), f"entry {row.entry_id}")
        return [
            ("Person", self.person(row)),
            ("Said", self.said(row)),
            ("Since", self.since_when(row)),
            ("From", entry),
        ]

    @display(description="Since", ordering="since")
    def since_when(self, row: Preference) -> str:
        return moment(row.since, self.zone(row))
