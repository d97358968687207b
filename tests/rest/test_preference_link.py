"""A link to a person's preference page (contract A2)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from privacy_portal.audit.models import Entry
from privacy_portal.brands.models import Brand
from privacy_portal.subjects.models import Subject
from tests.factories.api import Caller, pointers

pytestmark = [pytest.mark.engine, pytest.mark.django_db]


@pytest.fixture
def path(brand: Brand) -> str:
    return f"subjects/{Subject.objects.ensure(brand, 'u1')[0].pk}/preference-link/"


def test_it_answers_the_page_and_what_mail_should_carry(support: Caller, path: str) -> None:
    answer = support.post(path, {})
    body = answer.json()
    assert answer.status_code == 201
    assert set(body) == {"url", "expires_at", "headers"}
    assert body["headers"]["List-Unsubscribe"].startswith("<http")
    assert body["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert Client().get(body["url"].partition("://")[2].partition("/")[2].join(("/", ""))).status_code == 200


def test_it_needs_no_body(support: Caller, path: str) -> None:
    assert support.post(path).status_code == 201


@pytest.mark.parametrize("seconds", [60, 3600, 365 * 24 * 3600 + 1, 366 * 24 * 3600])
def test_it_lasts_as_long_as_asked(support: Caller, path: str, seconds: int) -> None:
    before = timezone.now()
    body = support.post(path, {"expires_in": seconds, "channel": "sms"}).json()
    expires_at = datetime.fromisoformat(body["expires_at"]).astimezone(UTC)
    assert before <= expires_at - timedelta(seconds=seconds) <= timezone.now()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"channel": "fax"}, "channel"), ({"channel": 1}, "channel"), ({"expires_in": 0}, "expires_in"),
     ({"expires_in": "3600"}, "expires_in"), ({"expires_in": True}, "expires_in"),
     ({"expires_in": 59}, "expires_in"), ({"expires_in": 366 * 24 * 3600 + 1}, "expires_in"),
     ({"expires_in": 10**9}, "expires_in"), ({"expires": 3600}, "expires")],
)  # fmt: skip
def test_it_refuses_what_it_cannot_make(support: Caller, path: str, body: dict[str, Any], pointer: str) -> None:
    assert pointers(support.post(path, body)) == [f"#/{pointer}"]


def test_it_is_audited_without_the_link(support: Caller, path: str) -> None:
    support.post(path, {})
    assert Entry.objects.get(action="preference_link.issued").detail == {"channel": "email"}
