"""Identify updates over real HTTP: what is sent, and what each kind of answer comes to (contract G6)."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Subject
from privacy_portal.upstream.models import IdentifyUpdate
from tests.factories.brands import make_brand
from tests.factories.events import identify
from tests.factories.regulations import DPO
from tests.upstream.server import Upstream, hang_up, json_answer, taken

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def brand(upstream: Upstream) -> Brand:
    return make_brand(upstream_url=upstream.url, upstream_token="their-token")


def announce(brand: Brand, user_id: str = "u1") -> IdentifyUpdate:
    subject, _ = Subject.objects.ensure(brand, user_id)
    return IdentifyUpdate.objects.announce(subject, channels=True)


def attempt(update: IdentifyUpdate) -> IdentifyUpdate:
    work_until_idle()
    update.refresh_from_db()
    return update


def make_due(update: IdentifyUpdate) -> None:
    IdentifyUpdate.objects.filter(pk=update.pk).update(due_at=timezone.now())


def test_it_sends_every_channel_the_ledger_has_as_it_holds_them_at_the_attempt(
    brand: Brand, upstream: Upstream
) -> None:
    identify(brand, "u1", channels={"sms": True})
    update = announce(brand)
    identify(brand, "u1", channels={"email": False, "sms": False})
    attempt(update)
    (message,) = upstream.messages
    assert set(message) == {"userId", "event", "messageId", "traits", "timestamp"}
    assert message["traits"] == {
        "marketingPreferences": {
            "channels": [{"channel": "email", "subscribed": False}, {"channel": "sms", "subscribed": False}]
        }
    }
    assert upstream.tokens == ["their-token"]


def test_the_event_id_answered_is_recorded_and_its_status_asked(brand: Brand, upstream: Upstream) -> None:
    brand.configure({"upstream_status_url": upstream.url + "/events/{eventId}"}, DPO)
    upstream.status = json_answer(200, {"status": "stored"})
    upstream.answers = [json_answer(200, {"success": True, "eventId": "e-1"})]
    update = attempt(announce(brand))
    assert (update.status, update.event_ref, update.upstream_status) == ("delivered", "e-1", "stored")
    assert upstream.asked == ["/track/events/e-1"]


@pytest.mark.parametrize("status", [404, 405])
def test_an_upstream_that_does_not_tell_leaves_the_status_unknown(
    brand: Brand, upstream: Upstream, status: int
) -> None:
    brand.configure({"upstream_status_url": upstream.url + "/events/{eventId}"}, DPO)
    upstream.status = json_answer(status, {})
    update = attempt(announce(brand))
    assert (update.status, update.upstream_status) == ("delivered", "")


@pytest.mark.parametrize(
    ("status", "kept"), [(400, "400 no"), (403, "403 no"), (404, "404 no"), (413, "413 no"), (302, "302 no")]
)
def test_a_refusal_fails_at_once_with_its_message(brand: Brand, upstream: Upstream, status: int, kept: str) -> None:
    upstream.answers = [json_answer(status, {"success": False, "message": "no"}, Location=upstream.url)]
    update = attempt(announce(brand))
    assert (update.status, update.attempts, update.last_error) == ("failed", 1, kept)
    assert len(upstream.messages) == 1, "a redirect is never followed"


@pytest.mark.parametrize(
    "answer",
    [
        json_answer(429, {}), json_answer(500, {}), json_answer(502, {}), json_answer(503, {}), json_answer(504, {}),
        json_answer(200, b"<html>"), json_answer(200, {"success": False, "eventId": "x"}),
        json_answer(200, {"success": True}),
        json_answer(200, []), json_answer(204, b""), hang_up,
    ],
)  # fmt: skip
def test_trouble_that_may_pass_is_tried_again_with_the_same_message_id(
    brand: Brand, upstream: Upstream, answer: object
) -> None:
    upstream.answers = [answer]  # type: ignore[list-item]
    before = timezone.now()
    update = attempt(announce(brand))
    assert (update.status, update.attempts) == ("retrying", 1)
    assert timedelta(seconds=1) <= update.due_at - before <= timedelta(seconds=4)
    assert update.last_error
    make_due(update)
    assert attempt(update).status == "delivered"
    assert len({message["messageId"] for message in upstream.messages}) == 1


def test_retry_after_is_honoured_in_seconds_and_as_a_date(brand: Brand, upstream: Upstream) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=20), usegmt=True)
    for value, expected in (("900", timedelta(minutes=15)), (date, timedelta(minutes=20))):
        upstream.answers = [json_answer(503, {}, Retry_After=value)]
        update = announce(brand, f"u{value}")
        now = timezone.now()
        attempt(update)
        assert abs(update.due_at - now - expected) < timedelta(seconds=5)


def test_it_is_given_up_after_a_day(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(503, {"message": "closed"})]
    update = announce(brand)
    IdentifyUpdate.objects.filter(pk=update.pk).update(patience_from=timezone.now() - timedelta(hours=24))
    assert attempt(update).status == "failed"
    assert update.last_error == "503 closed"


def test_updates_of_one_person_go_in_order_and_others_do_not_wait(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(503, {})]
    first, second, other = announce(brand, "u1"), announce(brand, "u1"), announce(brand, "u2")
    work_until_idle()
    assert [m["messageId"] for m in upstream.messages] == [str(first.pk), str(other.pk)]
    make_due(first)
    work_until_idle()
    assert [m["messageId"] for m in upstream.messages][2:] == [str(first.pk), str(second.pk)]


def test_a_failed_one_does_not_block_the_next(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(400, {}), taken]
    first, second = announce(brand), announce(brand)
    work_until_idle()
    assert (attempt(first).status, attempt(second).status) == ("failed", "delivered")


def test_a_failed_one_can_be_sent_again_by_hand(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(400, {})]
    update = attempt(announce(brand))
    update.retry(DPO)
    assert attempt(update).status == "delivered"
    with pytest.raises(Conflict):
        update.retry(DPO)


def test_the_person_s_id_is_cut_out_of_what_the_upstream_says(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(400, {"message": "who is ann@example.com?"})]
    assert attempt(announce(brand, "ann@example.com")).last_error == "400 who is [userId]?"
