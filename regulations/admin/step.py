"""Steps, to read: what was done where, and what stands in the way."""

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display

from privacy_portal.brands.console.filters import BrandFilter
from privacy_portal.brands.console.marks import code, link, short
from privacy_portal.brands.console.page import ConsoleAdmin, Fact
from privacy_portal.brands.console.times import moment
from regulations.admin.words import counts, destination, doing, state
from regulations.models import Step, StepStatus


class RegulationBrandFilter(BrandFilter):
    path = "regulation__brand"


class StateFilter(SimpleListFilter):
    """By what the list says of a step, not by what its row alone holds."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(StepStatus.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Step]) -> QuerySet[Step]:
        chosen = self.value()
        return queryset.told(chosen) if chosen in StepStatus else queryset  # type: ignore[attr-defined]


class StepAdmin(ConsoleAdmin):
    brand_path = "regulation__brand"
    intro = "One action of one regulation at one place. Places do not wait for each other."
    list_display = ("what", "regulation_link", "state", "attempts", "error", "started", "ended")
    list_display_links = ("what",)
    list_filter = (RegulationBrandFilter, StateFilter, "destination", "action")
    list_select_related = ("regulation__brand", "identify_update")
    ordering = ("-id",)

    def heading(self, row: Step) -> str:
        return f"{doing(row)}: {destination(row)}"

    def facts(self, request: HttpRequest, row: Step) -> list[Fact]:
        return [
            ("State", self.state(row)),
            ("Regulation", self.regulation_link(row)),
            ("Brand", row.regulation.brand.path),
            ("Result", row.get_result_display() or "–"),
            ("Counts", counts(row) or "–"),
            ("Attempts", self.attempts(row)),
            ("Last error", self.error(row) or "–"),
            ("eventId", code(row.event_id) if row.event_id else "–"),
            ("Started", self.started(row)),
            ("Ended", self.ended(row)),
        ]

    @display(description="What")
    def what(self, row: Step) -> str:
        return f"{doing(row)}: {destination(row)}"

    @display(description="Regulation")
    def regulation_link(self, row: Step) -> SafeString:
        url = reverse("admin:regulations_regulation_change", args=[row.regulation_id])
        return link(url, f"{row.regulation.get_type_display()} {short(row.regulation_id)}")

    @display(description="State", ordering="status")
    def state(self, row: Step) -> SafeString:
        return state(row)

    @display(description="Attempts", ordering="attempts")
    def attempts(self, row: Step) -> int:
        return row.attempted.attempts

    @display(description="Last error")
    def error(self, row: Step) -> str:
        return row.attempted.last_error

    @display(description="Started", ordering="started_at")
    def started(self, row: Step) -> str:
        return moment(row.started_at, row.regulation.brand.setting("timezone"))

    @display(description="Ended", ordering="finished_at")
    def ended(self, row: Step) -> str:
        return moment(row.finished_at, row.regulation.brand.setting("timezone"))
