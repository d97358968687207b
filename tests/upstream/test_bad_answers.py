"""What each kind of answer that is no success comes to (contract G6)."""

import json
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.durable.models import LEASE
from privacy_portal.upstream.models import IdentifyUpdate
from tests.factories.regulations import DPO
from tests.factories.updates import announce, attempt, make_due, workers
from tests.upstream import server
from tests.upstream.server import Upstream, json_answer
from tests.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True)]
NO = {"success": False, "message": "no"}


def test_a_refusal_fails_at_once_with_its_message(brand: Brand, upstream: Upstream) -> None:
    for status in (301, 302, 303, 307, 308, 400, 401, 403, 404, 413, 422):
        upstream.messages, upstream.answers = [], [json_answer(status, NO, Location=upstream.url)]
        update = attempt(announce(brand))
        assert (update.status, update.attempts, update.last_error) == ("failed", 1, f"{status} no")
        assert len(upstream.messages) == 1, "a redirect is never followed"
    assert upstream.asked == []


TROUBLE = {
    **{str(status): json_answer(status, {}) for status in (201, 429, 500, 502, 503, 504)},
    "204": json_answer(204, b""),
    "garbage": json_answer(200, b"<html>"),
    "not UTF-8": json_answer(200, b'{"eventId": "\xff"}'),
    "nested without end": json_answer(200, b"[" * 50_000),
    "too long": json_answer(200, b'{"eventId": "e-1", "x": "' + b"x" * 100_000 + b'"}'),
    "success false": json_answer(200, {"success": False, "eventId": "x"}),
    "no eventId": json_answer(200, {"success": True}),
    "an eventId that is none": json_answer(200, {"success": True, "eventId": "\x00"}),
    "a list": json_answer(200, []),
    "half a body": server.half_a_body,
    "half a chunked body": server.half_a_chunked_body,
    "hung up": server.hang_up,
    "no HTTP": server.something_else,
}


@pytest.mark.engine
def test_trouble_that_may_pass_is_tried_again_with_the_same_message_id(brand: Brand, upstream: Upstream) -> None:
    for trouble, answer in TROUBLE.items():
        upstream.messages, upstream.answers = [], [answer]
        before = timezone.now()
        update = attempt(announce(brand))
        assert (update.status, update.attempts) == ("retrying", 1), trouble
        assert timedelta(seconds=1) <= update.due_at - before
        assert update.due_at - timezone.now() <= timedelta(seconds=2)
        assert update.last_error, trouble
        make_due(update)
        assert attempt(update).status == "delivered"
        assert update.last_error == ""
        assert {message["messageId"] for message in upstream.messages} == {str(update.pk)}


def test_nothing_or_next_to_nothing_for_longer_than_the_time_out_is_tried_again(
    brand: Brand, upstream: Upstream
) -> None:
    release = threading.Event()
    by_drops = [
        server.dripping_until(release),
        server.dripping_headers_until(release, b"X-More: and more\r\n"),
        server.dripping_headers_until(release, b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"),
    ]
    upstream.answers = [server.held_until(release), *by_drops, *[json_answer(503, {})] * 9]
    began = timezone.now()
    updates = [announce(brand, f"u{number}") for number in range(4)]
    with workers(2):
        until(lambda: all(is_tried_again(update) for update in updates), 60)
    release.set()
    assert timezone.now() - began < LEASE, "so nobody else sent them meanwhile"


def is_tried_again(update: IdentifyUpdate) -> bool:
    update.refresh_from_db()
    return update.status == "retrying" and update.last_error != ""


def test_an_upstream_that_cannot_be_reached_is_tried_again(brand: Brand) -> None:
    brand.configure({"upstream_url": "http://127.0.0.1:9/"}, DPO)
    update = attempt(announce(brand))
    assert (update.status, update.last_error) == ("retrying", "ConnectError: the upstream did not answer")


def test_a_kept_alive_connection_that_was_closed_costs_no_attempt(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [server.taken_then_closed]
    attempt(announce(brand))
    until(lambda: upstream.closed == 1, what="the connection to be closed by the upstream")
    update = attempt(announce(brand))
    assert (update.status, update.attempts) == ("delivered", 1)


def test_retry_after_is_honoured_in_seconds_and_as_a_date(brand: Brand, upstream: Upstream) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=20), usegmt=True)
    for status, value, minutes in ((429, "900", 15), (503, "900", 15), (429, date, 20), (503, date, 20)):
        upstream.answers = [json_answer(status, {}, Retry_After=value)]
        now = timezone.now()
        update = attempt(announce(brand, f"{status} {value}"))
        assert update.status == "retrying"
        assert abs(update.due_at - now - timedelta(minutes=minutes)) < timedelta(seconds=20)


def test_a_retry_after_that_asks_for_no_wait_does_not_hurry_us(brand: Brand, upstream: Upstream) -> None:
    for value in ("0", "-1", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", "1e9", ""):
        upstream.always = json_answer(503, {}, Retry_After=value)  # an earlier one may be due again meanwhile
        before = timezone.now()
        assert attempt(announce(brand, f"after {value}")).due_at - before >= timedelta(seconds=1), value


@pytest.mark.parametrize(
    "value", ["9" * 5000, f"Wed, {'9' * 5000} Oct 2015 07:28:00 GMT", "Wed, 21 Oct 99999 07:28:00 GMT"]
)
def test_a_retry_after_that_nobody_can_read_is_none(brand: Brand, upstream: Upstream, value: str) -> None:
    upstream.always = json_answer(503, {}, Retry_After=value)
    before = timezone.now()
    update = attempt(announce(brand))
    assert (update.status, update.last_error) == ("retrying", "503")
    assert timedelta(seconds=1) <= update.due_at - before
    assert update.due_at - timezone.now() <= timedelta(seconds=2)


def test_waits_double_up_to_five_minutes(brand: Brand, upstream: Upstream) -> None:
    update = announce(brand)
    for attempts, at_least, at_most in ((1, 1, 2), (2, 2, 4), (5, 16, 32), (12, 300, 300), (1000, 300, 300)):
        upstream.answers = [json_answer(503, {})]
        IdentifyUpdate.objects.filter(pk=update.pk).update(attempts=attempts - 1, due_at=timezone.now())
        before = timezone.now()
        attempt(update)
        assert timedelta(seconds=at_least) <= update.due_at - before
        assert update.due_at - timezone.now() <= timedelta(seconds=at_most)


def test_it_is_given_up_after_a_day(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(503, {"message": "closed"})]
    update = announce(brand)
    IdentifyUpdate.objects.filter(pk=update.pk).update(patience_from=timezone.now() - timedelta(hours=24))
    assert attempt(update).status == "failed"
    assert update.last_error == "503 closed"


def test_the_person_s_id_is_cut_out_of_what_the_upstream_says(brand: Brand, upstream: Upstream) -> None:
    for said in ("who is ann@example.com?", "/people/ann%40example.com", "x" * 297 + "ann@example.com"):
        upstream.answers = [json_answer(400, {"message": said})]
        error = attempt(announce(brand, "ann@example.com")).last_error
        assert error.startswith("400 ")
        assert "ann" not in error


@pytest.mark.parametrize(
    ("user_id", "said"),
    [
        ("Anna\u00a0Smith", "Anna\u00a0Smith"),
        ("Anna.Smith", "anna.smith"),
        ("anna&co", "anna&amp;co"),
        ("a\tnna", "a nna"),
    ],
)
def test_so_it_is_in_whichever_form(brand: Brand, upstream: Upstream, user_id: str, said: str) -> None:
    upstream.answers = [json_answer(400, {"message": f"unknown profile {said}"})]
    assert attempt(announce(brand, user_id)).last_error == "400 unknown profile [userId]"


@pytest.mark.parametrize("ascii_only", [True, False])
def test_it_is_cut_out_of_json_that_is_quoted_back(brand: Brand, upstream: Upstream, ascii_only: bool) -> None:
    user_id = 'é"q\\Leak77'
    said = json.dumps({"userId": user_id}, ensure_ascii=ascii_only)
    upstream.answers = [json_answer(400, {"message": f"no: {said}"})]
    assert attempt(announce(brand, user_id)).last_error == '400 no: {"userId": "[userId]"}'


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("ann@example.com is locked", "[address] is locked"),
        ("email=Ann.B+c@example.com, again", "email=[address], again"),
        ('"to": <ann%40example.com>', '"to": <[address]>'),
        ("jürgen@müller.example", "[address]"),
        ("x" * 290 + " ann@example.com", "x" * 290 + " [address]"),
        ("call +4915112345678!", "call [number]!"),
        ("call (+49 (151) 123-45678) again", "call ([number]) again"),
        ("batch[0].timestamp 2026-03-05T10:00:00+01:00 @ 1+1", "batch[0].timestamp 2026-03-05T10:00:00+01:00 @ 1+1"),
    ],
)
def test_addresses_and_numbers_are_cut_out_of_what_the_upstream_says(
    brand: Brand, upstream: Upstream, said: str, kept: str
) -> None:
    upstream.answers = [json_answer(400, {"message": said})]
    assert attempt(announce(brand)).last_error == f"400 {kept}"


@pytest.mark.engine
def test_what_no_database_can_keep_is_cut_out_of_what_the_upstream_says(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(400, rb'{"message": "no\u0000thing\ud800 here\n"}')]
    assert attempt(announce(brand)).last_error == "400 no thing  here"


def test_what_waited_behind_one_that_was_given_up_is_not_tried_for_another_day(
    brand: Brand, upstream: Upstream
) -> None:
    updates = [announce(brand), announce(brand)]
    long_ago = timezone.now() - timedelta(hours=25)
    IdentifyUpdate.objects.update(due_at=long_ago, patience_from=long_ago)
    IdentifyUpdate.objects.filter(pk=updates[0].pk).update(due_at=timezone.now(), attempts=300)
    upstream.answers = [json_answer(503, {})] * 2
    assert [attempt(update).status for update in updates] == ["failed", "failed"]


def test_a_retry_after_beyond_all_years_is_none(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [
        json_answer(503, {"message": "busy"}, **{"Retry-After": "1 Jan 99999999999999999999 00:00:00 GMT"})
    ]
    assert attempt(announce(brand)).last_error == "503 busy"


@pytest.mark.engine
@pytest.mark.parametrize("attempts", [0, 3])
def test_the_time_for_which_nobody_was_there_to_try_is_not_counted(
    brand: Brand, upstream: Upstream, attempts: int
) -> None:
    """As after a portal was down for a day, or an older database was put in place."""
    long_ago = timezone.now() - timedelta(hours=25)
    update = announce(brand)
    IdentifyUpdate.objects.update(due_at=long_ago, patience_from=long_ago, attempts=attempts)
    upstream.answers = [json_answer(503, {})]
    assert attempt(update).status == "retrying"
    assert timezone.now() - update.patience_from < timedelta(minutes=1)
