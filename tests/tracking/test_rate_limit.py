"""One bucket for each auth-token (contract T3, 429)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.tracking.buckets import FileBuckets, admit
from tests.tracking.caller import Caller, issue, message_of, track


def drawn(rate: int, burst: int, times: list[float]) -> Iterator[int]:
    full_at = 0.0
    for now in times:
        full_at, wait = admit(full_at, now, rate, burst)
        yield wait


def test_a_burst_passes_then_one_at_a_time_with_the_seconds_to_wait() -> None:
    waits = list(drawn(100, 500, [1000.0] * 501 + [1000.01, 1000.01]))
    assert waits == [0] * 500 + [1, 0, 1]
    assert list(drawn(1, 1, [0.0, 0.0, 0.6, 1.0])) == [0, 1, 1, 0]


def test_the_wait_is_whole_seconds_rounded_up() -> None:
    full_at, wait = admit(1000 + 500 / 2, 1000.0, 2, 500)
    assert (full_at, wait) == (1250, 1)


def test_a_clock_that_went_back_shuts_nobody_out() -> None:
    full_at, _ = admit(0.0, 1_000_000.0, 100, 500)
    assert list(drawn(100, 500, [1_000_000.0] * 500 + [10.0]))[-1] <= 1
    assert admit(full_at, 10.0, 100, 500)[1] <= 1
    held, _ = admit(full_at, 10.0, 100, 500)
    assert admit(held, 10.02, 100, 500)[1] == 0, "it fills as ever"


@pytest.mark.parametrize("rate", range(1, 101))
def test_one_at_a_time_passes_at_any_rate(rate: int) -> None:
    """So long after 1970 the parts of a second are not exact."""
    now = 1_796_000_000.3
    full_at, wait = admit(0.0, now, rate, 1)
    assert wait == 0
    assert admit(full_at, now, rate, 1)[1] == 1
    assert admit(full_at, now + 1 / rate + 0.001, rate, 1)[1] == 0


@given(st.lists(st.floats(0, 3), min_size=1, max_size=300), st.integers(1, 20), st.integers(1, 20))
def test_no_more_than_burst_and_rate_ever_pass(gaps: list[float], rate: int, burst: int) -> None:
    now, times = 0.0, []
    for gap in gaps:
        now += gap / 10
        times.append(now)
    passed = sum(not wait for wait in drawn(rate, burst, times))
    assert passed <= burst + rate * (times[-1] - times[0]) + 1


@pytest.mark.engine
def test_the_door_says_when_to_come_back(door: Caller, brand: Brand) -> None:
    token = issue(brand, rate=1, burst=3)
    for _ in range(3):
        door.taken("track", track(), token)
    answer = door.post("track", track(), token)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert message_of(answer) == "requests must stay within the token's rate"


@pytest.mark.engine
def test_what_is_refused_later_takes_one_too_and_a_foreign_brand_none(door: Caller, brand: Brand) -> None:
    token = issue(brand, rate=1, burst=2)
    assert door.request("POST", "/track/acme/acme/NOPE/v1/track", b"{}", token).status_code == 403
    assert [door.post("batch", b"{", token).status_code for _ in range(3)] == [400, 400, 429]


@pytest.mark.engine
def test_asking_for_a_status_takes_none(door: Caller, brand: Brand) -> None:
    token = issue(brand, TokenKind.SERVER, rate=1, burst=1)
    event_id = door.taken("track", track(), token)
    assert {door.status(event_id, token).status_code for _ in range(5)} == {200}


def test_processes_share_one_file(door: Caller, tmp_path: Path) -> None:
    buckets = [FileBuckets(tmp_path / "buckets") for _ in range(2)]
    waits = [door.run(buckets[turn % 2].take(7, 1, 4)) for turn in range(5)]
    assert [bool(wait) for wait in waits] == [False] * 4 + [True]
    assert not door.run(buckets[0].take(100_000, 1, 1)), "a token of a high number makes the file grow"


def test_requests_pass_and_are_counted_when_the_store_is_down(door: Caller) -> None:
    buckets = FileBuckets(Path("/dev/full"))
    before = REGISTRY.get_sample_value("portal_rate_limit_unavailable_total") or 0
    assert [door.run(buckets.take(1, 1, 1)) for _ in range(3)] == [0, 0, 0]
    assert REGISTRY.get_sample_value("portal_rate_limit_unavailable_total") == before + 3
