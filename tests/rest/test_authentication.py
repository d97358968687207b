"""Who may speak to the REST API at all (contract A1)."""

import pytest
from django.test import Client

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.last_use import last_use
from tests.factories.api import Caller, refusal

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
PATH = "/api/v1/regulations/"


@pytest.mark.parametrize("header", ["", "Basic abc", "Token abc", "Bearer"])
def test_it_refuses_whoever_shows_no_token(header: str) -> None:
    answer = Client().get(PATH, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_it_says_that_a_token_is_needed() -> None:
    assert refusal(Client().get(PATH)) == (401, "not_authenticated")


@pytest.mark.parametrize("secret", ["pp_api_unknown", "\u00e9", "a b"])
def test_it_refuses_an_unknown_token(secret: str) -> None:
    answer = Client().get(PATH, headers={"Authorization": f"Bearer {secret}"})
    assert refusal(answer) == (401, "invalid_token")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_it_refuses_a_revoked_token_at_once(dpo: Caller) -> None:
    assert dpo.get("regulations/").status_code == 200
    dpo.token.revoke(COMMAND)
    assert refusal(dpo.get("regulations/")) == (401, "invalid_token")


def test_it_notes_that_the_token_was_used(dpo: Caller) -> None:
    last_use.write()  # what other tests noted
    dpo.get("regulations/")
    last_use.write()
    dpo.token.refresh_from_db()
    assert (first := dpo.token.last_used_at)
    dpo.token.revoke(COMMAND)
    dpo.get("regulations/")
    last_use.write()
    dpo.token.refresh_from_db()
    assert dpo.token.last_used_at == first


def test_it_takes_the_scheme_in_any_case(dpo: Caller) -> None:
    answer = Client().get(PATH, headers={"Authorization": f"bearer {dpo.secret}"})
    assert answer.status_code == 200
