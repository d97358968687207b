"""What Django's pages answer to an error: while the database is away 503 and when to come back, as the APIs do. Written
without the database, in a person's words or, for a mailbox provider, in a line."""

import sys

from django.http import HttpRequest, HttpResponse

from privacy_portal.outage import is_outage
from privacy_portal.preferences import answer
from privacy_portal.processes import dead_ends
from privacy_portal.rest import unknown

RETRY_AFTER_S = "5"


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, called while the error is being handled, whether a view or a middleware raised it."""
    if not is_outage(sys.exc_info()[1]):
        return dead_ends.server_error(request)
    response = _unavailable(request)
    response["Retry-After"] = RETRY_AFTER_S
    return response


def _unavailable(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(unknown.API):
        return unknown.problem(request, "unavailable")
    if dead_ends.is_for_a_browser(request):
        return answer.page("unavailable", {"title": "Please try again in a few minutes"}, 503)
    return answer.text("This service is not available at the moment. Please try again later.\n", 503)
