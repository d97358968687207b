"""Cookies are the console's alone: no other page is shown one, so that none reads, sets or deletes one (contract P5).

Django deletes the cookie of a session that has ended, and replaces a malformed CSRF cookie, wherever it sees one: also
in the answer to a mailbox provider, or in one that a cache keeps for everybody.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

CONSOLE = "/admin/"


def console_cookies(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Stands before whatever reads a cookie."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(CONSOLE):
            request.META.pop("HTTP_COOKIE", None)
        return get_response(request)

    return answer
