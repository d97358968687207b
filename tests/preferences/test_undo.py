"""Undo puts back exactly what one save changed, as far as nothing else has changed it since (contract P2)."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Entry, Preference
from privacy_portal.subjects.models import Subject
from tests.factories.events import identify
from tests.preferences.visitor import Visitor, visit

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def held(subject: Subject) -> dict[str, bool]:
    return {name: preference.subscribed for name, preference in Preference.objects.of(subject.pk).items()}


def test_undoing_stop_all_brings_back_what_was_on_and_nothing_more(
    brand: Brand, visitor: Visitor, subject: Subject
) -> None:
    identify(brand, "u1", channels={"email": True, "sms": False})
    visitor.press("stop")
    page = visitor.press("undo")
    assert page.ticked == {"email"}
    assert held(subject) == {**dict.fromkeys(brand.channel_names, False), "email": True}
    assert Entry.objects.order_by("id").last().wording.startswith("Undo. Email")
    assert Entry.objects.order_by("id").last().source == "preference_centre"


def test_undoing_a_first_yes_is_a_no(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email"})
    visitor.press("undo")
    assert held(subject) == {"email": False}


def test_a_first_no_is_not_turned_into_a_yes(visitor: Visitor, subject: Subject) -> None:
    page = visitor.press("stop")
    assert not page.has_button("undo")
    visitor.send({"do": "undo", "saved": visitor.at.partition("saved=")[2]})
    assert set(held(subject).values()) == {False}


def test_what_the_brand_gave_up_cannot_come_back_and_is_not_offered(
    brand: Brand, visitor: Visitor, subject: Subject
) -> None:
    identify(brand, "u1", channels={"push": True})
    brand.configure({"channels": "email,sms"}, COMMAND)
    visitor.open()
    page = visitor.press("stop")
    assert held(subject) == {"email": False, "sms": False, "push": False}
    assert not page.has_button("undo")
    visitor.press("save", {"email"})
    identify(brand, "u1", channels={"sms": True})
    page = visitor.press("stop")
    assert page.has_button("undo"), "the rest can"
    page = visitor.press("undo")
    assert held(subject) == {"email": True, "sms": False, "push": False}
    assert "This has changed" in page.words


def test_what_was_changed_again_since_is_left_alone(brand: Brand, visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email", "sms"})
    saved = visitor.form("undo")
    visitor.press("save", {"email"})
    visitor.send(saved)
    assert held(subject) == {"email": False, "sms": False}
    visitor.open()
    visitor.press("save", {"sms"})
    visitor.send(saved)
    assert held(subject) == {"email": False, "sms": True}, "the change this would undo is not there any more"


def test_pressing_it_twice_undoes_once(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email"})
    form = visitor.form("undo")
    visitor.send(form)
    entries = Entry.objects.count()
    visitor.open(visitor.url + visitor.send(form)["Location"])
    assert "out of date" in visitor.page.words
    assert Entry.objects.count() == entries


def test_the_button_of_a_page_older_than_a_day_says_that_nothing_came_of_it(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email"})
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        page = visitor.press("undo")
    assert "Nothing was changed: the page you pressed that on is out of date. Below is how it is now." in page.words
    assert page.ticked == {"email"}
    assert held(subject) == {"email": True}


def test_an_undo_can_be_undone(visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email"})
    visitor.press("undo")
    visitor.press("undo")
    assert held(subject) == {"email": True}


def test_nobody_undoes_what_another_person_saved(brand: Brand, visitor: Visitor, subject: Subject) -> None:
    visitor.press("save", {"email"})
    other = visit(Subject.objects.ensure(brand, "u2")[0])
    other.send(visitor.form("undo"))
    assert held(subject) == {"email": True}
