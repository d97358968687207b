"""Segment's real SDKs for Python, Node and the browser, with only the address and the key changed (contract T17)."""

from uuid import uuid4

import pytest

from tests.end_to_end.speaking import Caller
from tests.portal import Portal
from tests.segment.apps import Apps, Calls
from tests.segment.store import Store
from tests.waiting import until

SDKS = ("python", "node", "browser")
EACH = pytest.mark.parametrize("sdk", SDKS)


def new_person() -> str:
    return f"person-{uuid4()}"


def everything(person: str) -> Calls:
    """One call of every method."""
    return [
        {"type": "identify", "userId": person, "traits": {"plan": "gold"}},
        {"type": "track", "userId": person, "event": "Bought", "properties": {"total": 42.5}},
        {"type": "page", "userId": person, "name": "Shoes", "properties": {"path": "/shoes"}},
        {"type": "screen", "userId": person, "name": "Basket", "properties": {"items": 2}},
        {"type": "group", "userId": person, "groupId": "g-1", "traits": {"seats": 3}},
        {"type": "alias", "userId": person, "previousId": f"device of {person}"},
    ]


def bought(person: str, *, times: int = 1, pad: int = 0) -> Calls:
    who = {"type": "identify", "userId": person, "traits": {}}
    call = {"type": "track", "userId": person, "event": "Bought", "properties": {"pad": "x" * pad}}
    return [who, *[call] * times]


@pytest.mark.parametrize("sdk", [*SDKS, "browser in batches"])
def test_every_method_arrives(sdk: str, apps: Apps, store: Store) -> None:
    person = new_person()
    assert set(apps.send(sdk, everything(person)).wait()) == {200}
    found = dict(store.events_of(person))
    assert len(store.events_of(person)) == 6
    for call in everything(person):
        sent = found[call["type"]]
        for name in ("type", "event", "name", "groupId", "previousId"):
            assert sent.get(name) == call.get(name)
        for name in ("traits", "properties"):
            assert call.get(name, {}).items() <= (sent.get(name) or {}).items()
        assert sent["messageId"]
        assert sent["context"]["library"]["name"]
        assert "writeKey" not in sent


@EACH
def test_of_someone_suppressed_nothing_is_kept_and_the_sdk_is_content(
    sdk: str, apps: Apps, store: Store, portal: Portal
) -> None:
    person = new_person()
    Caller(portal).regulate("suppress", person)
    before = store.statuses()["suppressed"]
    assert set(apps.send(sdk, everything(person)).wait()) == {200}
    assert store.events_of(person) == []
    assert store.statuses()["suppressed"] - before == 6


@EACH
def test_what_is_too_large_is_refused_once_and_given_up(sdk: str, apps: Apps, store: Store) -> None:
    person = new_person()
    assert apps.send(sdk, bought(person, pad=25_000)).wait().count(413) == 1
    assert "track" not in [action for action, _ in store.events_of(person)]


def test_who_is_too_fast_waits_as_told_and_loses_nothing(apps: Apps, store: Store) -> None:
    people = {sdk: new_person() for sdk in SDKS}
    sendings = {sdk: apps.send(sdk, bought(people[sdk], times=2), "slow ", one_by_one=True) for sdk in SDKS}
    for sdk, sending in sendings.items():
        answers = sending.wait()
        assert set(answers) == {200, 429}, sdk
        assert answers.count(429) <= 10, f"{sdk} waits as long as it is told to"
        assert [action for action, _ in store.events_of(people[sdk])].count("track") == 2, sdk


def test_while_the_store_is_away_everything_is_tried_again_and_arrives_once(apps: Apps, store: Store) -> None:
    people = {sdk: new_person() for sdk in SDKS}
    with store.away():
        sendings = {sdk: apps.send(sdk, everything(people[sdk])) for sdk in SDKS}
        for sdk, sending in sendings.items():
            until(lambda sending=sending: 503 in sending.answers, 30, f"{sdk} to be refused")
            assert set(sending.answers) == {503}, sdk
    for sdk, sending in sendings.items():
        assert set(sending.wait()) == {200, 503}, sdk
        assert len(store.events_of(people[sdk])) == 6, sdk
