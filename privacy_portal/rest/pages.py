"""Pages about the API, open to everyone: the reference, and what each problem means."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from privacy_portal.rest.problems import KINDS

# The reference draws itself with styles of its own, and shows its icons as data.
REFERENCE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
PROBLEMS_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'"


@csrf_exempt
@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    return _page(request, "rest/reference.html", REFERENCE_POLICY)


@csrf_exempt
@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    kinds = sorted(KINDS.values(), key=lambda kind: (kind.status, kind.code))
    return _page(request, "rest/problems.html", PROBLEMS_POLICY, kinds=kinds)


def _page(request: HttpRequest, template: str, policy: str, **context: object) -> HttpResponse:
    page = render(request, template, context)
    page["Content-Security-Policy"] = policy
    page["Referrer-Policy"] = "no-referrer"
    return page
