"""What a page lets staff do: a method of its admin that asks for a right, is done by POST only, and calls the model's
own method. A refusal (Conflict) comes back as a message in words."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse

from privacy_portal.brands.console.roles import member
from privacy_portal.brands.rights import Right

SIGNED_OUT = "You had been signed out: nothing was done. Press it again."


@dataclass(frozen=True)
class Verb:
    """`act(admin, request, object)` returns a sentence to show on the page, or a response of its own."""

    name: str
    right: Right
    act: Callable[..., "str | HttpResponseBase"]


def verb(right: Right) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def mark_as_verb(method: Callable[..., Any]) -> Callable[..., Any]:
        method.verb = Verb(method.__name__, right, method)  # type: ignore[attr-defined]
        return method

    return mark_as_verb


def verbs_of(admin: Any) -> list[Verb]:
    found = (getattr(getattr(type(admin), name, None), "verb", None) for name in dir(type(admin)))
    return [each for each in found if isinstance(each, Verb)]


def view_of(admin: Any, each: Verb) -> Callable[..., HttpResponseBase]:
    """The view behind `<page>/<verb>/`. A GET comes from signing in, when the session had ended before the POST."""

    @wraps(each.act)
    def view(request: HttpRequest, object_id: str) -> HttpResponseBase:
        if request.method not in ("POST", "GET"):
            return HttpResponseNotAllowed(["POST"])
        if not member(request).may(each.right):
            raise PermissionDenied
        row = admin.row(request, object_id)
        if request.method == "GET":
            messages.warning(request, SIGNED_OUT)
            return back(admin, row)
        try:
            answer = each.act(admin, request, row)
        except admin.refusals as refusal:
            messages.error(request, getattr(refusal, "detail", None) or str(refusal))
            return back(admin, row)
        if isinstance(answer, str):
            messages.success(request, answer)
            return back(admin, row)
        return answer

    return view


def back(admin: Any, row: Any) -> HttpResponse:
    return HttpResponseRedirect(reverse(f"admin:{admin.opts.app_label}_{admin.opts.model_name}_change", args=[row.pk]))
