"""Consent of a device waits for its link (contract C4), and public tokens never grant (T15)."""

from typing import Any

import pytest

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.consent.models import Entry, Preference
from privacy_portal.subjects.models import ContactPoint, Subject
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.store.write import write_group
from tests.factories.brands import make_brand
from tests.factories.events import identify, request, send

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
    event_id = identify(brand, anonymousId="a1", channels={"email": True, "sms": False})
    assert state(brand, "u1") == state(brand, "u2") == {"sms": False}
    why = "must come with a userId: more than one person is linked to this anonymousId"
    assert Event.objects.get(event_id=event_id).errors == [f"traits.marketingPreferences.channels[0].subscribed {why}"]


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


def test_nor_by_a_link_that_is_stored_together_with_it(brand: Brand) -> None:
    traits = {"marketingPreferences": {"channels": [{"channel": "email", "subscribed": True}]}}
    granting = {"event": "identify", "anonymousId": "a1", "traits": traits}
    linking = {"userId": "u1", "anonymousId": "a1"}
    write_group([request(brand, "identify", granting, TokenKind.JS_TAG), request(brand, "screen", linking)])
    assert state(brand) == {}


def test_what_comes_together_with_the_link_is_recorded_once(brand: Brand) -> None:
    def stated(day: int, subscribed: bool) -> dict[str, Any]:
        traits = {"marketingPreferences": {"channels": [{"channel": "email", "subscribed": subscribed}]}}
        return {"type": "identify", "anonymousId": "a1", "traits": traits, "timestamp": f"2024-01-0{day}T00:00:00Z"}

    linking = {"type": "screen", "userId": "u1", "anonymousId": "a1"}
    send(brand, "batch", {"batch": [stated(1, True), stated(2, False), linking]})
    assert list(Entry.objects.order_by("id").values_list("subscribed", flat=True)) == [True, False]
    assert state(brand) == {"email": False}


@pytest.mark.parametrize("kind", [TokenKind.JS_TAG, TokenKind.SERVER])
def test_a_channel_unknown_when_it_came_stays_without_effect(brand: Brand, kind: str) -> None:
    brand.configure({"channels": "email,sms"}, COMMAND)
    identify(brand, None, kind, anonymousId="a1", channels={"push": True, "email": False})
    brand.configure({"channels": "email,sms,push"}, COMMAND)
    link(brand)
    assert state(brand) == {"email": False}


def test_what_is_wrong_is_told_in_proportion_and_what_is_not_told_grants_nothing(brand: Brand) -> None:
    many = [{"channel": "email", "subscribed": wanted} for wanted in [True] * 50 + [False]]
    event_id = identify(brand, None, TokenKind.JS_TAG, anonymousId="a1", channels=many)
    errors = Event.objects.get(event_id=event_id).errors
    assert errors[0] == "traits.marketingPreferences.channels[0].subscribed must be false with a public auth-token"
    assert errors[-1] == "and more"
    assert sum(map(len, errors)) < 2_100
    link(brand)
    assert list(Entry.objects.values_list("channel", "subscribed")) == [("email", False)]


def test_a_list_longer_than_any_brand_has_channels_is_refused_as_a_whole(brand: Brand) -> None:
    event_id = identify(brand, "u1", channels=[{"channel": "email", "subscribed": True}] * 101)
    assert Event.objects.get(event_id=event_id).errors == [
        "traits.marketingPreferences.channels must have at most 100 entries"
    ]
    assert state(brand) == {}


def test_a_list_that_was_refused_as_a_whole_stays_without_effect(brand: Brand) -> None:
    event_id = identify(brand, anonymousId="a1", channels=[{"channel": "email", "subscribed": False}] * 101)
    link(brand)
    assert state(brand) == {}
    Event.objects.filter(event_id=event_id).update(errors=None)  # as before there was a limit
    link(brand, "u2")
    assert state(brand, "u2") == {"email": False}


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


CHANNELS = {"email": False, "sms": False}
A_CROWD = "must come with a userId: more than 20 people are linked to this anonymousId"


def crowd(brand: Brand, people: int, kind: str = TokenKind.JS_TAG, first: int = 1) -> None:
    calls = [{"type": "screen", "userId": f"u{n}", "anonymousId": "a1"} for n in range(first, first + people)]
    send(brand, "batch", {"batch": calls}, kind)


def withdraw(brand: Brand) -> list[str] | None:
    """What the event's `errors` say of a withdrawal by the device."""
    event_id = identify(brand, None, TokenKind.JS_TAG, anonymousId="a1", channels=CHANNELS)
    return Event.objects.get(event_id=event_id).errors


def test_a_device_of_twenty_people_withdraws_for_all_of_them(brand: Brand) -> None:
    crowd(brand, 20)
    assert withdraw(brand) is None
    assert all(state(brand, f"u{n}") == CHANNELS for n in range(1, 21))


def test_a_device_of_more_people_withdraws_for_nobody_and_says_so(brand: Brand) -> None:
    """Anyone can link thousands to a device, and each would add rows to the ledger for good (contract T15, C4)."""
    crowd(brand, 21)
    assert withdraw(brand) == [f"traits.marketingPreferences.channels[{n}].subscribed {A_CROWD}" for n in (0, 1)]
    assert not Entry.objects.exists()
    identify(brand, "u1", TokenKind.JS_TAG, anonymousId="a1", channels=CHANNELS)
    assert state(brand) == CHANNELS, "a call with a userId speaks for that person"


def test_strangers_who_crowd_a_device_cannot_silence_whose_it_is(brand: Brand) -> None:
    link(brand, "u1")
    crowd(brand, 50, first=2)
    assert withdraw(brand) == [f"traits.marketingPreferences.channels[{n}].subscribed {A_CROWD}" for n in (0, 1)]
    assert state(brand) == CHANNELS
    assert Entry.objects.count() == 2, "nobody else's"


def test_a_device_confirmed_to_belong_to_a_crowd_withdraws_for_nobody(brand: Brand) -> None:
    crowd(brand, 21, TokenKind.SERVER)
    assert withdraw(brand) is not None
    assert not Entry.objects.exists()


@pytest.mark.parametrize("kind", [TokenKind.JS_TAG, TokenKind.SERVER])
def test_what_a_device_stated_is_not_applied_to_a_crowd_that_arrives(brand: Brand, kind: str) -> None:
    withdraw(brand)
    crowd(brand, 21, kind)
    assert not Entry.objects.exists()


def test_a_thousand_withdrawals_of_a_device_are_two_for_each_of_its_people_at_most(brand: Brand) -> None:
    """Late ones are history, of which each would be a row for each of them."""

    def calls(year: int) -> list[dict[str, Any]]:
        channels = [{"channel": "email", "subscribed": False}] * 2
        return [
            {
                "type": "identify", "anonymousId": "a1", "timestamp": f"{year}-01-01T00:{n // 60:02}:{n % 60:02}Z",
                "traits": {"marketingPreferences": {"channels": channels}},
            }
            for n in range(1000)
        ]  # fmt: skip

    for user in ("u1", "u2", "u3"):
        identify(brand, user, channels={"email": True})
    send(brand, "batch", {"batch": calls(2001)}, TokenKind.JS_TAG)  # waits for the links
    crowd(brand, 2)
    assert Entry.objects.filter(subscribed=False).count() == 2 * 2
    send(brand, "batch", {"batch": calls(2001)}, TokenKind.JS_TAG)
    assert Entry.objects.filter(subscribed=False).count() == 2 * 2, "said before"
    send(brand, "batch", {"batch": calls(2002)}, TokenKind.JS_TAG)
    assert Entry.objects.filter(subscribed=False).count() == 2 * 4
    assert state(brand, "u1") == state(brand, "u3") == {"email": True}, "granted later than that"


def test_the_last_of_a_device_s_withdrawals_counts_however_many_came_before(brand: Brand) -> None:
    days = (1, 2, 9, 3, 4)
    for day in days:
        identify(brand, anonymousId="a1", channels={"email": False}, timestamp=f"2026-05-{day:02}T00:00:00Z")
    identify(brand, "u1", channels={"email": True}, timestamp="2026-05-05T00:00:00Z")
    link(brand)
    assert state(brand) == {"email": False}, "withdrawn on the ninth"
