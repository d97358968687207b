"""The page after a save: what changed, when it holds, whether the mail system has confirmed (contract P2)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.consent import ledger
from privacy_portal.consent.ledger import Change
from privacy_portal.consent.models import Source
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.preferences.links import issue_link
from privacy_portal.preferences.receipt import Receipt, key_of
from privacy_portal.subjects.models import Subject
from tests.factories.regulations import ask
from tests.preferences.test_no_link import let_expire
from tests.preferences.visitor import Visitor, visit
from tests.upstream.server import Upstream, json_answer

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def status(visitor: Visitor) -> str:
    return " ".join("".join(visitor.page.one("div", role="status").itertext()).split())


def test_it_says_what_changed_and_when_it_holds(visitor: Visitor) -> None:
    page = visitor.press("save", {"email"})
    assert page.heading == "Saved: what Acme Shop may send you"
    assert "This has changed: Email: You get these." in status(visitor)
    assert "It holds from now on." in status(visitor)
    assert "Text messages" not in status(visitor)


@pytest.mark.parametrize("is_old", [False, True])
def test_not_all_is_said_to_be_stopped_while_a_channel_the_brand_gave_up_is_on(
    brand: Brand, visitor: Visitor, subject: Subject, is_old: bool
) -> None:
    visitor.press("save", {"email", "push"})
    brand.configure({"channels": "email,sms"}, COMMAND)
    visitor.open()
    visitor.press("save", set())
    if is_old:
        let_expire(subject)
    assert visitor.open(visitor.at).heading == "Saved: what Acme Shop may send you"
    visitor.press("stop")
    assert visitor.page.heading == "All marketing from Acme Shop is stopped"


def test_not_all_is_said_to_be_stopped_while_a_channel_was_never_chosen(visitor: Visitor) -> None:
    """Any system may still turn that one on, and a brand may write there by soft opt-in."""
    visitor.press("save", {"email"})
    page = visitor.press("save", set())
    assert "This has changed: Email: You do not get these." in status(visitor)
    assert page.heading == "Saved: what Acme Shop may send you"
    assert visitor.press("stop").heading == "All marketing from Acme Shop is stopped"


def test_a_save_after_the_clock_was_set_back_has_its_receipt_and_undo(visitor: Visitor, subject: Subject) -> None:
    """It counts from just after what is on record, and that is where its receipt is found."""
    ahead = timezone.now() + timedelta(minutes=5)
    grants = [
        Change(subject.pk, name, True, Source.PREFERENCE_CENTRE, received_at=ahead + timedelta(seconds=place))
        for place, name in enumerate(("email", "sms"))
    ]
    ledger.record(grants, sticky=True)
    visitor.open()
    page = visitor.press("save", {"sms"})
    assert page.heading == "Saved: what Acme Shop may send you"
    assert "This has changed: Email: You do not get these." in status(visitor)
    assert "We are telling our mail system." in status(visitor)
    work_until_idle()
    visitor.open(visitor.at)
    assert "Our mail system has confirmed it." in status(visitor)
    page = visitor.press("undo")
    assert page.ticked == {"email", "sms"}
    page = visitor.press("stop")
    assert page.heading == "All marketing from Acme Shop is stopped"
    assert visitor.press("undo").ticked == {"email", "sms"}


def test_it_follows_the_mail_system_until_it_has_confirmed(visitor: Visitor, upstream: Upstream) -> None:
    upstream.answers.append(json_answer(503, {}))
    visitor.press("save", {"email"})
    assert "We are telling our mail system." in status(visitor)
    work_until_idle()
    visitor.open(visitor.at)
    assert "could not be reached yet. We keep trying." in status(visitor)
    visitor.page.one("a", href=f"?{visitor.at.partition('?')[2]}")


def test_it_says_when_the_mail_system_has_confirmed(visitor: Visitor) -> None:
    visitor.press("save", {"email"})
    work_until_idle()
    visitor.open(visitor.at)
    assert "Our mail system has confirmed it." in status(visitor)


def test_it_admits_that_the_mail_system_refused(visitor: Visitor, upstream: Upstream) -> None:
    upstream.answers.append(json_answer(400, {"message": "userId u1 is odd"}))
    visitor.press("save", {"email"})
    work_until_idle()
    visitor.open(visitor.at)
    assert "has not taken it yet. Our staff sees this" in status(visitor)
    assert "odd" not in visitor.page.words


def test_a_later_update_confirms_an_earlier_change_too(visitor: Visitor, upstream: Upstream) -> None:
    upstream.answers.append(json_answer(400, {}))
    visitor.press("save", {"email"})
    first = visitor.at
    work_until_idle()
    visitor.press("save", {"email", "sms"})
    work_until_idle()
    visitor.open(first)
    assert "Our mail system has confirmed it." in status(visitor)


def test_the_address_of_the_page_tells_nobodys_choice(visitor: Visitor) -> None:
    visitor.press("save", {"email"})
    assert visitor.at.partition("?saved=")[2].isdigit()
    answer = visitor.send(visitor.form("stop"))
    assert answer["Location"].startswith("?saved="), "and the token is not repeated"


def test_reloading_it_changes_nothing_and_a_plain_visit_shows_no_history(visitor: Visitor) -> None:
    visitor.press("save", {"email"})
    assert "This has changed" in visitor.open(visitor.at).words
    assert "This has changed" not in visitor.open(visitor.url).words


def test_someone_elses_receipt_is_not_shown(brand: Brand, visitor: Visitor) -> None:
    visitor.press("save", {"email"})
    other = visit(Subject.objects.ensure(brand, "u2")[0])
    assert "This has changed" not in other.open(f"{other.url}?{visitor.at.partition('?')[2]}").words


def test_after_a_day_it_is_gone(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email"})
    now = timezone.now()
    at = subject.ledger.get().received_at
    assert Receipt.find(subject, at, now) is not None
    assert Receipt.find(subject, at, now + timedelta(days=1, seconds=1)) is None


@pytest.mark.parametrize("key", ["", "x", "-1", "1", "0" * 17, "9" * 17, "9" * 99, "%00", "١"])
def test_a_made_up_address_shows_the_plain_page(visitor: Visitor, key: str) -> None:
    assert visitor.open(f"{visitor.url}?saved={key}").heading == "What may Acme Shop send you?"


def test_a_change_by_another_door_has_no_receipt_here(brand: Brand, visitor: Visitor, subject: Subject) -> None:
    visitor.client.post(issue_link(subject).unsubscribe_url, {"List-Unsubscribe": "One-Click"})
    at = subject.ledger.get().received_at
    assert "This has changed" not in visitor.open(f"{visitor.url}?saved={key_of(at)}").words


def claims_nothing(visitor: Visitor, receipt: str, told: str = "Below is how it is now.") -> None:
    page = visitor.open(receipt)
    assert status(visitor) == f"This was changed again since. {told}"
    for claim in ("Saved", "This has changed", "holds from now on", "mail system"):
        assert claim not in page.words
    assert not page.has_button("undo")


def test_what_was_undone_is_not_said_to_hold(visitor: Visitor) -> None:
    visitor.press("save", {"sms"})
    saved = visitor.at
    work_until_idle()
    visitor.press("undo")
    claims_nothing(visitor, saved)
    assert visitor.page.heading == "What may Acme Shop send you?"
    assert visitor.page.ticked == set()


def test_a_stop_of_all_is_not_said_to_hold_once_something_is_on(visitor: Visitor) -> None:
    visitor.press("save", {"sms"})
    visitor.press("stop")
    stopped = visitor.at
    visitor.press("save", {"email"})
    work_until_idle()
    claims_nothing(visitor, stopped)
    assert visitor.page.ticked == {"email"}


def test_a_yes_is_not_said_to_hold_for_someone_to_whom_nothing_is_sent(brand: Brand, visitor: Visitor) -> None:
    visitor.press("save", {"sms"})
    ask(brand, "suppress", "u1")
    claims_nothing(visitor, visitor.at)
    assert "Everything is stopped for you." in visitor.page.words


@pytest.mark.parametrize(
    ("then", "told"),
    [
        (set(), "Acme Shop sends you no marketing now."),
        ({"email"}, "Some marketing is on now. You can stop all of it below."),
    ],
)
def test_by_an_old_link_nor_is_what_no_longer_holds(
    visitor: Visitor, subject: Subject, then: set[str], told: str
) -> None:
    visitor.press("save", {"sms"})
    saved = visitor.at
    visitor.press("save", then)
    let_expire(subject)
    claims_nothing(visitor, saved, told)
