"""The text received is what is stored (contract T6), and what is refused instead of being changed."""

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from privacy_portal.tracking import json_text
from tests.tracking.caller import Caller

pytestmark = pytest.mark.engine

ODD = [
    b'{"userId":"u","event":"e","properties":{"n":1.0,"m":1E5,"o":-0,"p":1e-400,"q":0.10}}',
    b' \r\n\t{ "userId" : "u" , "event":"e" } \n',
    b'{"userId":"u","event":"e","properties":{"a":1,"a":2,"a":{"b":[]}}}',
    b'{"userId":"u","event":"e","properties":{"\\u0041\\/":"\\ud83d\\ude00\\b\\f","\xc3\xa9":"\xf0\x9f\x98\x80"}}',
    b'{"userId":"u","event":"a\\u0000b","name":"\\u0000","properties":{"\\u0000":"\\u0000"}}',
    b'{"userId":"u","event":"e","properties":{"big":%s,"small":0.%s}}' % (b"9" * 308, b"1" * 4299),
    b'{"\\u0075serId":"u","\\u0065vent":"e"}',
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_the_text_received_is_what_is_stored(door: Caller, text: bytes) -> None:
    assert door.stored(door.taken("track", text)) == text


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_inside_a_batch_too(door: Caller, text: bytes) -> None:
    batch_id = door.taken("batch", b'{"batch" : [ ' + text + b" ,\n" + text + b"]}")
    for call in door.status(batch_id).json()["calls"]:
        assert door.stored(call["eventId"]) == text.strip()


def payload(value: bytes) -> bytes:
    return b'{"userId":"u","event":"e","properties":{"v":' + value + b"}}"


BEYOND = "body must not hold numbers beyond double range"
REFUSED = {
    "not UTF-8": (payload(b'"\xff"'), "body must be valid UTF-8"),
    "a key that is not UTF-8": (payload(b'{"\xc3":1}'), "body must be valid UTF-8"),
    "overlong UTF-8": (payload(b'"\xc0\x80"'), "body must be valid UTF-8"),
    "a surrogate in UTF-8": (payload(b'"\xed\xa0\x80"'), "body must be valid UTF-8"),
    "a lone high surrogate": (payload(b'"\\ud800"'), "body must be valid JSON"),
    "a lone low surrogate": (payload(b'"\\udc00"'), "body must be valid JSON"),
    "a lone surrogate in a key": (payload(b'{"\\ud800x":1}'), "body must be valid JSON"),
    "a byte order mark": (b"\xef\xbb\xbf" + payload(b"1"), "body must be valid JSON"),
    "UTF-16": (payload(b"1").decode().encode("utf-16"), "body must be valid JSON"),
    "NaN": (payload(b"NaN"), "body must be valid JSON"),
    "Infinity": (payload(b"-Infinity"), "body must be valid JSON"),
    "a trailing comma": (payload(b"[1,]"), "body must be valid JSON"),
    "two values": (payload(b"1") + b"{}", "body must be valid JSON"),
    "a control character": (payload(b'"\n"'), "body must be valid JSON"),
    "cut short": (payload(b"1")[:-1], "body must be valid JSON"),
    "1e400": (payload(b"1e400"), BEYOND),
    "1e400 in a large text": (payload(b'["%s", 1e400]' % (b"x" * 20_000)), BEYOND),
    "-1e400": (payload(b"-1e400"), BEYOND),
    "an integer beyond double range": (payload(b"9" * 309), BEYOND),
    "a huge exponent": (payload(b"1e99999999999999999999"), BEYOND),
    "4,301 digits": (payload(b"0." + b"1" * 4300), "body must not hold numbers of more than 4300 digits"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_refuses(door: Caller, what: str) -> None:
    text, message = REFUSED[what]
    assert door.refused("track", text) == message
    assert door.refused("batch", b'{"batch":[' + text + b"]}").startswith("body must")


def nested(depth: int, opening: bytes, closing: bytes) -> bytes:
    """A call nested this deep in all: two levels are the call's and its properties'."""
    return payload(opening * (depth - 2) + closing * (depth - 2)).replace(b":}", b":1}")


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_nesting_of_a_hundred_is_taken_and_of_more_refused(door: Caller, opening: bytes, closing: bytes) -> None:
    door.taken("track", nested(100, opening, closing))
    for depth in (101, 900, 5000, 100_000):
        assert door.refused("track", nested(depth, opening, closing)) == "body must not be nested deeper than 100"


@pytest.mark.parametrize("depth", [3, 9, 10, 11, 99, 100, 101, 107, 108, 109, 500])
def test_one_that_is_too_deep_is_found_among_many(depth: int) -> None:
    others = b",".join([b"[]", b'{"[":"]"}', b"[" * 90 + b'"\\"["' + b"]" * 90] * 50)
    text = b"[%s,%s%s,%s]" % (others, b"[" * (depth - 1), b"]" * (depth - 1), others)
    if depth <= json_text.MAX_DEPTH:
        json_text.read(text)
    else:
        with pytest.raises(json_text.BadJson):
            json_text.read(text)


def test_brackets_in_strings_nest_nothing(door: Caller) -> None:
    door.taken("track", payload(b'"' + b"[{" * 500 + b'\\"[["'))
    door.taken("track", payload(b"[" + b",".join([b"{}"] * 500) + b"]"))


HARD = (b"1e308", b"1e-320", b"1.7976931348623157e308")


@pytest.mark.parametrize("number", HARD, ids=bytes.decode)
@pytest.mark.parametrize("action", ["track", "identify"])
def test_no_number_takes_long_to_read(door: Caller, action: str, number: bytes) -> None:
    """A megabyte of those at the ends of double range held up everybody who sent events for seconds."""

    def seconds(number: bytes) -> float:
        numbers = b",".join([number] * (900_000 // (len(number) + 1)))
        event = b"identify" if action == "identify" else b"e"
        text = b'{"userId":"u","event":"%s","traits":{"n":[%s]}}' % (event, numbers)
        began = time.process_time()
        event_id = door.taken(action, text)
        took = time.process_time() - began
        assert door.stored(event_id) == text
        return took

    assert seconds(number) < 10 * seconds(b"1.5")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**300), 10**300)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@st.composite
def spellings(draw: st.DrawFn) -> bytes:
    """A JSON text as someone may write it: any spacing, escaped or not, with keys twice."""
    value = draw(st.dictionaries(texts, values, max_size=4))
    spaces = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", "\t: ")]))
    text = json.dumps(value, ensure_ascii=draw(st.booleans()), separators=spaces)
    return (
        b'{"userId":"u","event":"e","properties":'
        + (text[:-1] + draw(st.sampled_from(["", " "])) + "}").encode()
        + b"}"
    )


@given(text=spellings())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_text_comes_out_as_it_went_in(door: Caller, text: bytes) -> None:
    assert door.stored(door.taken("track", text)) == text


@given(
    text=st.binary(max_size=60) | spellings().flatmap(lambda text: st.integers(0, len(text)).map(lambda at: text[:at]))
)
@settings(max_examples=300, deadline=None)
def test_what_is_read_is_what_python_reads_strictly(text: bytes) -> None:
    try:
        wanted = json.loads(text.decode(), parse_constant=lambda _: pytest.fail("a constant"))
        json.dumps(wanted).encode()
    except (ValueError, pytest.fail.Exception):
        with pytest.raises(json_text.BadJson):
            json_text.read(text)
    else:
        if "\\ud" not in json.dumps(wanted):
            assert json_text.read(text) == wanted


@pytest.mark.parametrize("action", ["identify", "track", "page", "screen", "group", "batch"])
@given(body=st.dictionaries(
    st.sampled_from(["userId", "anonymousId", "event", "type", "traits", "properties", "context", "timestamp",
                     "messageId", "groupId", "name", "batch", "direct", "marketingPreferences", "channels"]),
    values, max_size=8))  # fmt: skip
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_input_is_a_fault_of_ours(door: Caller, action: str, body: dict[str, Any]) -> None:
    if action == "batch" and body:
        body = {"batch": [body, body], "context": body.get("context")}
    assert door.post(action, body).status_code in (200, 400)


@pytest.mark.parametrize("space", [b"", b" ", b"\n", b"\r\n\t "])
def test_what_changes_a_text_begins_where_the_text_does(space: bytes) -> None:
    """A body is stored with the space that it came with."""
    call, array = space + b'{"a": {"b":1}, "a":{"b" :2}} ', space + b"[1, 2] "
    assert json_text.with_changed(call, ("a", "b"), lambda _: b"0") == space + b'{"a": {"b":0}, "a":{"b" :0}} '
    assert json_text.with_changed_items(array, lambda item: item + item) == space + b"[11, 22] "
    assert json_text.without_items(array, b"1".__eq__).strip() == b"[2]"
    assert json_text.with_member(call, "c", b"3") == space + b'{"c":3,"a": {"b":1}, "a":{"b" :2}} '
    assert json_text.without_member(call, "a") == b"{}"
    assert json_text.merged(call, space + b'{"c":3}') == b'{"a":{"b" :2},"c":3}'
    for scalar in (b"1", b'"[{"', b"null"):
        assert json_text.with_changed(space + scalar, ("a",), lambda _: b"0") == space + scalar
        assert json_text.with_changed_items(space + scalar, lambda _: b"0") == space + scalar
