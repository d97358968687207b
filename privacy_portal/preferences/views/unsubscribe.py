"""`/u/{token}`: one-click unsubscribe from one channel (RFC 8058), served at exactly the address that was handed out,
and with a slash behind it: no redirect, cookie, login or CSRF token. Whatever a mailbox provider sends, it is never
answered with 401 or 403."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from privacy_portal.preferences import acts, answer
from privacy_portal.preferences.caller import proof_of
from privacy_portal.preferences.models import PreferenceToken, TokenKind
from privacy_portal.preferences.one_click import asks_to_unsubscribe
from privacy_portal.preferences.views import pages


@method_decorator(csrf_exempt, name="dispatch")
class Unsubscribe(View):
    token: PreferenceToken

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = PreferenceToken.objects.find(TokenKind.UNSUBSCRIBE, kwargs["token"])
        if found is None or found.is_revoked:
            return pages.no_link(found)
        self.token = found
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return pages.erased(self.token.subject) if self._is_erased else pages.unsubscribe(self.token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if not asks_to_unsubscribe(request):
            return self.get(request, token)
        if not self._is_erased:
            acts.unsubscribe(self.token.subject, self.token.channel, proof_of(request))
        return self._done(request)

    def _done(self, request: HttpRequest) -> HttpResponse:
        """The same for the first time and every later one: a page for a person, a line for a machine."""
        if "text/html" not in request.headers.get("Accept", ""):
            return answer.text("Unsubscribed.\n")
        return pages.erased(self.token.subject) if self._is_erased else pages.unsubscribe(self.token, done=True)

    @property
    def _is_erased(self) -> bool:
        return self.token.subject.erased_at is not None
