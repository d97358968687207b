"""The base of every admin of the console: a list, and a page for each row, to read. What is done to a row is a verb."""

from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Model, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from privacy_portal.brands.console.roles import known, member
from privacy_portal.brands.console.verbs import back, verbs_of, view_of
from privacy_portal.brands.rights import Right

Fact = tuple[str, Any]
OFFERED = ("", "exact", "isnull", "gte", "lt")
"""How the filters of a list ask."""


class ConsoleList(ChangeList):
    """A page of a list whose admin may read at once what every row of it needs."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        self.model_admin.prepare(rows)
        self.result_list = rows


class ConsoleAdmin(ModelAdmin):
    """Nothing is added, changed or deleted by a form of Django's.

    `brand_path`: the lookup from a row to its brand, empty for what belongs to none; `right`: what one needs to read;
    `refusals`: the typed errors of its verbs; `plural`: the heading of the list.
    """

    brand_path = "brand"
    right = Right.SEE
    refusals: tuple[type[Exception], ...] = ()
    plural = ""
    intro = ""
    add_label = "New"
    page_template = "console/page.html"
    change_list_template = "console/list.html"
    actions = None
    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    list_display_links: Any = None

    # -- Who sees what ------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.in_reach(request, super().get_queryset(request))

    def in_reach(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those rows that belong to the brands this member of staff serves."""
        who = member(request)
        if who.everywhere or not self.brand_path:
            return rows
        return rows.filter(Q(**{f"{self.brand_path}__in": who.brand_ids()}))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        who = known(request)
        return who is not None and who.may(self.right)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """By the person it is about, by the filters that the list offers, and by nothing else. Django joins whatever an
        address names, through the brand to those who serve it, and so anything could be guessed letter by letter."""
        name, _, how = lookup.partition(LOOKUP_SEP)
        filters = {getattr(each, "parameter_name", each) for each in self.list_filter}
        return lookup == "subject" or (name in filters and how in OFFERED)

    def row(self, request: HttpRequest, object_id: str) -> Any:
        """One row in reach; what is unknown or foreign is the same 404."""
        try:
            found = self.get_queryset(request).filter(pk=object_id).first()
        except (ValueError, ValidationError):
            found = None
        if found is None:
            raise Http404
        return found

    # -- Pages ----------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path(
                f"<str:object_id>/{each.name}/",
                self.admin_site.admin_view(view_of(self, each)),
                name=f"{name}_{each.name}",
            )
            for each in verbs_of(self)
        ]
        return own + list(super().get_urls())

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        add_url = reverse(self.list_url.replace("changelist", "add")) if self.has_add_permission(request) else ""
        more = {
            "title": self.list_title,
            "intro": self.intro,
            "add_url": add_url,
            "add_label": self.add_label,
            **self.list_context(request),
        }
        try:
            answer: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        except OverflowError:  # a time at the end of all days, in another zone
            raise BadRequest("the address asks for a time that there is not") from None
        return answer

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ConsoleList]:
        return ConsoleList

    def prepare(self, rows: list[Any]) -> None:
        """Read what the rows of one page need, with one query for all of them."""

    def list_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the list shows beside its rows."""
        return {}

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            return HttpResponseRedirect(reverse("admin:index"))
        return self.page(request, self.row(request, object_id))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return back(self, self.row(request, object_id))

    def page(self, request: HttpRequest, row: Any, **more: Any) -> TemplateResponse:
        context = {
            "title": self.heading(row),
            "crumbs": self.crumbs(),
            "row": row,
            "facts": self.facts(request, row),
            "rights": {right.name.lower() for right in Right if member(request).may(right)},
            **self.page_context(request, row),
            **more,
        }
        return self.render(request, self.page_template, context)

    def render(
        self, request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
    ) -> TemplateResponse:
        request.current_app = self.admin_site.name
        known_to_all = {**self.admin_site.each_context(request), "opts": self.opts, "plain": True}
        return TemplateResponse(request, template, {**known_to_all, **context}, status=status)

    def form_page(self, request: HttpRequest, title: str, form: Any, **more: Any) -> TemplateResponse:
        """A page that is one form; 422 when what was sent breaks a rule."""
        context = {"title": title, "crumbs": self.crumbs(), "form": form, **more}
        return self.render(request, "console/form_page.html", context, 422 if form.errors else 200)

    def crumbs(self) -> list[tuple[str, str]]:
        return [(self.list_title, reverse(self.list_url))]

    @property
    def list_title(self) -> str:
        words = self.plural or str(self.opts.verbose_name_plural)
        return words[:1].upper() + words[1:]

    @property
    def list_url(self) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"

    def heading(self, row: Any) -> str:
        return str(row)

    def facts(self, request: HttpRequest, row: Any) -> list[Fact]:
        """What the page says about the row, in order."""
        return []

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        return {}


def page_url(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
