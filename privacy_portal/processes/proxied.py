"""`X-Forwarded-Proto` is believed only from TRUSTED_PROXIES: Django itself believes it from anyone."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from privacy_portal.tracking.peer import is_among


def trusted_scheme(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Stands before whatever asks whether a request came by HTTPS."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not is_among(request.META.get("REMOTE_ADDR") or "", settings.TRUSTED_PROXIES):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        return get_response(request)

    return answer
