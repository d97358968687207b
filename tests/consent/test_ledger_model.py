"""Random changes from every source: what is live equals what the ledger alone rebuilds, and a plain model."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy_portal.consent.decision import Verdict
from privacy_portal.consent.ledger import Change, Proof, rebuild, record
from privacy_portal.consent.models import Entry, Preference, Source
from privacy_portal.subjects.models import Subject
from tests.factories.brands import make_brand

START = datetime(2026, 1, 1, tzinfo=UTC)
minutes = st.integers(0, 30)
wishes = st.lists(
    st.tuples(
        st.sampled_from(["email", "sms"]), st.booleans(), st.sampled_from(list(Source)), minutes,
        st.none() | minutes,
    ),
    max_size=12,
)  # fmt: skip


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes, st.booleans())
def test_preferences_follow_from_the_ledger_alone(
    drawn: list[tuple[str, bool, Source, int, int | None]], sticky: bool
) -> None:
    brand = make_brand()
    subject, _ = Subject.objects.ensure(brand, "u1")
    last_no: dict[str, int] = {}
    for received, (channel, subscribed, source, occurred, proved) in enumerate(drawn):
        at = START + timedelta(minutes=received * 5)
        proof = None if proved is None else Proof(START + timedelta(minutes=proved), "form", "Yes")
        # A person acts at the moment we hear of it; only systems speak of the past.
        occurred_at = START + timedelta(minutes=occurred) if source.is_yielding else at
        with transaction.atomic():
            change = Change(subject.pk, channel, subscribed, source, at, occurred_at, proof=proof)
            (verdict,) = record([change], sticky=sticky)
        # Saying no again adds no entry (C1), so evidence counts against the first of several.
        if not subscribed and not source.is_yielding and verdict is not Verdict.REPEAT:
            last_no[channel] = received
    live = {
        name: (held.subscribed, held.since, held.source) for name, held in Preference.objects.of(subject.pk).items()
    }
    assert not rebuild(subject)
    Preference.objects.filter(subject=subject).delete()
    rebuild(subject)
    assert live == {n: (h.subscribed, h.since, h.source) for n, h in Preference.objects.of(subject.pk).items()}
    for channel, position in last_no.items():
        assert _was_lifted_rightly(subject, channel, START + timedelta(minutes=position * 5), sticky)


def _was_lifted_rightly(subject: Subject, channel: str, said_no_at: datetime, sticky: bool) -> bool:
    """Still off; or on by the person, or by evidence collected since; or the brand does not hold them sticky."""
    held = Preference.objects.of(subject.pk)[channel]
    proof = getattr(held.entry, "evidence", None)
    proved = proof is not None and proof.collected_at > said_no_at
    return not sticky or not held.subscribed or held.source == Source.PREFERENCE_CENTRE or proved


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_a_nightly_sync_that_repeats_its_claim_adds_one_entry() -> None:
    brand = make_brand()
    subject, _ = Subject.objects.ensure(brand, "u1")
    record([Change(subject.pk, "email", False, Source.ONE_CLICK, START)], sticky=True)
    for night in range(1, 4):
        record([Change(subject.pk, "email", True, Source.IDENTIFY, START + timedelta(days=night))], sticky=True)
    assert Entry.objects.filter(subject=subject, claimed=True).count() == 1
    assert not Preference.objects.get(subject=subject).subscribed


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_one_that_repeats_what_a_later_withdrawal_has_overtaken_adds_one_entry_too() -> None:
    subject, _ = Subject.objects.ensure(make_brand(), "u1")
    record([Change(subject.pk, "email", False, Source.IDENTIFY, START)], sticky=True)
    long_ago = START - timedelta(days=400)
    for night in range(1, 4):
        tonight = START + timedelta(days=night)
        sync = Change(subject.pk, "email", True, Source.IDENTIFY, tonight, occurred_at=long_ago)
        record([sync, sync], sticky=True)
    assert Entry.objects.filter(subject=subject, subscribed=True).count() == 1
    assert rebuild(subject) is False
