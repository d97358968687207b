"""Recording what a person said about channels, and reading the ledger (contract A2, C1–C4)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Entry
from privacy_portal.subjects.models import Subject
from privacy_portal.timestamps import written
from privacy_portal.upstream.models import IdentifyUpdate
from tests.factories.api import Caller, pointers, refusal

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def subject(brand: Brand) -> Subject:
    return Subject.objects.ensure(brand, "u1")[0]


def say(caller: Caller, subject: Subject, *channels: Any) -> Any:
    return caller.patch(f"subjects/{subject.pk}/consents/", {"channels": list(channels)})


def wish(channel: str, subscribed: Any, **more: Any) -> dict[str, Any]:
    return {"channel": channel, "subscribed": subscribed, **more}


def states(body: dict[str, Any]) -> dict[str, bool | None]:
    return {channel["channel"]: channel["subscribed"] for channel in body["channels"]}


def test_it_is_recorded_and_announced_once(support: Caller, subject: Subject) -> None:
    answer = say(support, subject, wish("email", True), wish("sms", False))
    body = answer.json()
    assert (answer.status_code, body["errors"]) == (200, [])
    assert states(body) == {"email": True, "sms": False, "whatsapp": None, "facebook": None, "push": None}
    assert {channel["source"] for channel in body["channels"][:2]} == {"api"}
    assert IdentifyUpdate.objects.count() == 1


def test_a_repeat_changes_and_announces_nothing(support: Caller, subject: Subject) -> None:
    say(support, subject, wish("email", True))
    say(support, subject, wish("email", True))
    assert (Entry.objects.count(), IdentifyUpdate.objects.count()) == (1, 1)


def test_a_bare_grant_against_the_persons_withdrawal_is_claimed(support: Caller, subject: Subject) -> None:
    say(support, subject, wish("email", False))
    body = say(support, subject, wish("sms", True), wish("email", True)).json()
    assert (states(body)["email"], states(body)["sms"]) == (False, True)
    assert [(error["pointer"], error["code"]) for error in body["errors"]] == [("#/channels/1/subscribed", "claimed")]


def test_later_evidence_lifts_a_withdrawal(support: Caller, subject: Subject) -> None:
    say(support, subject, wish("email", False))
    evidence = {"collectedAt": written(timezone.now()), "source": "call", "wording": "May we send you news?"}
    body = say(support, subject, wish("email", True, evidence=evidence)).json()
    assert (states(body)["email"], body["errors"]) == (True, [])


def test_earlier_evidence_does_not(support: Caller, subject: Subject) -> None:
    say(support, subject, wish("email", False))
    early = written(timezone.now() - timedelta(days=1))
    evidence = {"collectedAt": early, "source": "call", "wording": "May we?"}
    assert states(say(support, subject, wish("email", True, evidence=evidence)).json())["email"] is False


def test_nothing_is_granted_to_the_suppressed(support: Caller, subject: Subject) -> None:
    subject.suppress()
    assert refusal(say(support, subject, wish("sms", False), wish("email", True))) == (409, "suppressed")
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("entry", "pointer"),
    [
        ("email", "#/channels/1"),
        (None, "#/channels/1"),
        (wish("fax", True), "#/channels/1/channel"),
        (wish("sms", "yes"), "#/channels/1/subscribed"),
        (wish("sms", 1), "#/channels/1/subscribed"),
        (wish("sms", True, evidence={"source": "x", "wording": "y"}), "#/channels/1/evidence/collectedAt"),
        (wish("sms", True, evidence={"collectedAt": "2026-01-01T00:00:00Z"}), "#/channels/1/evidence/source"),
        (wish("sms", True, evidnce={}), "#/channels/1"),
        (wish("sms", True, evidence={"collected_at": ""}), "#/channels/1/evidence"),
    ],
)
def test_one_entry_that_is_wrong_refuses_them_all(support: Caller, subject: Subject, entry: Any, pointer: str) -> None:
    assert pointer in pointers(say(support, subject, wish("email", True), entry))
    assert not Entry.objects.exists()


@pytest.mark.parametrize("body", [{}, {"channels": []}, {"channels": "email"}, {"channels": [], "x": 1}, []])
def test_it_refuses_a_body_without_entries(support: Caller, subject: Subject, body: Any) -> None:
    assert pointers(support.patch(f"subjects/{subject.pk}/consents/", body))


def test_the_ledger_is_read_newest_first_page_by_page(support: Caller, subject: Subject) -> None:
    evidence = {"collectedAt": "2026-01-01T00:00:00Z", "source": "call", "wording": "May we?"}
    say(support, subject, wish("email", True, evidence=evidence))
    say(support, subject, wish("email", False))
    say(support, subject, wish("email", True))
    first = support.get(f"subjects/{subject.pk}/consents/history/", {"limit": 2}).json()
    assert [(row["subscribed"], row["claimed"]) for row in first["results"]] == [(True, True), (False, False)]
    (oldest,) = support.get(first["next"]).json()["results"]
    assert set(oldest) == {
        "channel", "subscribed", "source", "claimed", "occurred_at", "received_at", "event_id", "wording",
        "wording_version", "evidence",
    }  # fmt: skip
    assert oldest["occurred_at"] == "2026-01-01T00:00:00Z"
    assert oldest["evidence"] == {"collected_at": "2026-01-01T00:00:00Z", "source": "call", "wording": "May we?"}
    assert first["results"][0]["evidence"] is None
