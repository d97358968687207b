"""Tokens: made by a form, shown once, and revoked."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import ApiToken, AuthToken, Brand
from privacy_portal.brands.secret import hashed
from tests.console.conftest import SignIn
from tests.pages import check_page, text_of

pytestmark = pytest.mark.django_db
AUTH, API = "/admin/brands/authtoken/", "/admin/brands/apitoken/"


def _secret(client: Client, url: str, form: dict[str, object]) -> str:
    """Make a token; its secret as the page shows it."""
    answer = client.post(f"{url}add/", {**form, "once": _once(client, url)})
    assert answer.status_code == 200
    check_page(answer.content.decode(), dict(answer.headers))
    secret = str(answer.context["secret"])
    assert secret in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert secret not in str(answer.cookies)
    return secret


def _once(client: Client, url: str) -> str:
    """What the form carries so that it makes one token."""
    return str(client.get(f"{url}add/").context["form"]["once"].value())


def test_an_auth_token_is_shown_once_and_opens_what_was_chosen(brand: Brand, sign_in: SignIn) -> None:
    client = sign_in()
    secret = _secret(client, AUTH, {"kind": "js_tag", "scope": brand.pk, "name": "shop", "rate": 5, "burst": 9})
    token = AuthToken.objects.get(digest=hashed(secret))
    assert (token.kind, token.brand, token.name, token.rate, token.burst) == ("js_tag", brand, "shop", 5, 9)
    for page in (AUTH, f"{AUTH}{token.pk}/change/", f"{AUTH}add/"):
        assert secret not in client.get(page).content.decode()


def test_an_auth_token_may_open_a_whole_account(brand: Brand, sign_in: SignIn) -> None:
    form = {"kind": "server", "scope": f"account:{brand.client}/{brand.account}", "rate": 5, "burst": 9}
    token = AuthToken.objects.get(digest=hashed(_secret(sign_in(), AUTH, form)))
    assert (token.client, token.account, token.brand) == (brand.client, brand.account, None)


def test_an_api_token_is_shown_once(brand: Brand, sign_in: SignIn) -> None:
    client = sign_in()
    secret = _secret(client, API, {"role": "dpo", "brands": [brand.pk], "name": "desk"})
    token = ApiToken.objects.get(digest=hashed(secret))
    assert (token.role, list(token.brands.all())) == ("dpo", [brand])
    assert secret not in client.get(f"{API}{token.pk}/change/").content.decode()


def test_the_secret_is_in_no_session(brand: Brand, sign_in: SignIn) -> None:
    secret = _secret(sign_in(), API, {"role": "auditor"})
    assert all(secret not in str(session.get_decoded()) for session in Session.objects.all())


@pytest.mark.engine
@pytest.mark.parametrize("url", [AUTH, API])
def test_a_form_sent_again_makes_no_other_token(brand: Brand, sign_in: SignIn, url: str) -> None:
    client = sign_in()
    session = Session.objects.get(session_key=client.session.session_key)
    form = {"kind": "server", "scope": brand.pk, "rate": 1, "burst": 1, "role": "dpo", "brands": [brand.pk]}
    one, other = _once(client, url), _once(client, url)
    assert client.post(f"{url}add/", {**form, "role": "", "kind": "", "once": one}).status_code == 422
    assert client.post(f"{url}add/", {**form, "once": one}).status_code == 200
    for again in (one, "unknown", _once(sign_in("admin", brand), url)):
        answer = client.post(f"{url}add/", {**form, "once": again}, follow=True)
        assert answer.redirect_chain == [(url, 302)]
        assert "Made already; its secret was shown once." in text_of(check_page(answer.content.decode()))
    assert AuthToken.objects.count() + ApiToken.objects.count() == 1
    assert client.post(f"{url}add/", {**form, "once": other}).status_code == 200, "of a second page that was open"
    assert client.post(f"{url}add/", form).status_code == 200, "of a script that was shown no form"
    assert Session.objects.get(pk=session.pk).expire_date == session.expire_date


def test_a_revoked_token_is_live_no_more(brand: Brand, sign_in: SignIn) -> None:
    client = sign_in()
    token = AuthToken.objects.get(
        digest=hashed(_secret(client, AUTH, {"kind": "server", "scope": brand.pk, "rate": 1, "burst": 1}))
    )
    client.get(f"{AUTH}{token.pk}/revoke/")
    assert AuthToken.objects.live().filter(pk=token.pk).exists()
    client.post(f"{AUTH}{token.pk}/revoke/")
    assert not AuthToken.objects.live().filter(pk=token.pk).exists()


def test_when_a_token_was_last_used_is_shown(brand: Brand, sign_in: SignIn) -> None:
    client = sign_in()
    auth, _ = AuthToken.objects.issue("server", brand.client, brand.account, brand, actor=COMMAND)
    api, _ = ApiToken.objects.issue("dpo", [brand], actor=COMMAND)
    for url, token in ((AUTH, auth), (API, api)):
        pages = (url, f"{url}{token.pk}/change/")
        assert all("Never" in _text(client, page) for page in pages)
        token.used(token.pk, timezone.now() - timedelta(seconds=200))
        assert all("3 min ago" in _text(client, page) and "Never" not in _text(client, page) for page in pages)


def _text(client: Client, page: str) -> str:
    return text_of(check_page(client.get(page).content.decode()))


def test_a_wrong_form_makes_none(brand: Brand, sign_in: SignIn) -> None:
    for form in (
        {"kind": "internal", "scope": brand.pk, "rate": 1, "burst": 1},
        {"kind": "server", "scope": brand.pk, "rate": 0, "burst": 1},
    ):
        answer = sign_in().post(f"{AUTH}add/", form)
        assert answer.status_code == 422
        check_page(answer.content.decode())
    assert not AuthToken.objects.exists()
