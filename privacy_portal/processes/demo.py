"""What the first start makes: the demo brand, and credentials to try it with."""

import secrets
from dataclasses import dataclass

from django.db import transaction

from privacy_portal.audit.models import SYSTEM
from privacy_portal.brands.models import ApiToken, AuthToken, Brand, Role, StaffRole, TokenKind
from privacy_portal.processes.models import FirstStart

CLIENT, ACCOUNT, CODE = "acme", "acme", "ACME"
USERNAME = "admin"


@dataclass(frozen=True)
class Credentials:
    """Shown once: only hashes are kept."""

    username: str
    password: str
    server_token: str
    js_token: str
    api_token: str


def first_start(with_credentials: bool) -> tuple[bool, Credentials | None]:
    """Whether this is the first start of this database, and the credentials if they were asked for and made now."""
    with transaction.atomic():
        _, first = FirstStart.objects.get_or_create(pk=FirstStart.THE_ROW)
        if not first:
            return False, None
        brand, _ = Brand.objects.ensure(CLIENT, ACCOUNT, CODE, actor=SYSTEM)
        return True, _issue(brand) if with_credentials else None


def _issue(brand: Brand) -> Credentials:
    password = secrets.token_urlsafe(15)
    StaffRole.objects.ensure(USERNAME, password, Role.ADMIN, actor=SYSTEM)
    _, server = AuthToken.objects.issue(TokenKind.SERVER, CLIENT, ACCOUNT, brand, actor=SYSTEM, name="demo server")
    _, js_tag = AuthToken.objects.issue(TokenKind.JS_TAG, CLIENT, ACCOUNT, brand, actor=SYSTEM, name="demo JS tag")
    _, api = ApiToken.objects.issue(Role.ADMIN, actor=SYSTEM, name="demo")
    return Credentials(USERNAME, password, server, js_tag, api)
