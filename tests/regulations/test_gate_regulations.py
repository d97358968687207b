"""Suppress, Unsuppress, NoTrack and Track: what they do at once, and what they tell the upstream."""

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.consent import ledger
from privacy_portal.consent.ledger import Change
from privacy_portal.consent.models import Entry, Preference, Source
from privacy_portal.subjects.models import Subject
from privacy_portal.tracking.models import Event
from regulations.models import RegulationStatus, StepStatus
from tests.factories.brands import make_brand
from tests.factories.events import identify, track
from tests.factories.regulations import DPO, ask, begin, carry_out
from tests.upstream.server import Upstream, json_answer

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def status_of(event_id: object) -> str:
    return Event.objects.get(event_id=event_id).status


def test_suppress_closes_the_gate_in_its_answer(brand: Brand) -> None:
    ask(brand, "suppress", "u1")
    gated = Event.objects.get(event_id=identify(brand, "u1", traits={"email": "ann@example.com"}))
    assert (gated.status, gated.body, gated.subject_key, gated.timestamp) == ("suppressed", None, None, None)


def test_suppress_withdraws_every_channel_in_its_answer(brand: Brand) -> None:
    identify(brand, "u1", channels={"email": True, "sms": True})
    regulation = ask(brand, "suppress", "u1")
    held = Preference.objects.of(regulation.subject_id)
    assert {name: (state.subscribed, state.source) for name, state in held.items()} == dict.fromkeys(
        brand.channel_names, (False, "regulation")
    )


def test_suppress_tells_the_upstream_with_every_channel_off(brand: Brand, upstream: Upstream) -> None:
    regulation = carry_out(ask(brand, "suppress", "u1"))
    assert regulation.status == RegulationStatus.FINISHED
    (message,) = upstream.messages
    step = regulation.steps.get()
    assert message["userId"] == "u1"
    assert message["event"] == "identify"
    assert message["messageId"] == str(step.identify_update_id)
    assert message["traits"]["regulation"] == {"type": "suppress", "id": str(regulation.pk), "status": "running"}
    assert message["traits"]["marketingPreferences"]["channels"] == [
        {"channel": name, "subscribed": False} for name in brand.channel_names
    ]
    assert upstream.tokens == ["their-token"]
    assert step.event_id == step.identify_update.event_ref != ""
    assert step.result == "notified"


def test_unsuppress_opens_the_gate_and_resurrects_no_consent(brand: Brand, upstream: Upstream) -> None:
    identify(brand, "u1", channels={"email": True})
    carry_out(ask(brand, "suppress", "u1"))
    regulation = ask(brand, "unsuppress", "u1")
    assert status_of(track(brand, "u1")) == "suppressed", "nothing opens before it is running"
    carry_out(regulation)
    assert status_of(track(brand, "u1")) == "stored"
    assert not Preference.objects.filter(subscribed=True).exists()
    assert upstream.messages[-1]["traits"] == {
        "regulation": {"type": "unsuppress", "id": str(regulation.pk), "status": "running"}
    }


@pytest.mark.parametrize("before", [None, Source.ONE_CLICK, Source.REGULATION])
def test_no_evidence_from_before_a_suppress_lifts_what_it_withdrew(brand: Brand, before: Source | None) -> None:
    """Whether a withdrawal stood already or not: the last one counts (contract C3)."""
    subject = Subject.objects.ensure(brand, "u1")[0]
    if before:
        ledger.record([Change(subject.pk, "email", False, before, timezone.now())], sticky=True)
    collected = timezone.now()
    carry_out(ask(brand, "suppress", "u1"))
    carry_out(ask(brand, "unsuppress", "u1"))
    for at, holds in ((collected, False), (timezone.now(), True)):
        proof = {"collectedAt": at.isoformat(), "source": "a form", "wording": "Yes"}
        identify(brand, "u1", channels=[{"channel": "email", "subscribed": True, "evidence": proof}])
        assert Preference.objects.of(subject.pk)["email"].subscribed is holds


def test_an_erasure_of_who_is_suppressed_adds_nothing_to_the_ledger(brand: Brand) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    entries = Entry.objects.count()
    carry_out(ask(brand, "suppress_and_delete", "u1"))
    assert Entry.objects.count() == entries


@pytest.mark.parametrize("by", ["the start", "a worker"])
def test_only_one_that_changed_channels_tells_them(brand: Brand, upstream: Upstream, by: str) -> None:
    """By a worker: where a step has no update yet that could be sent again."""
    for type_value in ("suppress", "suppress_and_delete"):
        regulation = ask(brand, type_value, "u1")
        assert by == "the start" or begin(regulation)
        assert carry_out(regulation).status == RegulationStatus.FINISHED
    told = [(message["traits"]["regulation"]["type"], sorted(message["traits"])) for message in upstream.messages]
    assert told == [("suppress", ["marketingPreferences", "regulation"]), ("suppress_and_delete", ["regulation"])]


def test_what_the_upstream_refused_to_hear_of_channels_the_next_one_tells(brand: Brand, upstream: Upstream) -> None:
    """After the erasure nobody could tell it any more that this person wants no marketing."""
    upstream.answers = [json_answer(400, {"message": "no"})]
    carry_out(ask(brand, "suppress", "u1"))
    assert carry_out(ask(brand, "delete", "u1")).status == RegulationStatus.FINISHED
    channels = upstream.messages[-1]["traits"]["marketingPreferences"]["channels"]
    assert len(channels) == 5
    assert {channel["subscribed"] for channel in channels} == {False}


@pytest.mark.parametrize("has_update", [True, False])
def test_a_retry_tells_the_channels_that_the_regulation_changed(
    brand: Brand, upstream: Upstream, has_update: bool
) -> None:
    upstream.answers = [json_answer(400, {"message": "no"})]
    regulation = carry_out(ask(brand, "suppress_and_delete", "u1"))
    assert regulation.status == RegulationStatus.PARTIAL
    if not has_update:
        regulation.steps.update(identify_update=None)
    regulation.retry(DPO)
    assert carry_out(regulation).status == RegulationStatus.FINISHED
    first, again = (message["traits"]["marketingPreferences"]["channels"] for message in upstream.messages)
    assert first == again
    assert {channel["subscribed"] for channel in again} == {False}


def test_no_track_narrows_the_gate_and_leaves_channels_alone(brand: Brand, upstream: Upstream) -> None:
    identify(brand, "u1", channels={"email": True})
    regulation = ask(brand, "no_track", "u1")
    assert status_of(track(brand, "u1")) == "not_tracked"
    assert status_of(identify(brand, "u1")) == "stored"
    carry_out(regulation)
    assert "marketingPreferences" not in upstream.messages[-1]["traits"]
    assert Preference.objects.of(regulation.subject_id)["email"].subscribed


def test_track_widens_the_gate_again(brand: Brand) -> None:
    carry_out(ask(brand, "no_track", "u1"))
    assert carry_out(ask(brand, "track", "u1")).status == RegulationStatus.FINISHED
    assert status_of(track(brand, "u1")) == "stored"


@pytest.mark.parametrize(("opening", "closing", "again"), [
    ("unsuppress", "suppress", "suppress"), ("unsuppress", "suppress", "suppress_and_delete"),
    ("track", "no_track", "no_track"),
])  # fmt: skip
def test_a_closing_one_cancels_an_open_opening_one(brand: Brand, opening: str, closing: str, again: str) -> None:
    carry_out(ask(brand, closing, "u1"))
    opened = ask(brand, opening, "u1")
    closed = carry_out(ask(brand, again, "u1"))
    opened.refresh_from_db()
    assert opened.status == RegulationStatus.CANCELLED
    assert closed.status == RegulationStatus.FINISHED
    subject = Subject.objects.get(pk=closed.subject_id)
    assert subject.no_track if closing == "no_track" else subject.suppressed


def test_a_delete_cancels_an_unsuppress_that_has_not_opened_the_gate(brand: Brand) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    opening, erasing = ask(brand, "unsuppress", "u1"), ask(brand, "delete", "u1")
    assert carry_out(erasing).status == RegulationStatus.FINISHED
    assert carry_out(opening).status == RegulationStatus.CANCELLED
    assert Subject.objects.get().suppressed


def test_a_closing_one_still_wins_over_an_opening_one_that_has_begun(brand: Brand) -> None:
    carry_out(ask(brand, "suppress", "u1"))
    opening = ask(brand, "unsuppress", "u1")

    assert begin(opening)
    ask(brand, "suppress", "u1")
    assert Subject.objects.get().suppressed
    opening.refresh_from_db()
    assert opening.status == RegulationStatus.CANCELLED
    carry_out(opening)
    assert Subject.objects.get().suppressed
    assert not opening.steps.exclude(status__in=[StepStatus.WAITING]).exists(), "a cancelled one does nothing more"


def test_a_channel_that_the_brand_has_no_more_is_withdrawn_as_well(upstream: Upstream) -> None:
    brand = make_brand(upstream_url=upstream.url, channels="email,fax")
    identify(brand, "u1", channels={"email": True, "fax": True})
    brand.configure({"channels": "email,sms"}, DPO)
    carry_out(ask(brand, "suppress", "u1"))
    told = upstream.messages[0]["traits"]["marketingPreferences"]["channels"]
    assert {entry["channel"]: entry["subscribed"] for entry in told} == {"email": False, "fax": False, "sms": False}
