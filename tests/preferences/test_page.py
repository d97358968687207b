"""The page as it opens: channels with state and meaning in words, and nothing else (contract P1, P3, P5)."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Entry
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate
from tests.factories.events import identify
from tests.preferences.visitor import Visitor, visit

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


def test_it_shows_each_channel_with_meaning_and_state_in_words(brand: Brand, visitor: Visitor) -> None:
    identify(brand, "u1", channels={"email": True, "sms": False})
    page = visitor.open()
    assert page.status == 200
    assert page.heading == "What may Acme Shop send you?"
    words = {"email": "You get these.", "sms": "You do not get these."}
    assert page.states == {
        channel["name"]: f"{channel['meaning']} {words.get(channel['name'], 'You have not chosen yet.')}"
        for channel in brand.channels
    }


def test_nothing_is_ticked_beyond_what_the_person_gets(brand: Brand, visitor: Visitor) -> None:
    assert visitor.page.ticked == set()
    identify(brand, "u1", channels={"email": True, "sms": False})
    assert visitor.open().ticked == {"email"}


def test_save_comes_first_so_that_the_enter_key_saves(visitor: Visitor) -> None:
    buttons = ["".join(button.itertext()).strip() for button in visitor.page.all("button")]
    assert buttons == ["Save", "Stop all marketing"]


def test_it_names_nobody_and_uses_the_words_of_people(brand: Brand, visitor: Visitor) -> None:
    identify(brand, "u1", traits={"name": "Ann Example", "email": "ann@example.com"}, channels={"email": True})
    words = visitor.open().words
    for foreign in (
        "Ann",
        "ann@example.com",
        "u1",
        "regulation",
        "suppressed",
        "NoTrack",
        "subject",
        "identify",
        "eventId",
    ):
        assert not re.search(rf"\b{re.escape(foreign)}\b", words, re.IGNORECASE), foreign


def test_the_brand_code_stands_in_where_no_controller_is_named(brand: Brand, visitor: Visitor) -> None:
    brand.configure({"controller": ""}, COMMAND)
    assert visitor.open().heading == f"What may {brand.code} send you?"


def test_what_a_brand_writes_is_text_and_never_markup(brand: Brand, visitor: Visitor) -> None:
    sly = "<b onclick=x>&\"'"
    channel = {"name": "email", "label": sly, "meaning": sly}
    brand.configure({"controller": sly, "contact": sly, "channels": [channel]}, COMMAND)
    page = visitor.open()
    assert page.heading == f"What may {sly} send you?"
    assert page.states == {"email": f"{sly} You have not chosen yet."}
    assert visitor.press("stop").heading == f"All marketing from {sly} is stopped"


def test_an_address_to_ask_at_is_a_link(visitor: Visitor) -> None:
    assert visitor.page.one("a", href="mailto:privacy@acme.example") is not None


def test_looking_changes_nothing(visitor: Visitor, subject: Subject) -> None:
    client = Client(headers={"purpose": "prefetch"})
    for method in (client.get, client.head, client.options):
        assert method(visitor.url, query_params={"do": "stop", "channel": "email"}).status_code == 200
    assert client.put(visitor.url).status_code == 405
    assert not Entry.objects.exists()
    assert not IdentifyUpdate.objects.exists()


def test_it_is_small(brand: Brand, visitor: Visitor) -> None:
    """Page, sheet and icon together, uncompressed (contract P1: 30 KB)."""
    page = len(visitor.client.get(visitor.url).content)
    assert (
        page + sum(Path(finders.find(f"preferences/{name}")).stat().st_size for name in ("page.css", "icon.svg"))
        < 20_000
    )


def test_its_policy_is_strict_and_its_sheet_is_ours(visitor: Visitor) -> None:
    answer = visitor.client.get(visitor.url)
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in policy
    assert (answer["X-Frame-Options"], answer["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert "url(" not in Path(finders.find("preferences/page.css")).read_text()


def test_two_people_see_their_own(brand: Brand, visitor: Visitor) -> None:
    other = visit(Subject.objects.ensure(brand, "u2")[0])
    other.press("save", {"email"})
    assert visitor.open().ticked == set()
