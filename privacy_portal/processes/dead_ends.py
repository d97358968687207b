"""What stands where Django has no page to show: what that means in plain words, and for staff the way to the console.

Written without the request, a session or the database. Outside the console it is for browsers alone: a machine, a
mailbox provider among them, gets Django's own line, and below /api/ a problem document.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

from privacy_portal.console.cookies import CONSOLE
from privacy_portal.preferences import answer
from privacy_portal.rest import unknown


@dataclass(frozen=True)
class DeadEnd:
    status: int
    title: str
    words: str


BAD_REQUEST = DeadEnd(
    400, "This could not be read", "Your browser sent something that is not understood here. Open the page again."
)
NOT_ALLOWED = DeadEnd(
    403, "You may not do this", "Your role does not allow it, or not for this brand. An admin of the portal can help."
)
OLD_FORM = DeadEnd(
    403,
    "This form was out of date",
    "Nothing was saved. You may have signed in or out in another tab since it was opened, or your browser keeps no "
    "cookies of this site. Open the page again, and send it from there.",
)
NOT_FOUND = DeadEnd(
    404,
    "There is no such page",
    "If a link in a message brought you here, open it again in that message: it may have been cut off when it was "
    "copied.",
)
NOT_FOUND_IN_CONSOLE = DeadEnd(
    404,
    "There is no such page",
    "It may be gone, or belong to a brand that your role does not cover. Or there is a slip in the address.",
)
OUR_FAULT = DeadEnd(
    500,
    "Something went wrong here",
    "This is a fault of ours, and it has been noted. What you asked for may not have been done: open the page again, "
    "and look.",
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, BAD_REQUEST) or unknown.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, NOT_ALLOWED) or defaults.permission_denied(request, exception)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, OLD_FORM) or answer.text(f"{OLD_FORM.title}.\n", OLD_FORM.status)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    dead_end = NOT_FOUND_IN_CONSOLE if _is_console(request) else NOT_FOUND
    return _page(request, dead_end) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, OUR_FAULT) or unknown.server_error(request)


def is_for_a_browser(request: HttpRequest) -> bool:
    return "text/html" in request.headers.get("Accept", "") and not request.path.startswith(unknown.API)


def _page(request: HttpRequest, dead_end: DeadEnd) -> HttpResponse | None:
    """None for a machine."""
    console = CONSOLE if _is_console(request) else ""
    if not (console or is_for_a_browser(request)):
        return None
    context = {"title": dead_end.title, "words": dead_end.words, "console": console}
    page = render_to_string("processes/dead_end.html", context)
    return answer.guarded(HttpResponse(page, status=dead_end.status))


def _is_console(request: HttpRequest) -> bool:
    return request.path_info.startswith(CONSOLE)
