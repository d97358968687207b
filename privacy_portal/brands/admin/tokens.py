"""What both kinds of token share: made by a form, shown once in the answer to it, and revoked."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.decorators import display

from privacy_portal.brands.console import once
from privacy_portal.brands.console.forms import ConsoleForm
from privacy_portal.brands.console.marks import mark
from privacy_portal.brands.console.page import ConsoleAdmin, page_url
from privacy_portal.brands.console.roles import Member, member
from privacy_portal.brands.console.times import ago, moment
from privacy_portal.brands.console.verbs import verb
from privacy_portal.brands.rights import Right


class TokenForm(ConsoleForm):
    submit = "Make the token"
    once = forms.CharField(required=False, widget=forms.HiddenInput())


class TokenAdmin(ConsoleAdmin):
    """`form`: makes one; `usage`: how the secret is sent, with {secret} in it."""

    brand_path = ""
    right = Right.SETTINGS
    page_template = "console/token.html"
    token_form: Any = None
    new_title = ""
    usage = ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The secret stands in the body of the answer to the POST and is kept nowhere: no session, no message. So a
        reload of that answer must not make another token. Who posts without having been shown a form, as a script
        does, reloads nothing."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.token_form(member(request), request.POST or None)
        if not form.is_bound:
            form.initial["once"] = once.offer(request)
        if not form.is_valid():
            return self.form_page(request, self.new_title, form)
        if (nonce := form.cleaned_data["once"]) and not once.take(request, nonce):
            messages.warning(request, "Made already; its secret was shown once.")
            return HttpResponseRedirect(reverse(self.list_url))
        token, secret = self.issue(member(request), form)
        context = {
            "title": "Your new token",
            "crumbs": self.crumbs(),
            "token": token,
            "secret": secret,
            "usage": self.usage.format(secret=secret),
            "token_url": page_url(token),
        }
        return self.render(request, "console/secret.html", context)

    def issue(self, who: Member, form: Any) -> tuple[Any, str]:
        raise NotImplementedError("each kind of token is issued by its own model")

    @verb(Right.SETTINGS)
    def revoke(self, request: HttpRequest, row: Any) -> str:
        row.revoke(member(request).actor)
        return "Revoked. It opens nothing from now on, in any process, within a second."

    @display(description="State", ordering="revoked_at")
    def state(self, row: Any) -> SafeString:
        return mark("Revoked", "calm") if row.revoked_at else mark("Live", "good")

    @display(description="Ends in")
    def ends_in(self, row: Any) -> str:
        return f"…{row.hint}"

    @display(description="Made", ordering="created_at")
    def made(self, row: Any) -> str:
        return moment(row.created_at)

    @display(description="Last used", ordering="last_used_at")
    def last_used(self, row: Any) -> str:
        return f"{ago(row.last_used_at, timezone.now())} ago" if row.last_used_at else "Never"
