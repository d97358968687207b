"""The decoders of the door for any bytes: taken exactly as it came, or refused with a sentence (contract T6, T7)."""

import gzip
from collections.abc import Callable

import pytest

from tests.fuzz import promises
from tests.fuzz.corpus import CALLS, TIME_WORDS, TIMES, WORDS
from tests.fuzz.counting import inputs, randomness, taken
from tests.fuzz.mutation import Mutator

EVERY = [text for texts in CALLS.values() for text in texts]
PACKED = [gzip.compress(text, mtime=0) for text in EVERY] + [
    gzip.compress(b"x" * size, mtime=0) for size in (0, 99_999)
]


def hold(name: str, share: float, promise: Callable[[bytes], bool], seeds: list[bytes], words: list[bytes]) -> None:
    mutator = Mutator(seeds, words, randomness(name))
    for _ in inputs(name, share):
        text = mutator.make()
        try:
            taken[name] += promise(text)
        except Exception as error:
            error.add_note(f"the input was {text!r}")
            raise
    assert taken[name]


def test_json() -> None:
    hold("json", 0.25, promises.json_is_read_as_python_reads_it, EVERY, WORDS)


@pytest.mark.django_db
@pytest.mark.parametrize("action", [action for action in CALLS if action != "alias"])
def test_calls(action: str) -> None:
    share = 0.1 if action == "batch" else 0.04
    hold(action, share, lambda text: promises.a_call_is_kept_as_it_came(text, action), CALLS[action], WORDS)


@pytest.mark.django_db
@pytest.mark.parametrize("action", CALLS)
def test_calls_of_sdks(action: str) -> None:
    share = 0.09 if action == "batch" else 0.02
    seeds = CALLS[action] + [
        b'{"writeKey":"k","sentAt":"2026-01-01T00:00:05Z",' + text.strip()[1:] for text in CALLS[action]
    ]
    hold(f"sdk {action}", share, lambda text: promises.an_sdks_call_is_kept_as_it_came(text, action), seeds, WORDS)


def test_gzip() -> None:
    hold("gzip", 0.05, promises.gzip_is_unpacked_whole_or_refused, PACKED, [*PACKED[:3], b"\x1f\x8b\x08", b"\0"])


def test_the_key_in_a_body() -> None:
    seeds = [b'{"writeKey":"k",' + text.strip()[1:] for text in EVERY]
    hold("writeKey", 0.02, promises.a_key_is_found_or_not, seeds, WORDS)


def test_times() -> None:
    hold("times", 0.1, promises.a_time_is_a_moment_or_refused, TIMES, TIME_WORDS)


@pytest.mark.django_db
def test_what_is_begun_with_is_good() -> None:
    """Or a fault that refuses too much would go unseen."""
    for action, texts in CALLS.items():
        assert all(promises.an_sdks_call_is_kept_as_it_came(text, action) for text in texts if b"0001-" not in text)
