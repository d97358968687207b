"""Refusals that no endpoint makes: an address nobody knows, a host that is not ours, an error before any view."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views import View, defaults
from django.views.decorators.csrf import csrf_exempt

from privacy_portal.rest.problems import MEDIA_TYPE, Problem

API = "/api/"


def problem(request: HttpRequest, code: str, detail: str = "") -> JsonResponse:
    refused = Problem(code, detail)
    answer = JsonResponse(refused.body(request.path), status=refused.kind.status, content_type=MEDIA_TYPE)
    answer["Cache-Control"] = "no-store"
    return answer


@method_decorator(csrf_exempt, "dispatch")
class UnknownAddress(View):
    """Everything below /api/ that is no endpoint. Nothing there goes by cookies, so nothing is forged with them."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        hint = "" if request.path.endswith("/") else "There is no such address. All of them end with a slash."
        return problem(request, "not_found", hint)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return problem(request, "bad_request")
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return problem(request, "unexpected") if request.path.startswith(API) else defaults.server_error(request)
