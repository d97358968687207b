"""What is left of a link that was cut off in a mail, or copied with more than belongs to it: no token at all."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from privacy_portal.preferences.views import pages


@csrf_exempt  # a mailbox provider may post to it, and is never answered with 403
def no_link(request: HttpRequest) -> HttpResponse:
    return pages.no_link(None)
