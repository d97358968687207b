"""The site at /admin/: who gets in, what stands on its first page, and what of a usual admin is left out."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.sites import UnfoldAdminSite

from privacy_portal.audit.models import record
from privacy_portal.brands.console.roles import known, member
from privacy_portal.brands.rights import Right

# A search by address line would put what is typed there, a userId perhaps, into logs and histories.
LEFT_OUT = {"search", "view_on_site"}


class ConsoleSite(UnfoldAdminSite):
    index_template = "console/home.html"
    login_template = "console/sign_in.html"
    password_change_template = "console/password.html"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        return known(request) is not None

    def get_urls(self) -> list[URLPattern]:
        from privacy_portal.console.find import find

        urls = [url for url in super().get_urls() if getattr(url, "name", None) not in LEFT_OUT]
        return [path("find/", self.admin_view(find), name="find"), *urls]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from privacy_portal.console.home import home

        who = member(request)
        context = {"title": "Today", "rights": {right.name.lower() for right in Right if who.may(right)}}
        answer: TemplateResponse = super().index(request, {**context, **home(who), **(extra_context or {})})
        return answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        with transaction.atomic():
            answer: HttpResponse = super().password_change(request, extra_context)
            if isinstance(request.user, User) and answer.status_code == HTTPStatus.FOUND:
                who = member(request)
                brands = [] if who.everywhere else who.brand_ids()
                record("staff.set", who.actor, of=request.user, role=who.role, brands=brands)
        return answer

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:index"))


def render(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> TemplateResponse:
    """A page of the console that belongs to no model."""
    everywhere = admin.site.each_context(request)
    return TemplateResponse(request, template, {**everywhere, **context}, status=status)
