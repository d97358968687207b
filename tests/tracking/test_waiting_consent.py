"""Consent of a device waits for its link (contract C4), and public tokens never grant (T15)."""

from typing import Any

import pytest

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.consent.models import Entry, Preference
from privacy_portal.subjects.models import ContactPoint, Subject
from privacy_portal.tracking.models import Event
from tests.factories.brands import make_brand
from tests.factories.events import identify, send

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def brand() -> Brand:
    return make_brand()


def state(brand: Brand, user_id: str = "u1") -> dict[str, bool]:
    subject = Subject.objects.of(brand, user_id).get()
    return {name: held.subscribed for name, held in Preference.objects.of(subject.pk).items()}


def link(brand: Brand, user_id: str = "u1", kind: str = TokenKind.SERVER) -> Any:
    return send(brand, "screen", {"userId": user_id, "anonymousId": "a1"}, kind)


def test_it_is_applied_when_the_link_arrives(brand: Brand) -> None:
    event_id = identify(brand, anonymousId="a1", channels={"email": True, "sms": False})
    assert not Preference.objects.exists()
    link(brand)
    assert state(brand) == {"email": True, "sms": False}
    assert set(Entry.objects.values_list("event_ref", flat=True)) == {event_id}


def test_after_the_link_it_is_applied_at_once(brand: Brand) -> None:
    link(brand)
    identify(brand, anonymousId="a1", channels={"email": True})
    assert state(brand) == {"email": True}


def test_it_is_applied_once_however_often_the_link_is_seen(brand: Brand) -> None:
    identify(brand, anonymousId="a1", channels={"email": False})
    link(brand, kind=TokenKind.JS_TAG)
    identify(brand, "u1", channels={"email": True})
    link(brand)
    assert state(brand) == {"email": True}
    assert Entry.objects.count() == 2


def test_a_public_link_lets_a_device_withdraw_but_not_grant(brand: Brand) -> None:
    identify(brand, anonymousId="a1", channels={"email": True, "sms": False})
    link(brand, kind=TokenKind.JS_TAG)
    assert state(brand) == {"sms": False}
    link(brand)
    assert state(brand) == {"email": True, "sms": False}


def test_a_device_of_two_people_grants_for_neither_and_withdraws_for_both(brand: Brand) -> None:
    link(brand, "u1")
    link(brand, "u2")
    identify(brand, anonymousId="a1", channels={"email": True, "sms": False})
    assert state(brand, "u1") == state(brand, "u2") == {"sms": False}


def test_what_one_person_granted_on_a_device_is_not_granted_for_the_next(brand: Brand) -> None:
    identify(brand, anonymousId="a1", channels={"email": True})
    link(brand, "u1")
    link(brand, "u2")
    assert (state(brand, "u1"), state(brand, "u2")) == ({"email": True}, {})


@pytest.mark.parametrize("kind", [TokenKind.JS_TAG, TokenKind.MOBILE])
def test_a_public_grant_is_refused_and_named_and_a_withdrawal_taken(brand: Brand, kind: str) -> None:
    event_id = identify(brand, "u1", kind, channels={"email": True, "sms": False})
    assert state(brand) == {"sms": False}
    assert Event.objects.get(event_id=event_id).errors == [
        "traits.marketingPreferences.channels[0].subscribed must be false with a public auth-token"
    ]


def test_a_public_grant_of_a_device_is_not_granted_by_its_link_either(brand: Brand) -> None:
    identify(brand, None, TokenKind.JS_TAG, anonymousId="a1", channels={"email": True, "sms": False})
    link(brand)
    assert state(brand) == {"sms": False}


@pytest.mark.parametrize("kind", [TokenKind.JS_TAG, TokenKind.MOBILE])
def test_a_public_token_sets_no_address(brand: Brand, kind: str) -> None:
    identify(brand, "u1", kind, traits={"email": "mallory@example.com", "phone": "+1"}, channels={"sms": False})
    assert not ContactPoint.objects.exists()
    identify(brand, "u1", traits={"email": "jane@example.com"})
    assert ContactPoint.objects.at(brand, "email", "Jane@Example.com").exists()


def test_a_suppressed_person_is_granted_nothing_by_a_link(brand: Brand) -> None:
    identify(brand, anonymousId="a1", channels={"email": True})
    Subject.objects.ensure(brand, "u1")[0].suppress()
    link(brand)
    assert state(brand) == {}
