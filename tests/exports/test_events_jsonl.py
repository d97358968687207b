"""events.jsonl: each call on one line, in the very text that was received (contract T6, G9)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.tracking.access import TokenView
from privacy_portal.tracking.json_text import members
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.reading import request_from
from regulations.exports.calls import StoredCall
from regulations.exports.line import line
from tests.exports.json_texts import objects
from tests.factories.events import send, track, view
from tests.factories.exports import access

pytestmark = pytest.mark.django_db(transaction=True)


def only_line(brand: Brand) -> bytes:
    (text,) = access(brand).files["events.jsonl"].splitlines()
    return text


def test_a_line_has_the_fields_that_were_promised(brand: Brand) -> None:
    event_id = track(brand, "u1", event="Buy", timestamp="2015-2-02T00:30:08.276Z", properties={"a": 1}, custom=[1])
    (said,) = access(brand).lines
    received_at = said.pop("receivedAt")
    assert received_at.endswith("Z")
    assert said == {
        "eventId": str(event_id), "action": "track", "event": "Buy", "userId": "u1", "anonymousId": None,
        "timestamp": "2015-02-02T00:30:08.276000Z", "properties": {"a": 1}, "context": None, "custom": [1],
    }  # fmt: skip


def test_times_are_in_utc(brand: Brand) -> None:
    track(brand, "u1", timestamp="2024-01-01T01:30:00+02:00")
    assert access(brand).lines[0]["timestamp"] == "2023-12-31T23:30:00Z"


def test_a_time_that_was_corrected_for_an_sdk_s_clock_stands_beside_what_that_clock_said(brand: Brand) -> None:
    track(brand, "u1", timestamp="2024-01-01T01:30:00+02:00")
    Event.objects.update(timestamp=datetime(2024, 3, 5, 12, tzinfo=UTC))
    export = access(brand)
    said = export.lines[0]
    assert b"originalTimestamp" in export.files["events.csv"]
    assert (said["timestamp"], said["originalTimestamp"]) == ("2024-03-05T12:00:00Z", "2024-01-01T01:30:00+02:00")


def test_repeated_keys_and_number_spellings_are_kept(brand: Brand) -> None:
    send(brand, "track", b'{"userId":"u1","event":"x","n":1.10,"n":2E0,"properties":{"a":0.10,"a":-0,"\\u0062":"\\/"}}')
    text = only_line(brand)
    assert b'"n":1.10,"n":2E0,"properties":{"a":0.10,"a":-0,"\\u0062":"\\/"}' in text


def test_line_ends_between_tokens_become_spaces(brand: Brand) -> None:
    send(brand, "track", b'{\n"userId": "u1",\r\n"event":"x",\n"properties": {\n"a":\n1}\n}')
    text = only_line(brand)
    assert b'"properties": { "a": 1}' in text
    assert json.loads(text)["properties"] == {"a": 1}


def test_a_line_separator_inside_a_string_is_left_alone(brand: Brand) -> None:
    track(brand, "u1", properties={"a": "x\u2028y\u0085z"})
    assert access(brand).lines[0]["properties"] == {"a": "x\u2028y\u0085z"}


def test_a_callers_own_fields_never_take_the_place_of_ours(brand: Brand) -> None:
    event_id = send(brand, "track", b'{"userId":"u1","event":"x","eventId":"mine","action":7,"rec\\u0065ivedAt":null}')
    text = only_line(brand)
    first_wins: dict[str, Any] = {}
    for key, value in json.loads(text, object_pairs_hook=list):
        first_wins.setdefault(key, value)
    for said in (json.loads(text), first_wins):
        assert (said["eventId"], said["action"]) == (str(event_id), "track")
        assert said["receivedAt"].endswith("Z")
    assert b'"eventId":"mine","action":7,"rec\\u0065ivedAt":null' in text, "what was received is still there"


@pytest.mark.parametrize(
    ("action", "body", "absent"),
    [
        ("track", {"event": "x"}, {"properties": None, "context": None, "anonymousId": None}),
        ("page", {"event": "page"}, {"properties": None, "context": None, "anonymousId": None}),
        ("screen", {}, {"event": None, "properties": None, "context": None, "anonymousId": None}),
        ("group", {"groupId": "g"}, {"event": None, "traits": None, "context": None, "anonymousId": None}),
        ("identify", {"event": "identify", "traits": {}}, {"context": None, "anonymousId": None}),
    ],
)
def test_what_is_absent_is_null(brand: Brand, action: str, body: dict[str, Any], absent: dict[str, Any]) -> None:
    send(brand, action, {"userId": "u1", **body})
    (said,) = access(brand).lines
    assert said.items() >= absent.items()
    assert ("traits" in said) is (action in ("identify", "group"))


def test_absent_traits_of_a_batched_identify_are_empty(brand: Brand) -> None:
    send(brand, "batch", {"batch": [{"userId": "u1", "type": "identify"}]})
    (said,) = access(brand).lines
    assert (said["traits"], said["event"]) == ({}, None)


def test_a_batched_call_is_a_line_of_its_own_and_the_request_is_none(brand: Brand) -> None:
    calls = [{"userId": "u1", "event": "a"}, {"userId": "u2", "event": "b"}, {"userId": "u1", "event": "c"}]
    send(brand, "batch", {"batch": calls, "context": {"locale": "de"}})
    assert [(one["event"], one["context"]) for one in access(brand).lines] == [
        ("a", {"locale": "de"}),
        ("c", {"locale": "de"}),
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(properties=objects, context=objects, own=objects)
def test_any_json_text_in_is_the_same_text_out(brand: Brand, properties: str, context: str, own: str) -> None:
    text = f'{{"userId":"u1","event":"x","properties":{properties},"context":{context},"own":{own}}}'.encode()
    token = TokenView(1, TokenKind.SERVER, "acme", "acme", brand.pk, 100, 500)
    (row,) = request_from(text, "track", token, view(brand), lambda: "192.0.2.1").rows
    written = line(StoredCall(1, row.event_id, row.action, row.timestamp, row.received_at, row.text))
    assert written.count(b"\n") == 1
    assert written.endswith(b"}\n")
    values = {key: written[begins:ends].decode() for key, _, begins, ends in members(written)}
    received = {"properties": properties, "context": context, "own": own}
    assert values.items() >= {key: _spaced(value) for key, value in received.items()}.items()
    assert json.loads(written)["own"] == json.loads(own)


def _spaced(text: str) -> str:
    return text.replace("\n", " ").replace("\r", " ")


def test_what_is_stored_is_what_was_sent(brand: Brand) -> None:
    """The lines above come from rows as the writer stores them, byte for byte."""
    body = b'{ "userId" : "u1", "event":"x", "properties":{"n":1.50} }'
    send(brand, "track", body)
    assert bytes(Event.objects.get().body or b"") == body
