"""Looking a person up by what a caller knows of them (contract A2)."""

from typing import Any

import pytest

from privacy_portal.audit.models import Entry
from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.subjects.models import Subject
from tests.factories.api import Caller, pointers, refusal
from tests.factories.events import identify, track

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def lookup(caller: Caller, brand: Brand, **known: Any) -> Any:
    return caller.post("subjects/lookup/", {"brand": brand.path, **known})


def test_by_user_id(support: Caller, brand: Brand) -> None:
    subject, _ = Subject.objects.ensure(brand, "u1")
    answer = lookup(support, brand, user_id="u1")
    assert (answer.status_code, answer.json()["id"]) == (200, str(subject.pk))
    assert refusal(lookup(support, brand, user_id="U1")) == (404, "not_found")


def test_someone_known_by_events_alone_is_found(support: Caller, brand: Brand) -> None:
    track(brand, "u1")
    assert not Subject.objects.exists()
    assert lookup(support, brand, user_id="u1").json()["user_id"] == "u1"


def test_nobody_is_not_found_and_not_made(support: Caller, brand: Brand) -> None:
    for known in ({"user_id": "u1"}, {"anonymous_id": "a1"}, {"email": "a@example.com"}, {"phone": "+49 1"}):
        assert refusal(lookup(support, brand, **known)) == (404, "not_found")
    assert not Subject.objects.exists()


def test_by_anonymous_id_address_and_phone(support: Caller, brand: Brand) -> None:
    identify(brand, "u1", anonymousId="a1", traits={"email": "Jane@Example.com", "phone": "+49 (30) 123"})
    for known in ({"anonymous_id": "a1"}, {"email": "jane@example.COM "}, {"phone": "+4930123"}):
        assert lookup(support, brand, **known).json()["user_id"] == "u1", known


def test_a_device_of_two_people_is_ambiguous(support: Caller, brand: Brand) -> None:
    identify(brand, "u1", anonymousId="a1")
    identify(brand, "u2", anonymousId="a1")
    assert refusal(lookup(support, brand, anonymous_id="a1")) == (409, "ambiguous")


@pytest.mark.parametrize("kind", [TokenKind.JS_TAG, TokenKind.MOBILE])
def test_a_device_that_a_public_token_linked_finds_nobody_until_a_server_call_confirms_it(
    support: Caller, brand: Brand, kind: str
) -> None:
    """Anyone can say that their device is somebody's (contract T14)."""
    identify(brand, "victim", kind, anonymousId="attacker-device")
    assert refusal(lookup(support, brand, anonymous_id="attacker-device")) == (404, "not_found")
    identify(brand, "u1", anonymousId="attacker-device")
    assert lookup(support, brand, anonymous_id="attacker-device").json()["user_id"] == "u1"
    identify(brand, "victim", anonymousId="attacker-device")
    assert refusal(lookup(support, brand, anonymous_id="attacker-device")) == (409, "ambiguous")


def test_an_address_of_two_people_is_ambiguous(support: Caller, brand: Brand) -> None:
    for user_id in ("u1", "u2"):
        identify(brand, user_id, traits={"email": "family@example.com"})
    assert refusal(lookup(support, brand, email="family@example.com")) == (409, "ambiguous")


def test_a_person_of_another_brand_is_not_found(support: Caller, brand: Brand, foreign: Brand) -> None:
    identify(foreign, "u1", anonymousId="a1", traits={"email": "jane@example.com"})
    for known in ({"user_id": "u1"}, {"anonymous_id": "a1"}, {"email": "jane@example.com"}):
        assert refusal(lookup(support, brand, **known)) == (404, "not_found")


@pytest.mark.parametrize("known", [{}, {"user_id": "u1", "email": "a@example.com"}])
def test_exactly_one_key_is_needed(support: Caller, brand: Brand, known: dict[str, str]) -> None:
    assert pointers(lookup(support, brand, **known)) == ["#"]


@pytest.mark.parametrize(
    "known", [{"user_id": ""}, {"email": 1}, {"phone": "call me"}, {"anonymous_id": "a\x00"}, {"name": "Jane"}]
)
def test_it_refuses_what_cannot_be_looked_up(support: Caller, brand: Brand, known: dict[str, Any]) -> None:
    assert pointers(lookup(support, brand, **known)) == [f"#/{next(iter(known))}"]


def test_it_is_audited_by_id(support: Caller, brand: Brand) -> None:
    subject, _ = Subject.objects.ensure(brand, "u1")
    lookup(support, brand, user_id="u1")
    entry = Entry.objects.get(action="subject.looked_up")
    assert (entry.subject_ref, entry.actor_id, entry.detail) == (subject.pk, str(support.token.pk), {"by": "user_id"})
