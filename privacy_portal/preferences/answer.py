"""How every answer of the preference centre leaves: no cookie, nothing cached, indexed, framed, loaded from elsewhere
or told to the next site."""

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


def page(template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Rendered without the request, so that no session and no CSRF cookie can come into being."""
    return guarded(HttpResponse(render_to_string(f"preferences/{template}.html", context), status=status))


def see_other(location: str) -> HttpResponse:
    """Relative to the same page, so that the token is not repeated."""
    return guarded(HttpResponse(status=303, headers={"Location": location}))


def text(words: str, status: int = 200) -> HttpResponse:
    return guarded(HttpResponse(words, status=status, content_type="text/plain; charset=utf-8"))


def guarded(response: HttpResponse) -> HttpResponse:
    for name, value in HEADERS.items():
        response[name] = value
    return response
