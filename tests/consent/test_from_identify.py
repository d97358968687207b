"""Consent that arrives with identify calls (contract C3, C4, T14, T15)."""

from datetime import UTC, datetime

import pytest

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.consent.ledger import Change, record
from privacy_portal.consent.models import Entry, Preference, Source
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from privacy_portal.upstream.models import IdentifyUpdate
from tests.factories.brands import make_brand
from tests.factories.events import identify

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def brand() -> Brand:
    return make_brand()


def channels_of(brand: Brand, user_id: str = "u1") -> dict[str, bool]:
    subject = Subject.objects.of(brand, user_id).get()
    return {name: held.subscribed for name, held in Preference.objects.of(subject.pk).items()}


def errors_of(event_id: object) -> list[str]:
    return Event.objects.get(event_id=event_id).errors or []


def withdraw_one_click(brand: Brand, channel: str = "email") -> None:
    subject, _ = Subject.objects.ensure(brand, "u1")
    record([Change(subject.pk, channel, False, Source.ONE_CLICK, datetime.now(UTC))], sticky=True)


def test_an_identify_call_fills_the_ledger_and_announces_nothing(brand: Brand) -> None:
    event_id = identify(brand, "u1", channels={"email": True, "sms": False})
    assert channels_of(brand) == {"email": True, "sms": False}
    assert set(Entry.objects.values_list("event_ref", "source")) == {(event_id, "identify")}
    assert not IdentifyUpdate.objects.exists()


def test_a_plain_event_makes_no_subject(brand: Brand) -> None:
    identify(brand, "u1", traits={"plan": "gold"})
    assert not Subject.objects.exists()


def test_malformed_entries_change_nothing_and_are_named(brand: Brand) -> None:
    wrong = [{"channel": "email"}, {"channel": "pigeon", "subscribed": True}, "sms",
             {"channel": "push", "subscribed": "yes"},
             {"channel": "whatsapp", "subscribed": True, "evidence": {"collectedAt": "soon"}}]  # fmt: skip
    event_id = identify(brand, "u1", channels=[*wrong, {"channel": "sms", "subscribed": True}])
    assert channels_of(brand) == {"sms": True}
    at = "traits.marketingPreferences.channels"
    assert [message.split(" must")[0] for message in errors_of(event_id)] == [
        f"{at}[0].subscribed", f"{at}[1].channel", f"{at}[2]", f"{at}[3].subscribed", f"{at}[4].evidence.source",
    ]  # fmt: skip
    assert b"pigeon" in bytes(Event.objects.get(event_id=event_id).body), "the trait is stored as it was sent"


def test_a_grant_against_the_person_s_withdrawal_is_only_claimed(brand: Brand) -> None:
    withdraw_one_click(brand)
    event_id = identify(brand, "u1", channels={"email": True})
    assert channels_of(brand) == {"email": False}
    assert Entry.objects.get(claimed=True).event_ref == event_id
    assert errors_of(event_id)[0].startswith(
        "traits.marketingPreferences.channels[0].subscribed must come from the person"
    )


def test_later_evidence_lifts_it(brand: Brand) -> None:
    withdraw_one_click(brand)
    evidence = {"collectedAt": datetime.now(UTC).isoformat(), "source": "shop", "wording": "Yes"}
    event_id = identify(brand, "u1", channels=[{"channel": "email", "subscribed": True, "evidence": evidence}])
    assert channels_of(brand) == {"email": True}
    assert errors_of(event_id) == []


def test_a_public_token_withdraws_and_never_grants(brand: Brand) -> None:
    identify(brand, "u1", channels={"sms": True})
    event_id = identify(brand, "u1", kind=TokenKind.JS_TAG, channels={"email": True, "sms": False})
    assert channels_of(brand) == {"sms": False}
    assert len(errors_of(event_id)) == 1


def test_an_earlier_choice_arriving_late_is_history_only(brand: Brand) -> None:
    identify(brand, "u1", channels={"email": False}, timestamp="2026-05-02T00:00:00Z")
    identify(brand, "u1", channels={"email": True}, timestamp="2026-05-01T00:00:00Z")
    assert channels_of(brand) == {"email": False}
    assert Entry.objects.count() == 2


def test_consent_of_a_device_waits_for_its_link(brand: Brand) -> None:
    identify(brand, None, anonymousId="d1", channels={"email": True})
    assert not Entry.objects.exists()
    identify(brand, "u1", anonymousId="d1")
    assert channels_of(brand) == {"email": True}


def test_a_link_by_a_public_token_does_not_release_it(brand: Brand) -> None:
    identify(brand, None, anonymousId="d1", channels={"email": True})
    identify(brand, "u1", kind=TokenKind.JS_TAG, anonymousId="d1")
    assert not Entry.objects.exists()


def test_several_people_on_one_device_can_withdraw_but_not_grant_for_another(brand: Brand) -> None:
    for user_id in ("u1", "u2"):
        identify(brand, user_id, anonymousId="d1", channels={"sms": True})
    identify(brand, None, anonymousId="d1", channels={"email": True, "sms": False})
    assert channels_of(brand, "u1") == channels_of(brand, "u2") == {"sms": False}
