"""The Content-Security-Policy of the console: nothing from elsewhere, no inline script, no frame.

django-unfold's pages run Alpine, which evaluates expressions in attributes (`'unsafe-eval'`), and carry the brand's
colours in a style element and styles set by script (`'unsafe-inline'` for styles alone).
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from privacy_portal.console.cookies import CONSOLE

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def console_csp(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    return lambda request: _guarded(request, get_response(request))


def _guarded(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if request.path_info.startswith(CONSOLE):
        response.headers.setdefault("Content-Security-Policy", POLICY)
        # What staff read about people is not for a cache or the back button of the next person.
        response.headers.setdefault("Cache-Control", "no-store")
    return response
