"""Cookies are the console's: it sets them for itself, and no other page looks at one (contract P5)."""

import pytest
from django.conf import settings
from django.test import Client

from privacy_portal.brands.models import Brand
from privacy_portal.preferences.links import issue_link
from privacy_portal.subjects.models import Subject
from tests.console.conftest import SignIn

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
ELSEWHERE = [
    "/p/AAAAAAAAAAAAAAAAAAAAAA/", "/u/AAAAAAAAAAAAAAAAAAAAAA", "/api/v1/regulations/", "/api/docs/", "/api/schema/",
    "/api/problems/", "/api/nothing/", "/tag/1/tag.js", "/static/preferences/page.css", "/static/nothing.css",
    "/nothing", "/admin",
]  # fmt: skip


@pytest.fixture
def stale() -> Client:
    """A browser with what is left of a session that has ended, and a CSRF cookie that never was one."""
    client = Client()
    client.cookies.load({settings.SESSION_COOKIE_NAME: "ended", settings.CSRF_COOKIE_NAME: "malformed"})
    return client


@pytest.fixture
def subject(brand: Brand) -> Subject:
    return Subject.objects.ensure(brand, "u1")[0]


@pytest.mark.parametrize("address", ELSEWHERE)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_other_page_sets_a_cookie_or_depends_on_one(stale: Client, address: str, method: str) -> None:
    answer = getattr(stale, method)(address)
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")


def test_nor_does_a_page_that_is_there(stale: Client, subject: Subject) -> None:
    link = issue_link(subject)
    for address in (link.url, link.unsubscribe_url):
        for answer in (stale.get(address), stale.post(address)):
            assert answer.status_code in (200, 303)
            assert not answer.cookies
            assert "Vary" not in answer


def test_nor_does_one_for_staff_who_are_signed_in(sign_in: SignIn, subject: Subject) -> None:
    staff = sign_in()
    assert not staff.get(issue_link(subject).url).cookies
    assert staff.get("/admin/").status_code == 200, "the session goes on"


def test_a_session_that_has_ended_is_cleared_away_in_the_console(stale: Client) -> None:
    assert stale.get("/admin/login/").cookies[settings.SESSION_COOKIE_NAME].value == ""
