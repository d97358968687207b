"""Links that do not work any more, and those that never did (contract P4)."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Entry, Preference
from privacy_portal.preferences.links import issue_link, revoke_links
from privacy_portal.preferences.models import PreferenceToken, TokenKind
from privacy_portal.subjects.models import Subject
from tests.factories.events import identify
from tests.preferences.visitor import Visitor, read

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def let_expire(subject: Subject) -> None:
    past = timezone.now() - timedelta(seconds=1)
    PreferenceToken.objects.of(subject).filter(kind=TokenKind.PAGE).update(expires_at=past)


@pytest.mark.parametrize("token", ["x", "A" * 22, "a.b", "ü" * 22, "A" * 5000, "%00", "%2e%2e"])
def test_a_forged_one_gets_a_plain_page_and_learns_nothing(visitor: Visitor, token: str) -> None:
    page = visitor.open(f"/p/{token}/")
    assert (page.status, page.heading) == (404, "This link does not work")
    assert "open the link at the end of the newest message" in page.words
    assert "Acme" not in page.words
    assert "acme.example" not in page.words


@pytest.mark.parametrize("address", ["/p", "/p/", "/u", "/u/", "/p//", "/u//", "/p/x/y", "/u/x/)"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_one_that_was_cut_off_says_how_to_get_a_new_one(db: None, address: str, method: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={"sec-fetch-site": "cross-site"})
    page = read(getattr(client, method)(address))
    assert (page.status, page.heading) == (404, "This link does not work")


def test_one_without_its_slash_opens(visitor: Visitor) -> None:
    answer = visitor.client.get(visitor.url.removesuffix("/"))
    assert (answer.status_code, answer["Location"]) == (301, urlsplit(visitor.url).path)


def test_a_revoked_one_looks_the_same_and_says_whom_to_ask(visitor: Visitor, subject: Subject) -> None:
    revoke_links(subject, COMMAND)
    page = visitor.open()
    assert (page.status, page.heading) == (410, "This link does not work")
    assert "privacy@acme.example" in page.words
    assert visitor.client.post(visitor.url, {"do": "stop"}).status_code == 410
    assert not Entry.objects.exists()


def test_an_unsubscribe_token_opens_no_page_and_a_page_token_unsubscribes_nothing(
    subject: Subject, visitor: Visitor
) -> None:
    link = issue_link(subject)
    page, unsubscribe = link.url.split("/")[-2], link.unsubscribe_url.split("/")[-1]
    assert visitor.open(f"/p/{unsubscribe}/").status == 404
    assert visitor.open(f"/u/{page}").status == 404


def test_an_old_one_shows_no_state_and_still_stops_everything(brand: Brand, visitor: Visitor, subject: Subject) -> None:
    identify(brand, "u1", channels={"email": True})
    let_expire(subject)
    page = visitor.open()
    assert (page.status, page.heading) == (200, "This link to Acme Shop is old")
    assert not page.all("input", type="checkbox")
    assert not page.has_button("save")
    for told in ("Email", "You get these", "privacy@acme.example"):
        assert (told in page.words) == ("@" in told)
    after = visitor.press("stop")
    assert "Acme Shop will send you no marketing" in after.words
    assert "Email" not in after.words
    assert not Preference.objects.filter(subject=subject, subscribed=True).exists()


def test_an_old_one_grants_and_undoes_nothing(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email"})
    visitor.press("stop")
    undo = visitor.form("undo")
    let_expire(subject)
    for form in (undo, {"do": "save", "shown": "sms:off", "channel": "sms"}):
        assert visitor.send(form)["Location"] == "?saved=0&old=1"
    assert not Preference.objects.filter(subject=subject, subscribed=True).exists()
    assert not visitor.open(visitor.at).has_button("undo")


def test_a_form_opened_before_it_grew_old_still_takes_a_no(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email", "sms"})
    let_expire(subject)
    visitor.send({"shown": ["email:on", "sms:on", "push:none"], "channel": ["sms", "push"]})
    assert {p.channel: p.subscribed for p in Preference.objects.filter(subject=subject)} == {
        "email": False,
        "sms": True,
    }


def test_an_old_one_says_stopped_only_when_nothing_is_on(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email", "sms"})
    let_expire(subject)
    page = visitor.press("save", {"email"})
    assert page.heading == "Saved: what Acme Shop may send you"
    assert "Saved. Some marketing is still on. You can stop all of it below." in page.words
    assert "Stopped." not in page.words
    assert page.has_button("stop")
    page = visitor.press("stop")
    assert page.heading == "All marketing from Acme Shop is stopped"
    assert "Stopped. Acme Shop will send you no marketing." in page.words


def test_an_old_one_does_not_say_stopped_of_what_was_never_chosen(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email"})
    let_expire(subject)
    page = visitor.press("save", set())
    assert page.heading == "Saved: what Acme Shop may send you"
    assert "Saved. Nothing is on. Some of it you have not chosen yet: you can stop all of it below." in page.words
    assert "Stopped." not in page.words


def test_what_was_turned_on_before_it_grew_old_is_not_called_stopped(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"sms"})
    let_expire(subject)
    words = visitor.open(visitor.at).words
    assert "Some marketing is still on." in words
    assert "Stopped." not in words
    assert "Text messages" not in words, "and which, it does not tell"


def test_a_yes_by_an_old_one_is_not_taken_and_the_page_says_so(visitor: Visitor, subject: Subject) -> None:
    let_expire(subject)
    page = visitor.press("save", {"sms"})
    assert page.heading == "Not saved: this link to Acme Shop is old"
    (alert,) = page.all("div", role="alert")
    told = " ".join("".join(alert.itertext()).split())
    assert told == "Nothing was saved This link is old: it can only stop things. How to get a new link"
    assert page.one("p", id="newer") is not None
    assert "Nothing had to be changed" not in page.words
    assert not Entry.objects.exists()


def test_a_no_beside_such_a_yes_is_taken(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email", "push"})
    let_expire(subject)
    page = visitor.press("save", {"push", "sms"})
    assert "Not everything was saved This link is old: it can only stop things." in page.words
    assert "Saved. Some marketing is still on." in page.words
    assert Preference.objects.granted(subject) == ["push"]


def test_a_yes_that_holds_already_is_nothing_dropped(brand: Brand, visitor: Visitor, subject: Subject) -> None:
    identify(brand, "u1", channels={"sms": True})
    let_expire(subject)
    assert "Nothing had to be changed" in visitor.press("save", {"sms"}).words


def test_undo_by_an_old_one_takes_back_a_yes(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email"})
    visitor.press("save", {"sms"})
    let_expire(subject)
    page = visitor.press("undo")
    assert not Preference.objects.filter(subject=subject, subscribed=True).exists()
    assert "Saved. Nothing is on." in page.words
    assert "Not everything was saved" in page.words, "the email that this save had stopped stays off"
