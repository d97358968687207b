"""The rules of consent, one by one (contract C1–C3)."""

from datetime import UTC, datetime, timedelta

import pytest

from privacy_portal.consent.decision import State, Verdict, Wish, decide
from privacy_portal.consent.models import Source

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
LATER, EARLIER = NOON + timedelta(hours=1), NOON - timedelta(hours=1)
STANDING = [source for source in Source if source not in (Source.IDENTIFY, Source.IMPORT)]


def off(source: Source) -> State:
    return State(False, NOON, source)


def test_the_first_entry_is_a_change_even_when_it_is_a_withdrawal() -> None:
    assert decide(None, Wish(False, NOON, Source.IDENTIFY), sticky=True) is Verdict.TAKEN


def test_the_same_state_again_is_no_entry() -> None:
    on = State(True, NOON, Source.IDENTIFY)
    assert decide(on, Wish(True, LATER, Source.IDENTIFY), sticky=True) is Verdict.REPEAT


def test_what_happened_earlier_is_recorded_without_effect() -> None:
    on = State(True, NOON, Source.IDENTIFY)
    assert decide(on, Wish(False, EARLIER, Source.IDENTIFY), sticky=True) is Verdict.RECORDED


def test_at_equal_times_the_withdrawal_wins() -> None:
    assert decide(State(True, NOON, Source.IDENTIFY), Wish(False, NOON, Source.IDENTIFY), sticky=True) is Verdict.TAKEN
    assert decide(off(Source.IDENTIFY), Wish(True, NOON, Source.IDENTIFY), sticky=True) is Verdict.RECORDED


@pytest.mark.parametrize("source", STANDING)
@pytest.mark.parametrize("by", [Source.IDENTIFY, Source.IMPORT, Source.STAFF, Source.API])
def test_a_standing_withdrawal_is_not_lifted_by_others(source: Source, by: Source) -> None:
    assert decide(off(source), Wish(True, LATER, by), sticky=True) is Verdict.CLAIMED


@pytest.mark.parametrize("source", STANDING)
def test_the_person_lifts_it_themselves(source: Source) -> None:
    assert decide(off(source), Wish(True, LATER, Source.PREFERENCE_CENTRE), sticky=True) is Verdict.TAKEN


@pytest.mark.parametrize("source", STANDING)
def test_evidence_collected_afterwards_lifts_it(source: Source) -> None:
    assert decide(off(source), Wish(True, LATER, Source.API, proved_at=LATER), sticky=True) is Verdict.TAKEN


@pytest.mark.parametrize("collected", [EARLIER, NOON])
def test_evidence_collected_before_it_does_not(collected: datetime) -> None:
    assert decide(off(Source.ONE_CLICK), Wish(True, LATER, Source.API, collected), sticky=True) is Verdict.CLAIMED


@pytest.mark.parametrize("source", [Source.IDENTIFY, Source.IMPORT])
def test_a_withdrawal_by_a_system_yields_to_a_later_grant(source: Source) -> None:
    assert decide(off(source), Wish(True, LATER, Source.IDENTIFY), sticky=True) is Verdict.TAKEN


def test_without_stickiness_every_withdrawal_yields() -> None:
    assert decide(off(Source.ONE_CLICK), Wish(True, LATER, Source.IDENTIFY), sticky=False) is Verdict.TAKEN


def test_the_person_s_own_no_stands_where_a_system_s_did_not() -> None:
    assert decide(off(Source.IDENTIFY), Wish(False, LATER, Source.ONE_CLICK), sticky=True) is Verdict.TAKEN
    assert decide(off(Source.ONE_CLICK), Wish(False, LATER, Source.IDENTIFY), sticky=True) is Verdict.REPEAT
    assert decide(off(Source.ONE_CLICK), Wish(False, LATER, Source.REGULATION, anew=True), sticky=True) is Verdict.TAKEN
    assert decide(off(Source.ONE_CLICK), Wish(False, NOON, Source.REGULATION, anew=True), sticky=True) is Verdict.REPEAT
