"""Stop all marketing: one press, every channel, asked for or not (contract P1)."""

import pytest

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Entry, Preference
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate
from tests.factories.events import identify
from tests.preferences.visitor import Visitor
from tests.upstream.server import Upstream

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def test_it_withdraws_every_channel_also_those_never_asked_about(
    brand: Brand, visitor: Visitor, subject: Subject, upstream: Upstream
) -> None:
    identify(brand, "u1", channels={"email": True})
    page = visitor.press("stop")
    assert page.heading == "All marketing from Acme Shop is stopped"
    assert page.ticked == set()
    assert {p.channel: p.subscribed for p in Preference.objects.filter(subject=subject)} == dict.fromkeys(
        brand.channel_names, False
    )
    assert IdentifyUpdate.objects.count() == 1
    work_until_idle()
    assert {c["subscribed"] for c in upstream.messages[0]["traits"]["marketingPreferences"]["channels"]} == {False}


def test_boxes_ticked_beside_it_do_not_count(visitor: Visitor) -> None:
    assert visitor.press("stop", {"email", "sms"}).ticked == set()


def test_the_ledger_says_that_this_button_was_pressed(visitor: Visitor) -> None:
    visitor.press("stop")
    assert Entry.objects.get(channel="email").wording == "Stop all marketing. Email: News and offers by email"


def test_a_channel_the_brand_gave_up_is_stopped_with_the_rest(brand: Brand, visitor: Visitor, subject: Subject) -> None:
    identify(brand, "u1", channels={"whatsapp": True})
    brand.configure({"channels": "email"}, COMMAND)
    visitor.press("stop")
    assert not Preference.objects.filter(subject=subject, subscribed=True).exists()


def test_pressing_again_adds_nothing(visitor: Visitor) -> None:
    visitor.press("stop")
    entries = Entry.objects.count()
    page = visitor.press("stop")
    assert "Nothing had to be changed" in page.words
    assert Entry.objects.count() == entries
    assert IdentifyUpdate.objects.count() == 1


def test_a_no_of_a_system_becomes_a_no_of_the_person(brand: Brand, visitor: Visitor) -> None:
    identify(brand, "u1", channels=dict.fromkeys(brand.channel_names, False))
    page = visitor.press("stop")
    assert "It was all off already. We have noted that you said so yourself." in page.words
    identify(brand, "u1", channels={"email": True})
    assert visitor.open().ticked == set()
