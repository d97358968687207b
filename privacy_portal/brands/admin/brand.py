"""Brands: made by those who serve every brand, set up on a page generated from their schema."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from unfold.decorators import display

from privacy_portal.audit.models import Actor
from privacy_portal.brands.admin.settings_form import SettingsForm
from privacy_portal.brands.console.forms import ConsoleForm
from privacy_portal.brands.console.page import ConsoleAdmin, page_url
from privacy_portal.brands.console.roles import known, member
from privacy_portal.brands.console.times import moment
from privacy_portal.brands.models import Brand
from privacy_portal.brands.rights import Right


class NewBrandForm(ConsoleForm):
    submit = "Make the brand"
    client = forms.CharField(label="Client", max_length=63, help_text="In lower case, as in the tracking address.")
    account = forms.CharField(label="Account", max_length=63, help_text="In lower case; often the same as the client.")
    code = forms.CharField(label="Brand", max_length=63, help_text="In upper case.")

    def make(self, actor: Actor) -> Brand | None:
        """The new brand, or None with the reason beside its field."""
        parts = self.cleaned_data
        try:
            brand, made = Brand.objects.ensure(parts["client"], parts["account"], parts["code"], actor=actor)
        except ValidationError as refusal:
            field = {"CLIENT": "client", "ACCOUNT": "account"}.get(refusal.messages[0].split()[0], "code")
            self.add_error(field, f"{refusal.messages[0]}.")
            return None
        if not made:
            self.add_error("code", "This brand is there already.")
        return brand if made else None


class BrandAdmin(ConsoleAdmin):
    brand_path = ""
    right = Right.SETTINGS
    page_template = "console/brand.html"
    add_label = "Make a brand"
    intro = "Each brand has people, events, consent, requests and settings of its own."
    list_display = ("path", "timezone", "law", "upstream", "since")
    list_display_links = ("path",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Brand]:
        rows: QuerySet[Brand] = super().get_queryset(request)
        who = member(request)
        return rows if who.everywhere else rows.filter(Q(pk__in=who.brand_ids()))

    def has_add_permission(self, request: HttpRequest) -> bool:
        who = known(request)
        return who is not None and who.may(Right.SETTINGS) and who.everywhere

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewBrandForm(request.POST or None)
        if form.is_valid() and (brand := form.make(member(request).actor)):
            messages.success(request, f"Made {brand}. Its settings have their defaults; look through them now.")
            return HttpResponseRedirect(page_url(brand))
        return self.form_page(request, "New brand", form)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        brand = self.row(request, object_id)
        form = SettingsForm(brand, request.POST or None)
        if form.is_valid() and (changed := form.store(member(request).actor)) is not None:
            messages.success(request, f"Saved: {', '.join(changed)}." if changed else "Nothing had changed.")
            return HttpResponseRedirect(page_url(brand))
        answer = self.page(request, brand, form=form)
        answer.status_code = 422 if form.errors else 200
        return answer

    def heading(self, row: Brand) -> str:
        return f"Settings of {row.path}"

    @display(description="Brand", ordering="code")
    def path(self, row: Brand) -> str:
        return row.path

    @display(description="Time zone")
    def timezone(self, row: Brand) -> str:
        return str(row.setting("timezone"))

    @display(description="Law's clock")
    def law(self, row: Brand) -> str:
        return {"gdpr": "GDPR: one month", "ccpa": "CCPA: 45 days"}[row.setting("deadline_rule")]

    @display(description="Upstream")
    def upstream(self, row: Brand) -> str:
        return row.setting("upstream_url") or "This portal"

    @display(description="Since", ordering="created_at")
    def since(self, row: Brand) -> str:
        return moment(row.created_at)
