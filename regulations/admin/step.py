"""Steps, to read: what was done where, and what stands in the way."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from unfold.decorators import display

from privacy_portal.brands.console.filters import BrandFilter
from privacy_portal.brands.console.marks import code, link, short, status
from privacy_portal.brands.console.page import ConsoleAdmin, Fact
from privacy_portal.brands.console.times import moment
from regulations.admin.words import counts, destination, doing
from regulations.models import Step


class RegulationBrandFilter(BrandFilter):
    path = "regulation__brand"


class StepAdmin(ConsoleAdmin):
    brand_path = "regulation__brand"
    intro = "One action of one regulation at one place. Places do not wait for each other."
    list_display = ("what", "regulation_link", "state", "attempts", "last_error", "started", "ended")
    list_display_links = ("what",)
    list_filter = (RegulationBrandFilter, "status", "destination", "action")
    list_select_related = ("regulation__brand",)
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
            ("Attempts", row.attempts),
            ("Last error", row.last_error or "–"),
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
        return status(row.status, row.get_status_display())

    @display(description="Started", ordering="started_at")
    def started(self, row: Step) -> str:
        return moment(row.started_at, row.regulation.brand.setting("timezone"))

    @display(description="Ended", ordering="finished_at")
    def ended(self, row: Step) -> str:
        return moment(row.finished_at, row.regulation.brand.setting("timezone"))
