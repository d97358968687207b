"""POSTs that another website makes a browser send: refused, with a page on which the person can decide themselves."""

import pytest

from privacy_portal.consent.models import Entry
from privacy_portal.subjects.models import Subject
from tests.preferences.test_no_link import let_expire
from tests.preferences.visitor import Visitor

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site", "origin": "https://other.acme.example"},
        {"origin": "https://evil.example"},
        {"origin": "nonsense"},
    ],
)
def test_one_of_another_website_changes_nothing(visitor: Visitor, headers: dict[str, str]) -> None:
    page = visitor.press("stop", **headers)
    assert (page.status, page.heading) == (403, "Not saved: what may Acme Shop send you?")
    assert "Another website asked for a change. If you want one, make it here." in page.words
    assert not Entry.objects.exists()
    assert visitor.press("save", {"email"}).ticked == {"email"}, "and from that page the person decides"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://testserver"},
        {"origin": "http://127.0.0.1:8000"},
        {"origin": "null", "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
    ],
)
def test_our_own_form_is_heard_whatever_the_browser_tells_of_it(visitor: Visitor, headers: dict[str, str]) -> None:
    assert visitor.press("save", {"email"}, **headers).ticked == {"email"}


def test_an_old_link_asks_back_in_the_same_way(visitor: Visitor, subject: Subject) -> None:
    let_expire(subject)
    page = visitor.press("stop", sec_fetch_site="cross-site")
    assert page.status == 403
    assert "Another website asked for a change" in page.words
    assert not Entry.objects.exists()
