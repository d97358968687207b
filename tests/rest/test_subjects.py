"""Making and reading a person (contract A2)."""

from typing import Any

import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.subjects.models import Subject
from tests.factories.api import Caller, pointers
from tests.factories.events import identify
from tests.factories.regulations import ask

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def test_a_person_is_made_once(support: Caller, brand: Brand) -> None:
    first = support.post("subjects/", {"brand": brand.path, "user_id": "u1"})
    again = support.post("subjects/", {"brand": brand.path, "user_id": "u1"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first["Location"] == f"http://testserver/api/v1/subjects/{first.json()['id']}/"
    assert Subject.objects.count() == 1


def test_it_is_shown_with_every_channel_of_the_brand_in_its_order(support: Caller, brand: Brand) -> None:
    identify(brand, "u1", channels={"sms": True})
    subject = Subject.objects.get()
    body = support.get(f"subjects/{subject.pk}/").json()
    assert {name: body[name] for name in ("id", "brand", "user_id", "suppressed", "no_track", "regulations")} == {
        "id": str(subject.pk), "brand": brand.path, "user_id": "u1", "suppressed": False, "no_track": False,
        "regulations": [],
    }  # fmt: skip
    assert [channel["channel"] for channel in body["channels"]] == ["email", "sms", "whatsapp", "facebook", "push"]
    assert body["channels"][0] == {"channel": "email", "subscribed": None, "since": None, "source": None}
    assert (body["channels"][1]["subscribed"], body["channels"][1]["source"]) == (True, "identify")
    assert body["channels"][1]["since"].endswith("Z")


def test_its_regulations_are_summed_up_newest_first(support: Caller, brand: Brand) -> None:
    first, second = ask(brand, "access", "u1"), ask(brand, "suppress", "u1")
    body = support.get(f"subjects/{first.subject_id}/").json()
    assert [row["id"] for row in body["regulations"]] == [str(second.pk), str(first.pk)]
    assert set(body["regulations"][0]) == {"id", "type", "status", "created_at"}
    assert body["suppressed"]


def test_one_erased_has_no_user_id(support: Caller, brand: Brand) -> None:
    subject, _ = Subject.objects.ensure(brand, "u1")
    subject.forget(subject.created_at)
    answer = support.post("subjects/", {"brand": brand.path, "user_id": "u1"})
    assert (answer.status_code, answer.json()["user_id"]) == (200, None)


@pytest.mark.parametrize(
    "body", [{}, {"user_id": "u1"}, {"brand": "a/b/C"}, {"brand": "a/b/C", "user_id": "u", "x": 1}]
)
def test_it_refuses_what_it_cannot_read(support: Caller, body: Any) -> None:
    assert pointers(support.post("subjects/", body))
