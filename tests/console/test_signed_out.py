"""A button pressed after the session had ended: once signed in again, staff are told that nothing was done."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from privacy_portal.audit.models import COMMAND, Entry
from privacy_portal.brands.models import Brand, StaffRole
from regulations.models import Regulation
from tests.console.conftest import PASSWORD, SignIn
from tests.factories.regulations import ask
from tests.pages import plain

pytestmark = pytest.mark.django_db
SAID = "You had been signed out: nothing was done. Press it again."


@pytest.fixture
def regulation(brand: Brand) -> Regulation:
    return ask(brand, "suppress", "maria")


def pressed_too_late(button: str) -> tuple[str, str]:
    """Press it without a session, sign in where that leads to; where one ends up, and what stands there."""
    StaffRole.objects.ensure("desk", PASSWORD, "admin", [], actor=COMMAND)
    client = Client()
    client.cookies.load({settings.SESSION_COOKIE_NAME: "ended"})
    asked = client.post(button, follow=True)
    form = {"username": "desk", "password": PASSWORD, "next": asked.context["next"]}
    answer = client.post(asked.redirect_chain[-1][0], form, follow=True)
    assert answer.status_code == 200
    return answer.request["PATH_INFO"], plain(answer.content.decode())


@pytest.mark.parametrize("verb", ["cancel", "retry", "reveal"])
def test_it_leads_back_to_the_page_of_the_row(regulation: Regulation, verb: str) -> None:
    path, text = pressed_too_late(reverse(f"admin:regulations_regulation_{verb}", args=[regulation.pk]))
    assert path == reverse("admin:regulations_regulation_change", args=[regulation.pk])
    assert SAID in text
    regulation.refresh_from_db()
    assert regulation.status == "scheduled"
    assert not Entry.objects.filter(action__in=["subject.revealed", "regulation.cancelled"]).exists()


def test_checking_the_chain_leads_back_to_the_log(regulation: Regulation) -> None:
    path, text = pressed_too_late(reverse("admin:audit_entry_check_chain"))
    assert path == reverse("admin:audit_entry_changelist")
    assert SAID in text
    assert "The chain is" not in text


def test_what_is_neither_a_press_nor_a_return_is_refused(regulation: Regulation, sign_in: SignIn) -> None:
    for button in (
        reverse("admin:regulations_regulation_cancel", args=[regulation.pk]),
        reverse("admin:audit_entry_check_chain"),
    ):
        answer = sign_in().put(button)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
