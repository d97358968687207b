"""What came through the door and why it was let in or not: the events debugger."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from privacy_portal.audit.models import record
from privacy_portal.brands.console.filters import BrandFilter
from privacy_portal.brands.console.marks import code, link, mark, short, status
from privacy_portal.brands.console.page import ConsoleAdmin, Fact
from privacy_portal.brands.console.roles import member
from privacy_portal.brands.console.times import moment
from privacy_portal.brands.console.verbs import verb
from privacy_portal.brands.rights import Right
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Action, Event, EventStatus, Forwarding
from privacy_portal.tracking.models.event import KEPT

WHY = {
    EventStatus.STORED: "The gate was open. The call is kept as it was received.",
    EventStatus.FORWARDING: "The gate was open. The call is kept as it was received, and waits for the upstream.",
    EventStatus.FORWARDED: "The gate was open. The call is kept as it was received, and the upstream took it.",
    EventStatus.FAILED: "The gate was open. The call is kept as it was received. The upstream refused it.",
    EventStatus.SUPPRESSED: "The person is suppressed. Nothing of the call is kept but this line, for 30 days.",
    EventStatus.NOT_TRACKED: "The person is under NoTrack. Nothing of the call is kept but this line, for 30 days.",
}


@admin.register(Event)
class EventAdmin(ConsoleAdmin):
    intro = (
        "What came through the tracking door, newest first. What the gate kept out leaves a line without payload or "
        "person."
    )
    page_template = "console/event.html"
    list_display = ("id_of", "brand", "action", "state", "errors_seen", "received")
    list_display_links = ("id_of",)
    sortable_by = ("received",)  # by any other column every event there is would be read, and sorted, for one click
    list_filter = (BrandFilter, "status", "action", "received_at")
    list_select_related = ("brand",)
    list_before_template = "console/find_hint.html"
    paginator = InfinitePaginator

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return self.in_reach(request, Event.objects.answerable(timezone.now())).defer("body")

    def heading(self, row: Event) -> str:
        return f"Event {short(row.event_id)}"

    def page_context(self, request: HttpRequest, row: Event) -> dict[str, Any]:
        has_payload = row.status in KEPT and row.action != Action.BATCH
        can_forward = row.status == EventStatus.FAILED
        return {
            "zone": row.brand.setting("timezone"),
            "has_payload": has_payload,
            "can_forward": can_forward,
            "calls": self._calls(row),
            "why": WHY[EventStatus(row.status)],
        }

    def facts(self, request: HttpRequest, row: Event) -> list[Fact]:
        zone = row.brand.setting("timezone")
        return [
            ("State", self.state(row)),
            ("eventId", code(row.event_id)),
            ("Brand", row.brand.path),
            ("Action", row.action),
            ("Received", moment(row.received_at, zone)),
            ("Happened", moment(row.timestamp, zone)),
            ("Person", self._person(row)),
            ("Not obeyed, or refused", "; ".join(row.errors) if row.errors else "–"),
        ]

    @verb(Right.PAYLOAD)
    def payload(self, request: HttpRequest, row: Event) -> HttpResponse:
        """Show what the call carried in the answer to this POST, and note that it was read."""
        person = Subject.objects.filter(key=row.subject_key).first() if row.subject_key else None
        record(
            "event.payload_shown",
            member(request).actor,
            brand=row.brand_id,
            subject=person.pk if person else None,
            of=row,
        )
        return self.page(request, row, payload=_readable(bytes(row.body or b"")))

    @verb(Right.MOVE)
    def forward_again(self, request: HttpRequest, row: Event) -> str:
        if not Forwarding.objects.send_again(Event.objects.filter(pk=row.pk), member(request).actor):
            return "It has not failed, so there is nothing to send again."
        return "It will be sent again now."

    def _person(self, row: Event) -> SafeString | str:
        if row.subject_key is None:
            return "–" if row.status not in KEPT or row.action == Action.BATCH else "a device without userId"
        person = Subject.objects.filter(key=row.subject_key).first()
        if person is None:
            return "someone with a userId, not known beyond events"
        return link(reverse("admin:subjects_subject_change", args=[person.pk]), short(person.pk))

    def _calls(self, row: Event) -> list[Event]:
        if row.action != Action.BATCH:
            return []
        return list(
            Event.objects.filter(event_id__in=row.call_ids[:50], brand_id=row.brand_id).defer("body").order_by("id")
        )

    @display(description="eventId")
    def id_of(self, row: Event) -> SafeString:
        return code(row.event_id)

    @display(description="State")
    def state(self, row: Event) -> SafeString:
        return status(row.status, row.get_status_display())

    @display(description="Not obeyed")
    def errors_seen(self, row: Event) -> SafeString | str:
        return mark(f"{len(row.errors)} named", "warn") if row.errors else "–"

    @display(description="Received", ordering="id")
    def received(self, row: Event) -> str:
        return moment(row.received_at, row.brand.setting("timezone"))


def _readable(body: bytes) -> str:
    """Indented when that changes nothing but spaces; else the text as received."""
    text = body.decode("utf-8", "replace")
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text
