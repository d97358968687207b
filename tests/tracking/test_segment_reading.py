"""Segment's door for any input (contract T6, T17): a call is stored as it was sent, or refused with a sentence."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.tracking.access import TokenView
from privacy_portal.tracking.json_text import members
from privacy_portal.tracking.refusal import Refusal
from privacy_portal.tracking.segment.reading import request_from
from tests.exports.json_texts import values
from tests.factories.brands import make_brand
from tests.factories.events import view

TIMES = ["2026-03-05T12:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2015-2-02T00:30:08.276Z"]
_known = {
    "type": st.sampled_from(["track", "screen", "group", "alias"]),
    "sentAt": st.sampled_from(TIMES),
    "timestamp": st.sampled_from(TIMES),
    "writeKey": st.sampled_from(["secret", "", 5]),
    "anonymousId": st.sampled_from(["a", "", None]),
}


@st.composite
def calls(draw: st.DrawFn) -> str:
    """A call as text: fields that this door reads, in any order and number, among others."""
    names = draw(st.lists(st.sampled_from(sorted(_known)), max_size=7))
    parts = [f'"{name}": "u"' for name in ("userId", "event", "previousId", "groupId")]
    parts += [f"{json.dumps(name)}: {json.dumps(draw(_known[name]))}" for name in names]
    other = draw(st.lists(st.tuples(st.sampled_from(["x", "y", "properties"]), values), max_size=2))
    parts += [f"{json.dumps(name)}:{value}" for name, value in other]
    return "{" + ", ".join(draw(st.permutations(parts))) + "}"


@pytest.fixture
def brand(db: None) -> Brand:
    return make_brand()


def without_key(text: bytes) -> list[bytes]:
    return [text[begins:ends] for key, begins, _, ends in members(text) if key != "writeKey"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=calls(), batched=st.booleans(), sent=st.sampled_from(TIMES))
def test_what_is_taken_keeps_its_text_and_loses_its_key(brand: Brand, call: str, batched: bool, sent: str) -> None:
    token: Any = TokenView(1, TokenKind.SERVER, brand.client, brand.account, brand.pk, 100, 500)
    text = f'{{"batch": [{call}], "sentAt": "{sent}"}}' if batched else call
    try:
        request = request_from(text.encode(), "batch" if batched else "track", token, view(brand), lambda: "192.0.2.1")
    except Refusal:
        event("refused")
        return
    (row,) = request.rows
    assert without_key(row.text) == without_key(call.encode())
    assert "writeKey" not in json.loads(row.text)
