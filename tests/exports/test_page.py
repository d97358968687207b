"""index.html: a page for the person, that loads nothing and runs nothing."""

import re
from collections import Counter
from xml.etree.ElementTree import Element

import html5lib
import pytest
from django.utils import timezone

from privacy_portal.audit.models import Actor
from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Source
from privacy_portal.preferences.record import Wish, record_consent
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Action
from regulations.exports.wording import KINDS
from tests.factories.brands import make_brand
from tests.factories.events import identify, send, track
from tests.factories.exports import access

pytestmark = pytest.mark.django_db(transaction=True)
ATTACK = "</style></title><script>alert(1)</script><img src=x onerror=alert(1)>\x0b\x7f"


def parsed(page: str) -> Element:
    """The page's tree; not one error of HTML is forgiven."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def text(page: str) -> str:
    return " ".join(" ".join(parsed(page).itertext()).split())


@pytest.fixture
def full(brand: Brand) -> str:
    """A page with something in each chapter, all of it hostile."""
    identify(brand, ATTACK, traits={ATTACK: ATTACK, "list": [1, ATTACK]}, channels={"email": True})
    for number in range(30):
        track(
            brand,
            ATTACK,
            event=ATTACK[:200],
            properties={ATTACK: "\x00" + ATTACK, "n": number, "deep": {"a": [ATTACK]}},
        )
    send(
        brand,
        "page",
        {"userId": ATTACK, "event": "page", "properties": {"title": ATTACK}, "context": {"ip": "192.0.2.9"}},
    )
    subject = Subject.objects.of(brand, ATTACK).get()
    wish = Wish("email", False, wording=ATTACK)
    record_consent(subject, [wish], Source.ONE_CLICK, Actor("person", ""), timezone.now())
    return access(brand, ATTACK).page


@pytest.fixture
def brand(db: None) -> Brand:
    return make_brand(timezone="Europe/Berlin", purposes=[ATTACK])


def test_it_is_valid_html_with_one_heading_that_is_its_title(full: str) -> None:
    tree = parsed(full)
    assert tree.findtext("head/title") == tree.findtext("body/header/h1") == "Your data"
    assert tree.get("lang") == "en"
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
    assert set(ids.values()) == {1}
    targets = {link.get("href", "")[1:] for link in tree.iter("a") if link.get("href", "").startswith("#")}
    assert targets <= set(ids)


def test_it_runs_nothing_and_loads_nothing(full: str) -> None:
    tree = parsed(full)
    tags = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    assert not tags & {"script", "img", "iframe", "object", "link", "form", "input", "svg", "base"}
    attributes = {name for element in tree.iter() for name in element.attrib}
    assert not {name for name in attributes if name.startswith("on") or name in ("src", "style", "srcset")}
    assert all(re.fullmatch(r"#\w+|[a-z]+\.(csv|jsonl|json)", link.get("href", "")) for link in tree.iter("a"))
    policy = tree.find("head/meta[@http-equiv='Content-Security-Policy']")
    assert policy is not None
    assert policy.get("content", "").startswith("default-src 'none'; style-src 'sha256-")
    assert "url(" not in full
    assert "@import" not in full


def test_it_lists_the_latest_200_and_points_at_the_rest(brand: Brand) -> None:
    calls = [
        {"userId": "u1", "event": f"step {n:03}.", "timestamp": f"2024-01-01T00:{n // 60:02}:{n % 60:02}Z"}
        for n in range(205)
    ]
    send(brand, "batch", {"batch": calls[::-1]})
    page = access(brand).page
    shown = re.findall(r"<bdi>step (\d+)\.</bdi>\s*</p>", page)
    assert [int(step) for step in shown] == list(range(204, 4, -1))
    assert "The latest 200 of 205" in text(page)
    assert 'href="events.csv"' in page


def test_times_are_the_brands(brand: Brand) -> None:
    track(brand, "u1", event="x", timestamp="2024-07-01T22:30:00Z")
    assert "2 July 2024, 00:30" in access(brand).page


@pytest.mark.parametrize("timestamp", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_the_ends_of_the_calendar_can_be_shown(timestamp: str) -> None:
    brand = make_brand(timezone="Pacific/Kiritimati" if timestamp > "5" else "America/New_York")
    identify(brand, "u1", traits={"a": 1}, timestamp=timestamp)
    assert timestamp[:4] in access(brand).page


def test_it_uses_words_that_people_use(full: str) -> None:
    words = text(full).lower()
    for word in ("suppressed", "notrack", "subject", "identify", "eventid", "data subject"):
        assert word not in words


def test_every_kind_of_call_has_words(brand: Brand) -> None:
    assert set(KINDS) == set(Action.values) - {Action.BATCH}
    send(brand, "alias", {"userId": "u1", "previousId": "old phone"})
    said = text(access(brand).page)
    assert "Device recognised" in said
    assert "old phone" in said


def test_values_are_told_in_words(brand: Brand) -> None:
    identify(
        brand, "u1", traits={"firstName": "Ann", "newsletter": True, "address": {"city": "Bonn", "postCode": "53111"}}
    )
    words = text(access(brand).page)
    for said in ("First name Ann", "Newsletter yes", "Address City: Bonn, Post code: 53111"):
        assert said in words
