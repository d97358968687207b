"""Whatever arrives about someone who was erased stays out, however it comes (contract G10, T14)."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.consent import ledger
from privacy_portal.consent.decision import Verdict
from privacy_portal.consent.ledger import Change, Proof
from privacy_portal.consent.models import Evidence, Preference, Source
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.preferences.record import Wish, record_consent
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import ContactPoint, Subject
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.store.write import write_group
from privacy_portal.upstream.models import IdentifyUpdate
from regulations.models import RegulationStatus
from tests.factories.brands import make_brand
from tests.factories.events import identify, request, send, track
from tests.factories.regulations import DPO, ask, carry_out
from tests.factories.updates import announce, make_due, workers
from tests.upstream.server import Upstream, held_until, json_answer
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]
CHANNEL = {"channel": "email", "subscribed": True}
LATE: dict[str, dict[str, Any]] = {
    "late": {},
    "with the messageId of before": {"messageId": "m-1"},
    "with another messageId": {"messageId": "m-2"},
    "historical": {"timestamp": "2001-01-01T00:00:00Z"},
    "future-dated": {"timestamp": "2090-01-01T00:00:00Z"},
    "from their device": {"anonymousId": "d-1"},
    "from another device": {"anonymousId": "d-2"},
}


@pytest.fixture
def brand(upstream: Upstream) -> Brand:
    brand = make_brand(upstream_url=upstream.url, upstream_token="their-token")
    identify(brand, "u1", anonymousId="d-1", messageId="m-1", channels=[CHANNEL], traits={"email": "ann@example.com"})
    return brand


def erase(brand: Brand) -> None:
    assert carry_out(ask(brand, "suppress_and_delete", "u1")).status == RegulationStatus.FINISHED


def assert_nobody_is_back() -> None:
    assert not Event.objects.exclude(body=None).exclude(action="batch").exists()
    assert Subject.objects.get().clear_user_id is None
    assert not ContactPoint.objects.exists()
    assert not Evidence.objects.exists()
    assert not Preference.objects.filter(subscribed=True).exists()


def test_events_of_every_time_and_messageid_stay_out(brand: Brand) -> None:
    erase(brand)
    for more in LATE.values():
        identify(brand, "u1", channels=[CHANNEL], **{**more, "traits": {"email": "ann@example.com"}})
        track(brand, "u1", **more)
        send(brand, "batch", {"batch": [{"type": "page", "userId": "u1", **more}]})
    for device in ("d-1", "d-2"):
        track(brand, None, anonymousId=device)
    assert_nobody_is_back()


def test_what_was_queued_before_the_erasure_and_is_written_after_it_stays_out(brand: Brand) -> None:
    """Received and checked, but not yet taken by the writer when the erasure was answered, and when it ended."""
    queued = [request(brand, "track", {"event": "Bought", "userId": "u1"}) for _ in range(2)]
    asked = ask(brand, "suppress_and_delete", "u1")
    write_group(queued[:1])
    assert carry_out(asked).status == RegulationStatus.FINISHED
    write_group(queued[1:])
    assert_nobody_is_back()


@pytest.mark.parametrize("sticky", [True, False])
def test_an_import_of_preferences_stays_out(brand: Brand, sticky: bool) -> None:
    """Also where withdrawals yield to later grants, and with evidence from before or after."""
    brand.configure({"sticky_withdrawal": sticky}, DPO)
    erase(brand)
    now = timezone.now()
    subject = Subject.objects.get()
    proofs = (None, Proof(now - timedelta(days=400), "form", "Yes"), Proof(now + timedelta(days=1), "form", "Yes"))
    imported = [
        Change(subject.pk, name, True, Source.IMPORT, now, now + timedelta(days=days), proof=proof)
        for name in ("email", "sms", "a channel of tomorrow")
        for days in (-400, 0, 400)
        for proof in proofs
    ]
    assert set(ledger.record(imported, sticky=sticky)) == {Verdict.KEPT_OUT}
    off = Change(subject.pk, "a channel of tomorrow", False, Source.IMPORT, now, proof=proofs[1])
    assert ledger.record([off], sticky=sticky) == [Verdict.TAKEN], "a withdrawal is recorded, without its evidence"
    with pytest.raises(Conflict):
        record_consent(subject, [Wish("email", True)], Source.STAFF, DPO, now)
    assert_nobody_is_back()


def test_an_update_under_way_ends_before_the_person_is_forgotten(brand: Brand, upstream: Upstream) -> None:
    """Those of before are told to the upstream in order; then nothing about the person is sent any more."""
    release = threading.Event()
    upstream.answers = [held_until(release, json_answer(503, {"message": "Ann Lee is late"}))]
    before = announce(brand, "u1")
    with workers(1):
        until(lambda: upstream.messages, what="the update on its way")
        regulation = ask(brand, "suppress_and_delete", "u1")
        work_until_idle()
        assert Event.objects.exclude(body=None).count() == 0, "erased at once, whatever the upstream does"
        assert Subject.objects.get().clear_user_id == "u1", "kept while the upstream is to be told"
        release.set()
    make_due(before)
    assert carry_out(regulation).status == RegulationStatus.FINISHED
    own = regulation.steps.get(action="notify").identify_update
    assert own
    assert [message["messageId"] for message in upstream.messages] == [str(before.pk)] * 2 + [str(own.pk)]
    assert not IdentifyUpdate.objects.exclude(last_error="").exists()
    channels = [message["traits"]["marketingPreferences"]["channels"] for message in upstream.messages]
    assert CHANNEL in channels[0]
    assert not any(channel["subscribed"] for channel in (*channels[1], *channels[2]))
    assert_nobody_is_back()


def test_a_device_linked_only_later_is_gated_and_its_earlier_events_go(brand: Brand) -> None:
    for device in ("d-7", "d-8"):
        identify(brand, None, anonymousId=device, channels=[CHANNEL], traits={"email": "ann@example.com"})
    erase(brand)
    identify(brand, "u1", anonymousId="d-7", channels=[CHANNEL])
    track(brand, "u1", anonymousId="d-8", kind=TokenKind.JS_TAG)
    for device in ("d-7", "d-8"):
        assert Event.objects.get(event_id=track(brand, None, anonymousId=device)).status == "suppressed"
    assert Event.objects.exclude(body=None).count() == 1, "a public link gates, and takes nothing until it is confirmed"
    track(brand, "u1", anonymousId="d-8")
    assert_nobody_is_back()
