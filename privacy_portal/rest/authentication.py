"""Who asks: the API token of `Authorization: Bearer <token>`. It is looked up on every request, so a revocation holds
from the next one on."""

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from privacy_portal.brands.last_use import last_use
from privacy_portal.brands.models import ApiToken


class BearerAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[ApiToken, ApiToken] | None:
        scheme, _, clear = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = ApiToken.objects.presented(clear.strip())
        if token is None:
            raise AuthenticationFailed
        last_use.note(ApiToken, token.pk)
        return token, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Privacy Portal"'


def token_of(request: Request) -> ApiToken:
    """The token of an authenticated request."""
    if isinstance(request.user, AnonymousUser) or not isinstance(request.auth, ApiToken):
        raise AuthenticationFailed
    return request.auth
