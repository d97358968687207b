"""Access exports: fetched over a POST that is audited, until they expire or the person is erased."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from privacy_portal.audit.models import record
from privacy_portal.brands.console.filters import BrandFilter
from privacy_portal.brands.console.marks import code, link, short, status
from privacy_portal.brands.console.page import ConsoleAdmin, Fact
from privacy_portal.brands.console.roles import member
from privacy_portal.brands.console.times import moment
from privacy_portal.brands.console.verbs import back, verb
from privacy_portal.brands.rights import Right
from regulations.exports.download import Gone, response
from regulations.models import Export


class ExportBrandFilter(BrandFilter):
    path = "regulation__brand"


class ExportAdmin(ConsoleAdmin):
    brand_path = "regulation__brand"
    page_template = "console/export.html"
    intro = "What was collected for Access. Each is kept for 30 days, and erased with the person."
    list_display = ("made", "person", "regulation_link", "state", "fetched", "size_of", "expires")
    list_display_links = ("made",)
    list_filter = (ExportBrandFilter, "status", "created_at")
    list_select_related = ("regulation__brand",)
    ordering = ("-id",)

    def prepare(self, rows: list[Export]) -> None:
        fetched = Export.objects.filter(pk__in=[row.pk for row in rows]).fetched_at()
        for row in rows:
            row.fetched_at = fetched.get(row.pk)  # type: ignore[attr-defined]

    def heading(self, row: Export) -> str:
        return f"Export for person {short(row.subject_id)}"

    @verb(Right.EXPORT)
    def download(self, request: HttpRequest, row: Export) -> HttpResponseBase:
        try:
            answer = response(row)
        except Gone:
            messages.error(request, "This export is gone: it expired, or the person was erased.")
            return back(self, row)
        brand = row.regulation.brand_id
        record("export.downloaded", member(request).actor, brand=brand, subject=row.subject_id, of=row)
        return answer

    def facts(self, request: HttpRequest, row: Export) -> list[Fact]:
        self.prepare([row])
        return [
            ("State", self.state(row)),
            ("Fetched", self.fetched(row)),
            ("Regulation", self.regulation_link(row)),
            ("Person", self.person(row)),
            ("Size", self.size_of(row)),
            ("sha256", code(row.sha256)),
            ("Made", self.made(row)),
            ("Expires", self.expires(row)),
        ]

    def page_context(self, request: HttpRequest, row: Export) -> dict[str, bool]:
        return {"is_downloadable": row.is_downloadable(timezone.now())}

    @display(description="Made", ordering="id")
    def made(self, row: Export) -> str:
        return moment(row.created_at, row.regulation.brand.setting("timezone"))

    @display(description="Expires", ordering="expires_at")
    def expires(self, row: Export) -> str:
        return moment(row.expires_at, row.regulation.brand.setting("timezone"))

    @display(description="Person")
    def person(self, row: Export) -> SafeString:
        return link(reverse("admin:subjects_subject_change", args=[row.subject_id]), short(row.subject_id))

    @display(description="Regulation")
    def regulation_link(self, row: Export) -> SafeString:
        url = reverse("admin:regulations_regulation_change", args=[row.regulation_id])
        return link(url, f"Access {short(row.regulation_id)}")

    @display(description="State", ordering="status")
    def state(self, row: Export) -> SafeString:
        return status(row.status, row.get_status_display())

    @display(description="Fetched")
    def fetched(self, row: Export) -> str:
        """When someone last downloaded it."""
        at = row.fetched_at  # type: ignore[attr-defined]
        return moment(at, row.regulation.brand.setting("timezone")) if at else "Not yet"

    @display(description="Size", ordering="size")
    def size_of(self, row: Export) -> str:
        return str(filesizeformat(row.size))
