"""`/p/{token}/`: a person's channels, saving them, stopping everything, undo. GET and HEAD change nothing."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from privacy_portal.preferences import acts, answer
from privacy_portal.preferences.acts import Done
from privacy_portal.preferences.caller import is_from_another_site, proof_of
from privacy_portal.preferences.channels import changed_in, left_in
from privacy_portal.preferences.models import PreferenceToken, TokenKind
from privacy_portal.preferences.receipt import key_of, moment_of
from privacy_portal.preferences.views import pages
from privacy_portal.subjects.errors import Conflict

UNCHANGED = "0"
OUTDATED = "past"
DROPPED = "&old=1"


# The token in the address is the secret; there is no session that another site could ride on.
@method_decorator(csrf_exempt, name="dispatch")
class PreferencePage(View):
    token: PreferenceToken

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = PreferenceToken.objects.find(TokenKind.PAGE, kwargs["token"])
        if found is None or found.is_revoked:
            return pages.no_link(found)
        self.token = found
        if found.subject.erased_at is not None:
            return pages.erased(found.subject)
        self.only_stops = found.has_expired(timezone.now())
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        saved = request.GET.get("saved", "")
        shown, unchanged, outdated = moment_of(saved), saved == UNCHANGED, saved == OUTDATED
        if self.only_stops:
            dropped = "old" in request.GET
            return pages.expired(self.token.subject, shown, unchanged=unchanged, outdated=outdated, dropped=dropped)
        return pages.choices(self.token.subject, shown, unchanged=unchanged, outdated=outdated)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if is_from_another_site(request):
            return self._refused("Another website asked for a change. If you want one, make it here.", status=403)
        try:
            done = self._act(request)
        except Conflict:
            granted = [name for name, wanted in changed_in(request.POST).items() if wanted]
            error = "" if granted else "Nothing can be turned on for now."
            return self._refused(error, status=409, refused=granted)
        came_to = key_of(done.at) if done.at else OUTDATED if done.outdated else UNCHANGED
        return answer.see_other(f"?saved={came_to}{DROPPED if done.dropped else ''}")

    def _act(self, request: HttpRequest) -> Done:
        """A POST that names no button saves."""
        subject, proof, form = self.token.subject, proof_of(request), request.POST
        if form.get("do") == "stop":
            return acts.stop_all(subject, proof)
        if form.get("do") == "undo":
            if (saved_at := moment_of(form.get("saved", ""))) is None:
                return Done(None, outdated=True)
            return acts.undo(subject, saved_at, proof, only_stops=self.only_stops)
        return acts.save(subject, changed_in(form), left_in(form), proof, only_stops=self.only_stops)

    def _refused(self, error: str, status: int, refused: list[str] | None = None) -> HttpResponse:
        if self.only_stops:
            return pages.expired(self.token.subject, error=error, status=status)
        return pages.choices(self.token.subject, error=error, status=status, refused=refused or [])
