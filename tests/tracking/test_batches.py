"""Batches (contract T10): one answer for all calls, and a context they share."""

import json
import tracemalloc
from typing import Any

import pytest

from privacy_portal.tracking.batch import check_batch
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.refusal import Refusal
from tests.tracking.caller import Caller, message_of, track

pytestmark = pytest.mark.engine


def texts(door: Caller, batch_id: object) -> list[bytes]:
    return [door.stored(call["eventId"]) for call in door.status(batch_id).json()["calls"]]


def test_one_event_id_for_the_request_and_one_for_each_call(door: Caller) -> None:
    batch_id = door.taken("batch", {"batch": [track(), track(), track()]})
    body = door.status(batch_id).json()
    assert (body["action"], body["status"]) == ("batch", "stored")
    assert len({call["eventId"] for call in body["calls"]} | {str(batch_id)}) == 4


def test_two_thousand_calls_are_taken_and_one_more_refused(door: Caller) -> None:
    door.taken("batch", {"batch": [track()] * 2000})
    assert Event.objects.calls().count() == 2000
    assert door.refused("batch", {"batch": [track()] * 2001}) == "batch must hold 1 to 2000 calls"
    assert door.refused("batch", {"batch": []}) == "batch must hold 1 to 2000 calls"


@pytest.mark.parametrize("body", [{}, {"batch": None}, {"batch": {}}, {"batch": "x"}, {"batch": 1}])
def test_a_batch_is_an_array(door: Caller, body: dict[str, Any]) -> None:
    assert door.refused("batch", body) == "batch must be an array of calls"


def test_of_two_batch_keys_the_last_is_read(door: Caller) -> None:
    call = json.dumps(track()).encode()
    for first in (b"5", b"[{}]", b"null"):
        door.taken("batch", b'{"batch":%s,"context":3,"batch":[%s],"context":{"a":1}}' % (first, call))
    assert door.refused("batch", b'{"batch":[%s],"batch":7}' % call) == "batch must be an array of calls"


def sized(size: int) -> dict[str, Any]:
    """A call of exactly this many bytes as `json.dumps` writes it."""
    call = track(properties={"pad": ""})
    return track(properties={"pad": "x" * (size - len(json.dumps(call)))})


def test_a_call_of_32_kib_is_taken_and_one_byte_more_named(door: Caller) -> None:
    door.taken("batch", {"batch": [track(), sized(32 * 1024)]})
    message = door.refused("batch", {"batch": [track(), sized(32 * 1024 + 1)]}, 413)
    assert message == "batch[1] must be at most 32768 bytes"


def test_space_around_a_call_is_not_its_size(door: Caller) -> None:
    call = json.dumps(sized(32 * 1024)).encode()
    door.taken("batch", b'{"batch":[' + b" " * 5000 + call + b"\n" * 5000 + b"]}")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({}, "batch[1].userId must not be empty"),
        ({"userId": "u"}, "batch[1].event must not be empty"),
        ({"userId": "u", "event": 5}, "batch[1].event must be a string"),
        (
            {"userId": "u", "event": "e", "type": "alias"},
            "batch[1].type must be one of identify, track, page, screen, group",
        ),
        ({"userId": "u", "event": "e", "type": 5}, "batch[1].type must be one of identify, track, page, screen, group"),
        (
            {"userId": "u", "event": "e", "type": []},
            "batch[1].type must be one of identify, track, page, screen, group",
        ),
        ({"userId": "u", "type": "track"}, "batch[1].event must not be empty"),
        ({"userId": "u", "type": "page", "event": "e"}, 'batch[1].event must be "page"'),
        ({"userId": "u", "event": "group"}, "batch[1].groupId must not be empty"),
        ({"userId": "u", "event": "e", "context": []}, "batch[1].context must be an object"),
        ({"userId": "u", "event": "e", "timestamp": "x"}, "batch[1].timestamp must be an ISO-8601 date and time"),
        ([], "batch[1] must be an object"),
        (None, "batch[1] must be an object"),
    ],
)
def test_one_bad_call_refuses_all_and_is_named(door: Caller, call: Any, message: str) -> None:
    assert door.refused("batch", {"batch": [track(), call, track()]}) == message


def test_the_outer_context_is_an_object(door: Caller) -> None:
    assert door.refused("batch", {"batch": [track()], "context": []}) == "context must be an object"
    door.taken("batch", {"batch": [track()], "context": None})


METHODS: list[tuple[dict[str, Any], str]] = [
    ({"type": "track", "event": "identify"}, "track"),
    ({"type": "identify"}, "identify"),
    ({"type": "page"}, "page"),
    ({"type": "screen", "event": "x"}, "screen"),
    ({"type": "group", "groupId": "g"}, "group"),
    ({"event": "identify"}, "identify"),
    ({"event": "page"}, "page"),
    ({"event": "screen"}, "screen"),
    ({"event": "group", "groupId": "g"}, "group"),
    ({"event": "Identify"}, "track"),
    ({"event": "batch"}, "track"),
    ({"type": None, "event": "page"}, "page"),
]


@pytest.mark.parametrize(("call", "action"), METHODS)
def test_the_method_is_the_type_or_else_told_by_the_event(door: Caller, call: dict[str, Any], action: str) -> None:
    batch_id = door.taken("batch", {"batch": [{"userId": "u", **call}]})
    assert [told["action"] for told in door.status(batch_id).json()["calls"]] == [action]


def test_the_outer_context_is_merged_under_each_calls_own(door: Caller) -> None:
    outer = b'{"ip":"192.0.2.1", "a" : {"x": 1.0, "y": {"p":1}}, "b":[1], "\\u0063":1E2}'
    own = b'{"a":{"x":2.00,"y":{"q":"\\u0041"}},"b": {"z":0}, "d":1, "d":2}'
    body = b'{"batch":[{"userId":"u","event":"e","context":%s,"properties":{"k":1.10}}],"context":%s}' % (own, outer)
    (text,) = texts(door, door.taken("batch", body))
    assert text == (
        b'{"userId":"u","event":"e","context":{"ip":"192.0.2.1","a":{"x":2.00,"y":{"p":1,"q":"\\u0041"}},'
        b'"b":{"z":0},"c":1E2,"d":2},"properties":{"k":1.10}}'
    )


@pytest.mark.parametrize(
    ("call", "stored"),
    [
        (b'{ "userId":"u","event":"e"}', b'{"context":{"a": 1}, "userId":"u","event":"e"}'),
        (b'{"userId":"u","event":"e","context": null }', b'{"userId":"u","event":"e","context": {"a": 1} }'),
        (b'{"userId":"u","event":"e","context":{}}', b'{"userId":"u","event":"e","context":{"a": 1}}'),
        (
            b'{"context":5,"userId":"u","event":"e","context":{ }}',
            b'{"context":5,"userId":"u","event":"e","context":{"a": 1}}',
        ),
    ],
)
def test_a_call_without_a_context_gets_the_outer_one(door: Caller, call: bytes, stored: bytes) -> None:
    assert texts(door, door.taken("batch", b'{"batch":[%s],"context":{"a": 1}}' % call)) == [stored]


def test_an_empty_outer_context_changes_nothing(door: Caller) -> None:
    call = b'{"userId":"u","event":"e","context":{ "a":1 }}'
    assert texts(door, door.taken("batch", b'{"batch":[%s],"context":{}}' % call)) == [call]


def test_a_small_body_cannot_become_a_big_store(door: Caller) -> None:
    context = {"pad": "x" * 100_000}
    door.taken("batch", {"batch": [track()], "context": context})
    answer = door.post("batch", {"batch": [track()] * 2000, "context": context})
    assert (answer.status_code, message_of(answer).split()[0]) == (413, "context")


def test_two_thousand_calls_may_share_four_kib_and_take_little_more_than_their_texts() -> None:
    """As objects the merged contexts took over a hundred megabytes, of a body of a hundred kilobytes."""
    outer = {f"k{number}": {} for number in range(400)}
    text = json.dumps({"batch": [track(context={"z": 1})] * 2000, "context": outer}, separators=(",", ":")).encode()
    content = json.loads(text)
    tracemalloc.start()
    try:
        calls, _ = check_batch(content, text)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    merged = sum(len(call.text) for call in calls)
    assert merged > 2000 * 3900
    assert peak < 2 * merged
    assert json.loads(calls[-1].text)["context"] == {**outer, "z": 1}


def test_more_than_eight_mib_of_them_are_refused() -> None:
    text = json.dumps({"batch": [track()] * 2000, "context": {"pad": "x" * 4200}}).encode()
    with pytest.raises(Refusal, match="context must be at most 4194 bytes for this many calls"):
        check_batch(json.loads(text), text)


def test_in_a_batch_traits_may_be_absent(door: Caller) -> None:
    door.taken("batch", {"batch": [{"userId": "u", "event": "identify"}]})
    assert door.refused("batch", {"batch": [{"userId": "u", "event": "identify", "traits": 1}]}).startswith(
        "batch[0].traits"
    )
