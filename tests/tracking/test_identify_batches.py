"""Thousands of people or devices in one batch, as in a nightly sync, for which everybody else's events wait."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.consent import ledger
from privacy_portal.consent.decision import GRANT_AGAINST_WITHDRAWAL
from privacy_portal.consent.ledger import Change
from privacy_portal.consent.models import Entry, Preference, Source
from privacy_portal.subjects.models import ContactPoint, Subject
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.store.consent import CHANNELS_AT
from tests.factories.brands import make_brand
from tests.factories.events import identify, send

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def brand() -> Brand:
    return make_brand()


def sync(brand: Brand, people: list[str]) -> None:
    calls = [call(who, f"{who}@example.com", channel="email", phone="+49 151 1") for who in people]
    send(brand, "batch", {"batch": calls})


def call(who: str, email: str, channel: str | None = None, **traits: Any) -> dict[str, Any]:
    if channel:
        traits["marketingPreferences"] = {"channels": [{"channel": channel, "subscribed": True}]}
    return {"type": "identify", "userId": who, "traits": {"email": email, **traits}}


def withdraw(brand: Brand, people: list[str]) -> None:
    """As they do on their pages, so that what the sync grants is only claimed, and named at each event."""
    made = [Subject.objects.ensure(brand, who)[0] for who in people]
    changes = [Change(one.pk, "email", False, Source.PREFERENCE_CENTRE, received_at=one.created_at) for one in made]
    ledger.record(changes, sticky=True)


def statements_of(do: Callable[..., Any], *what: Any) -> int:
    with CaptureQueriesContext(connection) as made:
        do(*what)
    return len(made)


def test_many_people_take_no_more_statements_than_a_few(brand: Brand) -> None:
    few, many = [f"few-{n}" for n in range(3)], [f"many-{n}" for n in range(50)]
    sync(brand, ["warm"])
    withdraw(brand, few + many)
    assert statements_of(sync, brand, many) == statements_of(sync, brand, few)
    assert Entry.objects.filter(claimed=True).count() == 53
    told = list(Event.objects.exclude(errors=None).values_list("errors", flat=True))
    assert told == [[f"{CHANNELS_AT}[0].subscribed {GRANT_AGAINST_WITHDRAWAL}"]] * 53
    assert Preference.objects.get(subscribed=True).subject == Subject.objects.of(brand, "warm").get()


def test_each_claim_is_recorded_once_however_often_it_comes(brand: Brand) -> None:
    withdraw(brand, ["u1", "u2"])
    sync(brand, ["u1", "u1", "u2"])
    sync(brand, ["u2", "u1"])
    assert Entry.objects.filter(claimed=True).count() == 2
    assert Event.objects.exclude(errors=None).count() == 5


def device_withdraws(brand: Brand, devices: list[str]) -> None:
    traits = {"marketingPreferences": {"channels": [{"channel": "email", "subscribed": False}]}}
    calls = [{"type": "identify", "anonymousId": device, "traits": traits} for device in devices]
    send(brand, "batch", {"batch": calls}, TokenKind.JS_TAG)


def device_is_linked(brand: Brand, devices: list[str]) -> None:
    calls = [{"type": "page", "event": "page", "anonymousId": device, "userId": f"of-{device}"} for device in devices]
    send(brand, "batch", {"batch": calls}, TokenKind.JS_TAG)


def test_many_devices_take_no_more_statements_than_a_few(brand: Brand) -> None:
    few, many = [f"few-{n}" for n in range(3)], [f"many-{n}" for n in range(50)]
    for act in (device_withdraws, device_is_linked, device_withdraws):
        act(brand, ["warm"])
        assert statements_of(act, brand, many) == statements_of(act, brand, few), act
    assert Entry.objects.filter(subscribed=False).count() == 54


def found(brand: Brand, email: str) -> bool:
    return ContactPoint.objects.at(brand, "email", email).exists()


def test_the_address_stated_last_counts_in_whatever_order_it_comes(brand: Brand) -> None:
    at = [f"2026-01-0{day}T00:00:00Z" for day in range(1, 6)]
    send(brand, "batch", {"batch": [
        {**call("u1", "second@example.com"), "timestamp": at[1]},
        {**call("u1", "third@example.com"), "timestamp": at[2]},
        {**call("u1", "first@example.com"), "timestamp": at[0]},
        {**call("u2", "other@example.com"), "timestamp": at[0]},
    ]})  # fmt: skip
    assert [found(brand, f"{name}@example.com") for name in ("first", "second", "third", "other")] == [
        False, False, True, True,
    ]  # fmt: skip
    identify(brand, "u1", traits={"email": "late@example.com"}, timestamp=at[1])
    assert (found(brand, "late@example.com"), found(brand, "third@example.com")) == (False, True)
    identify(brand, "u1", traits={"email": "again@example.com"}, timestamp=at[2])
    assert (found(brand, "again@example.com"), found(brand, "third@example.com")) == (True, False)
    assert ContactPoint.objects.count() == 2
