"""Auth-tokens: what a server, page or app shows the tracking API."""

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
from privacy_portal.brands.models import AuthToken, TokenKind

KINDS = {
    TokenKind.SERVER: (
        "Server",
        "Kept secret on your servers. May do everything: identify, grant consent, ask for a status.",
    ),
    TokenKind.JS_TAG: (
        "JS tag",
        "Stands in your web pages, so anyone can read it. Withdraws consent and never grants it.",
    ),
    TokenKind.MOBILE: ("Mobile", "Stands in your apps, so anyone can read it. Withdraws consent and never grants it."),
}


class AuthTokenForm(TokenForm):
    kind = forms.ChoiceField(
        label="Who will hold it", choices=[(kind.value, Explained(*words)) for kind, words in KINDS.items()],
        widget=forms.RadioSelect, initial=TokenKind.SERVER.value,
    )  # fmt: skip
    scope = forms.ChoiceField(label="What it opens")
    name = forms.CharField(label="Name", max_length=100, required=False, help_text="What it is called in lists.")
    rate = forms.IntegerField(label="Requests per second", min_value=1, max_value=1_000_000, initial=100)
    burst = forms.IntegerField(
        label="Burst", min_value=1, max_value=1_000_000, initial=500, help_text="Requests at once, after a pause."
    )

    def __init__(self, who: Member, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.brands = {str(brand.pk): brand for brand in who.brands}
        scopes = [(key, brand.path) for key, brand in self.brands.items()]
        if who.everywhere:
            accounts = sorted({f"{brand.client}/{brand.account}" for brand in self.brands.values()})
            scopes += [(f"account:{account}", f"every brand of {account}") for account in accounts]
        self.fields["scope"].choices = scopes  # type: ignore[attr-defined]

    def place(self) -> tuple[str, str, Any]:
        """(client, account, brand or None for every brand of the account)."""
        scope = self.cleaned_data["scope"]
        if brand := self.brands.get(scope):
            return brand.client, brand.account, brand
        client, _, account = scope.removeprefix("account:").partition("/")
        return client, account, None


class AuthTokenAdmin(TokenAdmin):
    plural = "Auth-tokens"
    token_form = AuthTokenForm
    add_label = "Make an auth-token"
    new_title = "New auth-token"
    usage = "auth-token: {secret}"
    intro = "Auth-tokens open the tracking API. Only a hash of each is kept: a lost one is replaced, not looked up."
    list_display = ("ends_in", "name", "holder", "opens", "rate", "state", "last_used", "made")
    list_display_links = ("ends_in",)
    list_filter = ("kind",)
    list_select_related = ("brand",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuthToken]:
        rows: QuerySet[AuthToken] = super().get_queryset(request)
        who = member(request)
        return rows if who.everywhere else rows.filter(Q(brand__in=who.brand_ids()))

    def issue(self, who: Member, form: Any) -> tuple[AuthToken, str]:
        said = form.cleaned_data
        client, account, brand = form.place()
        return AuthToken.objects.issue(
            said["kind"], client, account, brand, actor=who.actor, name=said["name"], rate=said["rate"],
            burst=said["burst"],
        )  # fmt: skip

    def heading(self, row: AuthToken) -> str:
        return f"Auth-token …{row.hint}"

    def facts(self, request: HttpRequest, row: AuthToken) -> list[Fact]:
        return [
            ("State", self.state(row)),
            ("Name", row.name or "–"),
            ("Held by", row.get_kind_display()),
            ("Opens", self.opens(row)),
            ("Rate", f"{row.rate} requests per second, {row.burst} at once"),
            ("Made", moment(row.created_at)),
            ("Last used", self.last_used(row)),
            ("Revoked", moment(row.revoked_at)),
        ]

    @display(description="Held by", ordering="kind")
    def holder(self, row: AuthToken) -> str:
        return row.get_kind_display().partition(":")[0]

    @display(description="Opens")
    def opens(self, row: AuthToken) -> str:
        return row.brand.path if row.brand else f"every brand of {row.client}/{row.account}"
