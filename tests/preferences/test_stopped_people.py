"""People to whom nothing is sent, and people who were erased."""

import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Entry, Evidence
from privacy_portal.preferences.links import issue_link
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate
from tests.factories.events import identify
from tests.factories.regulations import ask, carry_out
from tests.preferences.visitor import Visitor, visit

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def stopped(brand: Brand, visitor: Visitor) -> Visitor:
    identify(brand, "u1", channels={"email": True})
    ask(brand, "suppress", "u1")
    visitor.open()
    return visitor


def test_the_page_says_that_nothing_is_sent_and_whom_to_ask(stopped: Visitor) -> None:
    assert "Everything is stopped for you. Acme Shop sends you nothing" in stopped.page.words
    assert "To change that, get in touch: privacy@acme.example" in stopped.page.words
    assert stopped.page.ticked == set()


def test_turning_a_channel_on_is_refused_in_words_linked_to_it(stopped: Visitor) -> None:
    before = Entry.objects.count()
    page = stopped.press("save", {"email"})
    assert (page.status, page.heading) == (409, "Not saved: what may Acme Shop send you?")
    (error,) = page.all("a", href="#channel-email")
    assert "".join(error.itertext()).strip() == "Email cannot be turned on while everything is stopped for you."
    assert "wrong-email" in (page.one("input", id="channel-email").get("aria-describedby") or "")
    assert Entry.objects.count() == before


def test_undo_of_an_earlier_stop_is_refused_in_words(brand: Brand, visitor: Visitor) -> None:
    identify(brand, "u1", channels={"email": True})
    visitor.press("stop")
    form = visitor.form("undo")
    ask(brand, "suppress", "u1")
    answer = visitor.send(form)
    assert answer.status_code == 409
    assert "Nothing can be turned on for now." in answer.content.decode()
    assert not visitor.open(visitor.at).has_button("undo")


def test_stopping_works_all_the_same(stopped: Visitor, subject: Subject) -> None:
    assert stopped.press("stop").status == 200
    answer = stopped.client.post(issue_link(subject).unsubscribe_url, ONE_CLICK)
    assert answer.status_code == 200


def test_someone_erased_sees_that_everything_is_stopped_and_leaves_no_trace(
    brand: Brand, visitor: Visitor, subject: Subject
) -> None:
    unsubscribe_url = issue_link(subject).unsubscribe_url
    carry_out(ask(brand, "suppress_and_delete", "u1"))
    entries, updates = Entry.objects.count(), IdentifyUpdate.objects.count()
    page = visitor.open()
    assert (page.status, page.heading) == (200, "Everything is stopped")
    assert not page.all("button")
    for form in ({"do": "stop"}, {"shown": "email:off", "channel": "email"}):
        assert visitor.client.post(visitor.url, form).status_code == 200
    assert visitor.client.post(unsubscribe_url, ONE_CLICK).status_code == 200
    assert visitor.open(unsubscribe_url).heading == "Everything is stopped"
    assert (Entry.objects.count(), IdentifyUpdate.objects.count()) == (entries, updates)
    assert not Evidence.objects.exists()


def test_once_the_gate_is_opened_again_the_person_chooses_again(brand: Brand, visitor: Visitor) -> None:
    carry_out(ask(brand, "suppress_and_delete", "u1"))
    carry_out(ask(brand, "unsuppress", "u1"))
    again = visit(Subject.objects.ensure(brand, "u1")[0])
    assert again.press("save", {"email"}).ticked == {"email"}
