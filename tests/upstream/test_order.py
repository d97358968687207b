"""One at a time and in order for each person; nobody waits for anybody else (contract G6)."""

import threading

import pytest

from privacy_portal.brands.models import Brand
from privacy_portal.upstream.deliver import TOGETHER
from privacy_portal.upstream.models import IdentifyUpdate
from tests.factories.brands import make_brand
from tests.factories.updates import announce, attempt, make_due, workers
from tests.upstream.server import Upstream, held_until, json_answer, serve
from tests.waiting import until

pytestmark = [pytest.mark.engine, pytest.mark.django_db(transaction=True)]


def sent(upstream: Upstream) -> list[str]:
    return [message["messageId"] for message in upstream.messages]


def ids(*updates: IdentifyUpdate) -> list[str]:
    return [str(update.pk) for update in updates]


def test_one_that_is_tried_again_holds_back_the_same_person_alone(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(503, {})]
    first = attempt(announce(brand, "u1"))
    second, other = announce(brand, "u1"), attempt(announce(brand, "u2"))
    assert sent(upstream) == ids(first, other)
    make_due(first)
    attempt(first)
    assert sent(upstream)[2:] == ids(first, second)


def test_one_that_hangs_holds_back_the_same_person_alone(brand: Brand, upstream: Upstream) -> None:
    release = threading.Event()
    upstream.answers = [held_until(release)]
    stuck, behind = announce(brand, "u1"), announce(brand, "u1")
    with workers(1):
        until(lambda: sent(upstream) == ids(stuck), what="the first update on its way")
        others = [announce(brand, f"other {number}") for number in range(5)]
        attempt(behind)
        assert sorted(sent(upstream)[1:]) == sorted(ids(*others)), "all others were sent, and nothing of that person"
        release.set()
    assert sent(upstream)[-1] == str(behind.pk)
    assert set(IdentifyUpdate.objects.values_list("status", flat=True)) == {"delivered"}


def test_one_that_failed_does_not_hold_back_the_next(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(400, {})]
    first, second = announce(brand), announce(brand)
    assert (attempt(first).status, attempt(second).status) == ("failed", "delivered")
    assert sent(upstream) == ids(first, second)


def test_many_workers_keep_each_person_s_order(brand: Brand, upstream: Upstream) -> None:
    upstream.answers = [json_answer(503, {}), json_answer(400, {})] * 3
    people = [f"u{number}" for number in range(4)]
    updates = {person: [announce(brand, person) for _ in range(5)] for person in people}
    while IdentifyUpdate.objects.open().exists():
        for update in IdentifyUpdate.objects.filter(status="retrying"):
            make_due(update)
        with workers(4):
            pass
    for person in people:
        in_order = list(dict.fromkeys(m["messageId"] for m in upstream.messages if m["userId"] == person))
        assert in_order == ids(*updates[person])


@pytest.mark.postgresql  # where several claim at one time
def test_an_upstream_that_hangs_has_one_thread_wait_for_it_and_no_other_brand(upstream: Upstream, db: None) -> None:
    release = threading.Event()
    with serve() as hanging:
        hanging.always = held_until(release)
        hung, fine = make_brand(upstream_url=hanging.url), make_brand(upstream_url=upstream.url)
        for number in range(60):
            announce(hung, f"u{number}")

        def of_the_hung(status: str) -> int:
            return IdentifyUpdate.objects.filter(brand=hung, status=status).count()

        with workers(3):
            try:
                until(lambda: of_the_hung("retrying") > TOGETHER, 30, "the first time-outs")
                until(lambda: 0 < of_the_hung("sending") <= TOGETHER, 30, "one thread that goes on with it")
                attempt(announce(fine, "u1"))
                until(lambda: len(upstream.messages) == 1, 2, "the other brand's update")
                assert of_the_hung("sending") <= TOGETHER
            finally:
                release.set()
