"""What a person does now counts now, though the host they came by has a clock that is behind (contract C2, C3)."""

from datetime import UTC, datetime, timedelta

import pytest

from privacy_portal.audit.models import PERSON
from privacy_portal.consent.decision import Verdict
from privacy_portal.consent.ledger import Change, record
from privacy_portal.consent.models import Preference, Source
from privacy_portal.preferences.record import Wish, record_consent
from privacy_portal.subjects.models import Subject
from tests.factories.brands import make_brand
from tests.factories.regulations import ask

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
HOUR = timedelta(hours=1)


@pytest.fixture
def subject() -> Subject:
    return Subject.objects.ensure(make_brand(), "u1")[0]


def act(subject: Subject, subscribed: bool, at: datetime) -> Verdict:
    wish = Wish("email", subscribed)
    return record_consent(subject, [wish], Source.PREFERENCE_CENTRE, PERSON, at).verdicts[0]


def wanted(subject: Subject) -> bool:
    return Preference.objects.of(subject.pk)["email"].subscribed


@pytest.mark.parametrize("first", [True, False])
def test_an_act_after_the_clock_was_set_back_takes_effect(subject: Subject, first: bool) -> None:
    now = datetime.now(UTC)
    act(subject, first, now + HOUR)
    assert act(subject, not first, now) is Verdict.TAKEN
    assert wanted(subject) is not first


def test_suppress_withdraws_what_was_granted_before_the_clock_was_set_back(subject: Subject) -> None:
    act(subject, True, datetime.now(UTC) + HOUR)
    ask(subject.brand, "suppress", "u1")
    assert not wanted(subject)


def test_what_says_when_it_occurred_still_goes_by_that(subject: Subject) -> None:
    now = datetime.now(UTC)
    act(subject, False, now)
    late = Change(subject.pk, "email", True, Source.PREFERENCE_CENTRE, now - HOUR, occurred_at=now - 2 * HOUR)
    assert record([late], sticky=True) == [Verdict.RECORDED]
    assert not wanted(subject)
