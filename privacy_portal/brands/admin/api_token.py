"""API tokens: what support tooling shows the REST API."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from privacy_portal.brands.admin.tokens import TokenAdmin, TokenForm
from privacy_portal.brands.console.forms import Explained
from privacy_portal.brands.console.page import Fact
from privacy_portal.brands.console.roles import Member, member
from privacy_portal.brands.console.times import moment
from privacy_portal.brands.models import ApiToken, Brand, Role

ROLES = {
    Role.SUPPORT: (
        "Support",
        "Finds people, asks for Access or what closes the gate, records what a person said, makes preference links.",
    ),
    Role.DPO: ("DPO", "Everything for its brands: opening, erasing, exports."),
    Role.AUDITOR: ("Auditor", "Reads."),
    Role.ADMIN: ("Admin", "All of it."),
}


class ApiTokenForm(TokenForm):
    role = forms.ChoiceField(
        label="What it may do", choices=[(role.value, Explained(*words)) for role, words in ROLES.items()],
        widget=forms.RadioSelect, initial=Role.SUPPORT.value,
    )  # fmt: skip
    brands = forms.ModelMultipleChoiceField(
        Brand.objects.none(), label="Where", widget=forms.CheckboxSelectMultiple, required=False
    )
    name = forms.CharField(label="Name", max_length=100, required=False, help_text="What it is called in lists.")

    def __init__(self, who: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brands"].queryset = who.brands  # type: ignore[attr-defined]
        self.fields["brands"].required = not who.everywhere
        self.fields["brands"].help_text = "None chosen: every brand, those made later too." if who.everywhere else ""


class ApiTokenAdmin(TokenAdmin):
    plural = "API tokens"
    token_form = ApiTokenForm
    add_label = "Make an API token"
    new_title = "New API token"
    usage = "Authorization: Bearer {secret}"
    intro = "API tokens open the REST API to support tooling. Only a hash of each is kept."
    list_display = ("ends_in", "name", "role", "where", "state", "last_used", "made")
    list_display_links = ("ends_in",)
    list_filter = ("role",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        rows: QuerySet[ApiToken] = super().get_queryset(request).prefetch_related("brands")
        who = member(request)
        if who.everywhere:
            return rows
        foreign = Brand.objects.exclude(pk__in=who.brand_ids())
        return rows.filter(all_brands=False).exclude(Q(brands__in=foreign))

    def issue(self, who: Member, form: Any) -> tuple[ApiToken, str]:
        said = form.cleaned_data
        return ApiToken.objects.issue(said["role"], said["brands"], actor=who.actor, name=said["name"])

    def heading(self, row: ApiToken) -> str:
        return f"API token …{row.hint}"

    def facts(self, request: HttpRequest, row: ApiToken) -> list[Fact]:
        return [
            ("State", self.state(row)),
            ("Name", row.name or "–"),
            ("Role", row.get_role_display()),
            ("Where", self.where(row)),
            ("Made", moment(row.created_at)),
            ("Last used", self.last_used(row)),
            ("Revoked", moment(row.revoked_at)),
        ]

    @display(description="Where")
    def where(self, row: ApiToken) -> str:
        return "every brand" if row.all_brands else ", ".join(brand.path for brand in row.brands.all()) or "nowhere"
