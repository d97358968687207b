"""The tracking API and Segment's door, as the server calls them, for any request: no 5xx, what is taken is stored."""

import asyncio
import json
from ipaddress import ip_network
from itertools import islice
from typing import Any
from uuid import UUID

import pytest

from privacy_portal.brands.models import Brand, TokenKind
from privacy_portal.tracking.models import Event
from privacy_portal.tracking.segment.door import SegmentDoor
from tests.fuzz import oracle
from tests.fuzz.counting import inputs, randomness, taken
from tests.fuzz.soup import Soup
from tests.fuzz.surface import Answered, Asked, exchange
from tests.tracking.caller import Caller, issue

pytestmark = pytest.mark.engine
AT_ONCE = 64
EXPECTED = {200, 204, 400, 403, 404, 405, 413, 415}
Exchange = tuple[Asked, Answered]


def test_any_request(door: Caller, brand: Brand, settings: Any) -> None:
    settings.TRUSTED_PROXIES = [ip_network("192.0.2.0/24")]
    kinds = (TokenKind.SERVER, TokenKind.SERVER, TokenKind.MOBILE, TokenKind.JS_TAG)
    soup = Soup(randomness("doors"), brand.path, [issue(brand, kind, rate=10**6, burst=10**6) for kind in kinds])
    sdk = SegmentDoor(door.door)

    async def ask(asked: Asked) -> Answered:
        return await exchange(sdk if asked.path.startswith("/v1/") else door.door, asked)

    async def together(group: list[Asked]) -> list[Answered]:
        return await asyncio.gather(*map(ask, group))

    turns = inputs("doors", 0.06)
    while group := [soup.ladle() for _ in islice(turns, AT_ONCE)]:
        answers = door.run(together(group))
        exchanges = list(zip(group, answers, strict=True))
        for asked, answer in exchanges:
            assert answer.status in EXPECTED, (asked, answer)
            assert_well_formed(answer)
        assert_stored(exchanges)
    assert taken["doors"]


def assert_well_formed(answer: Answered) -> None:
    assert all(name == name.lower() and b"\n" not in value for name, value in answer.lines)
    if answer.status == 204:
        assert answer.body == b""
    elif answer.status != 200:
        told = json.loads(answer.body)
        assert set(told) == {"success", "code", "message"}
        assert told["success"] is False
        assert " " in told["message"]


def assert_stored(exchanges: list[Exchange]) -> None:
    """Each event of a single call holds the text of a request that was answered with its id."""
    sent: dict[UUID, set[bytes]] = {}
    for asked, answer in exchanges:
        if answer.status == 200 and b'"eventId"' in answer.body and asked.method == "POST":
            taken["doors"] += 1
            sent.setdefault(UUID(json.loads(answer.body)["eventId"]), set()).add(asked.body)
    for event in Event.objects.calls().filter(event_id__in=sent):
        texts = sent[event.event_id]
        # What is changed by design, and what came packed, test_any_bytes.py looks at.
        if bytes(event.body or b"") not in texts:
            assert all(_is_changed(text) for text in texts), (event.body, texts)


def _is_changed(text: bytes) -> bool:
    try:
        content = oracle.strict(text)
    except oracle.Bad:
        return text[:2] == b"\x1f\x8b"
    return "writeKey" in content or (content.get("context") or {}).get("direct") is True or "messageId" in content
