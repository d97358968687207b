"""Regulations: the list by deadline, the page that follows one, the form that asks for one."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import display

from privacy_portal.audit.models import Entry, record
from privacy_portal.brands.console import actors
from privacy_portal.brands.console.filters import BrandFilter
from privacy_portal.brands.console.marks import code, link, mark, short, status
from privacy_portal.brands.console.page import ConsoleAdmin, Fact, page_url
from privacy_portal.brands.console.roles import known, member
from privacy_portal.brands.console.times import day, deadline, moment
from privacy_portal.brands.console.verbs import verb
from privacy_portal.brands.rights import Right
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Subject
from regulations.admin.request_form import RequestForm
from regulations.admin.words import counts, destination, doing, state
from regulations.models import Export, Regulation, RegulationStatus


class DeadlineFilter(SimpleListFilter):
    title = "deadline"
    parameter_name = "deadline"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("week", "Within seven days"), ("open", "Open"), ("owed", "Still owed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Regulation]) -> QuerySet[Regulation]:
        now, owed = timezone.now(), queryset.owed_to_people()  # type: ignore[attr-defined]
        chosen = {
            "overdue": owed.filter(due_at__lte=now),
            "week": owed.filter(due_at__gt=now, due_at__lte=now + timedelta(days=7)),
            "open": queryset.open(),  # type: ignore[attr-defined]
            "owed": owed,
        }
        return chosen.get(self.value() or "", queryset)


class RegulationAdmin(ConsoleAdmin):
    refusals = (Conflict,)
    page_template = "console/regulation.html"
    add_label = "Ask for a regulation"
    intro = "One request about one person under one brand, from the day it was received to its end."
    list_display = ("what", "person", "brand", "state", "clock", "received", "ended")
    list_display_links = ("what",)
    list_filter = (DeadlineFilter, BrandFilter, "type", "status", "created_at")
    list_select_related = ("brand",)
    list_before_template = "console/find_hint.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Regulation]:
        return super().get_queryset(request).with_standing().with_forgotten()  # type: ignore[attr-defined]

    def prepare(self, rows: list[Regulation]) -> None:
        waiting = set(Export.objects.not_fetched().filter(regulation__in=rows).values_list("regulation", flat=True))
        for row in rows:
            row.waits_for_hand_over = row.pk in waiting  # type: ignore[attr-defined]

    def has_add_permission(self, request: HttpRequest) -> bool:
        who = known(request)
        return who is not None and who.may(Right.REQUEST)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        subject = _named(request)
        form = RequestForm(member(request), subject, request.POST or None)
        if form.is_valid() and (made := form.ask()):
            messages.success(request, _said_at_once(made))
            return HttpResponseRedirect(page_url(made))
        return self.form_page(request, "Ask for a regulation", form, about=subject)

    @verb(Right.MOVE)
    def cancel(self, request: HttpRequest, row: Regulation) -> str:
        row.cancel(member(request).actor)
        return f"Cancelled.{_said_of_the_gate(row)}"

    @verb(Right.MOVE)
    def retry(self, request: HttpRequest, row: Regulation) -> str:
        row.retry(member(request).actor)
        return "What was not done is being tried again."

    @verb(Right.REVEAL)
    def reveal(self, request: HttpRequest, row: Regulation) -> HttpResponse:
        """Show the userId in the answer to this POST, and nowhere else."""
        subject = Subject.objects.get(pk=row.subject_id)
        record("subject.revealed", member(request).actor, brand=row.brand_id, subject=subject.pk, of=row)
        revealed = None if row.forgotten else subject.clear_user_id
        return self.page(request, row, revealed=revealed, was_revealed=True)

    # -- The page ---------------------------------------------------------------------------------------------

    def heading(self, row: Regulation) -> str:
        return f"{row.get_type_display()} {short(row.pk)}"

    def page_context(self, request: HttpRequest, row: Regulation) -> dict[str, Any]:
        now, zone = timezone.now(), row.brand.setting("timezone")
        self.prepare([row])
        return {
            "zone": zone,
            "clock": deadline(row.due_at, now, zone),
            "met": _clock(row, now),
            "steps": _steps(row),
            "timeline": _timeline(row),
            "export": Export.objects.filter(regulation=row).first(),
            "downloadable": Export.objects.filter(regulation=row, expires_at__gt=now).ready().exists(),
            "person": Subject.objects.get(pk=row.subject_id),
            "person_url": reverse("admin:subjects_subject_change", args=[row.subject_id]),
            "ledger_url": reverse("admin:consent_entry_changelist") + f"?subject={row.subject_id}",
            "earlier": _earlier(row),
            "finished": row.status == RegulationStatus.FINISHED,
        }

    def facts(self, request: HttpRequest, row: Regulation) -> list[Fact]:
        zone = row.brand.setting("timezone")
        asked = actors.names([(row.requested_by_kind, row.requested_by_id)])
        return [
            ("Id", code(row.pk)),
            ("Brand", row.brand.path),
            ("Asked for by", asked[row.requested_by_kind, row.requested_by_id]),
            ("Reached you by", row.intake or "–"),
            ("Ticket", row.ticket_ref or "–"),
            ("Reason", row.reason or "–"),
            ("Begun", moment(row.started_at, zone)),
            ("Ended", moment(row.finished_at, zone)),
        ]

    # -- The list ---------------------------------------------------------------------------------------------

    @display(description="Request", ordering="type")
    def what(self, row: Regulation) -> str:
        return f"{row.get_type_display()} {short(row.pk)}"

    @display(description="Person")
    def person(self, row: Regulation) -> SafeString:
        return link(reverse("admin:subjects_subject_change", args=[row.subject_id]), short(row.subject_id))

    @display(description="State", ordering="status")
    def state(self, row: Regulation) -> SafeString:
        return status(row.status, row.get_status_display())

    @display(description="Received", ordering="received_at")
    def received(self, row: Regulation) -> str:
        return day(row.received_at, row.brand.setting("timezone"))

    @display(description="Deadline", ordering="due_at")
    def clock(self, row: Regulation) -> SafeString:
        due = deadline(row.due_at, timezone.now(), row.brand.setting("timezone"))
        told = f"{due.day}, not handed over yet" if row.waits_for_hand_over else due.day  # type: ignore[attr-defined]
        return format_html('<span class="pair">{} <small>{}</small></span>', _clock(row, timezone.now()), told)

    @display(description="Ended", ordering="finished_at")
    def ended(self, row: Regulation) -> str:
        return day(row.finished_at, row.brand.setting("timezone")) if row.finished_at else "–"


def _named(request: HttpRequest) -> Subject | None:
    """The person whose page this was reached from, while they can be named."""
    try:
        wanted = UUID(request.GET.get("subject", ""))
    except ValueError:
        return None
    people = Subject.objects.filter(brand_id__in=member(request).brand_ids(), user_id__isnull=False)
    return people.filter(pk=wanted).select_related("brand").first()


def _clock(row: Regulation, now: datetime) -> SafeString:
    """How the request stands to its deadline: what is over, and handed over, is measured at its end."""
    if row.status == RegulationStatus.CANCELLED:
        return mark("Cancelled", "calm")
    is_waited_for = row.is_owed or row.waits_for_hand_over  # type: ignore[attr-defined]
    if row.status == RegulationStatus.FINISHED and row.finished_at and not is_waited_for:
        late = row.finished_at >= row.due_at
        return mark("Done after the deadline", "bad") if late else mark("Done in time", "good")
    if not is_waited_for:
        return mark("Replaced by a later one", "calm")
    due = deadline(row.due_at, now, row.brand.setting("timezone"))
    return mark(due.words.capitalize(), {"late": "bad", "soon": "warn"}.get(due.tone, "calm"))


def _steps(row: Regulation) -> list[dict[str, Any]]:
    steps = row.steps.select_related("identify_update")
    return [
        {
            "step": step,
            "doing": doing(step),
            "place": destination(step),
            "counts": counts(step),
            "state": state(step),
            "event_id": step.event_id,
        }
        for step in steps
    ]


def _timeline(row: Regulation) -> list[Entry]:
    """What the audit log says of this regulation, oldest first."""
    told = Entry.objects.filter(subject_ref=row.subject_id, object_kind="regulation", object_ref=str(row.pk))
    entries = list(told.order_by("pk"))
    actors.name(entries)
    for entry in entries:
        entry.said = entry.action.partition(".")[2].replace("_", " ").capitalize()  # type: ignore[attr-defined]
    return entries


def _earlier(row: Regulation) -> Regulation | None:
    """The open one that this one waits for."""
    if row.status != RegulationStatus.SCHEDULED:
        return None
    return Regulation.objects.open().filter(subject_id=row.subject_id, pk__lt=row.pk).order_by("pk").first()


def _said_of_the_gate(cancelled: Regulation) -> str:
    """What one that had closed the gate has left of it: another may keep it closed, or narrow."""
    if not cancelled.closed_gate:
        return ""
    subject = Subject.objects.get(pk=cancelled.subject_id)
    if subject.suppressed:
        return " The person is still suppressed, by another regulation."
    if subject.no_track:
        return " The person is still not tracked, by another regulation."
    return " The gate is open again."


def _said_at_once(made: Regulation) -> str:
    if made.closed_gate:
        return "Asked for. The gate is closed already: nothing new about this person gets through."
    return "Asked for. The workers carry it out; this page follows it."
