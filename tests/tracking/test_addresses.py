"""`context.direct: true` stores the caller's address (contract T9)."""

import json
from ipaddress import ip_network

import pytest
from django.test import override_settings

from privacy_portal.tracking.peer import caller_address
from tests.tracking.caller import Caller, track

pytestmark = pytest.mark.engine
PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def test_a_direct_call_gets_the_callers_address(door: Caller) -> None:
    text = b'{"userId":"u","event":"e","context":{"direct":true, "n":1.0}}'
    stored = door.stored(door.taken("track", text))
    assert stored == b'{"userId":"u","event":"e","context":{"ip":"127.0.0.1","direct":true, "n":1.0}}'


def test_it_replaces_an_address_in_the_call(door: Caller) -> None:
    text = b'{"userId":"u","event":"e","context":{"direct":true,"ip":"203.0.113.9"}}'
    assert json.loads(door.stored(door.taken("track", text)))["context"]["ip"] == "127.0.0.1"


@pytest.mark.parametrize("direct", [False, None, 1, "true"])
def test_any_other_call_stays_as_it_is(door: Caller, direct: object) -> None:
    text = json.dumps(track(context={"direct": direct})).encode()
    assert door.stored(door.taken("track", text)) == text


def test_in_a_batch_the_outer_context_counts(door: Caller) -> None:
    batch_id = door.taken("batch", {"batch": [track(), track(context={"direct": False})], "context": {"direct": True}})
    calls = [json.loads(door.stored(call["eventId"])) for call in door.status(batch_id).json()["calls"]]
    assert [call["context"].get("ip") for call in calls] == ["127.0.0.1", None]


@pytest.mark.parametrize("outer", [True, False, None, {}, "absent"])
@pytest.mark.parametrize("own", [True, False, None, {}, 1, "absent"])
def test_and_a_call_s_own_word_wins(door: Caller, own: object, outer: object) -> None:
    contexts = [{"direct": said, "z": 1} if said != "absent" else {"z": 1} for said in (own, outer)]
    batch_id = door.taken("batch", {"batch": [track(context=contexts[0])], "context": contexts[1]})
    (call,) = door.status(batch_id).json()["calls"]
    context = json.loads(door.stored(call["eventId"]))["context"]
    assert (context.get("ip") == "127.0.0.1") is (context.get("direct") is True)
    assert (context.get("direct") is True) is (own is True or (own == "absent" and outer is True))


@pytest.mark.parametrize(
    ("peer", "address"),
    [("::ffff:10.1.2.3", "203.0.113.9"), ("::ffff:192.0.2.7", "192.0.2.7"), ("fd00::1", "203.0.113.9")],
)
def test_a_socket_for_both_families_names_ipv4_in_its_own_way(peer: str, address: str) -> None:
    assert caller_address(peer, "203.0.113.9", PROXIES) == address


def test_a_forwarded_address_is_not_believed_from_anyone(door: Caller) -> None:
    stored = door.stored(door.taken("track", track(context={"direct": True}), x_forwarded_for="203.0.113.9"))
    assert b"203.0.113.9" not in stored
    with override_settings(TRUSTED_PROXIES=[ip_network("127.0.0.0/8")]):
        stored = door.stored(door.taken("track", track(context={"direct": True}), x_forwarded_for="203.0.113.9"))
    assert json.loads(stored)["context"]["ip"] == "203.0.113.9"


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("198.51.100.1", "203.0.113.9", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.9 ,10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("fd00::1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9:4711, 10.0.0.2:80", "203.0.113.9"),
        ("fd00::1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("fd00::1", "[2001:db8::7]", "2001:db8::7"),
        ("", "203.0.113.9", ""),
    ],
)
def test_it_walks_outwards_as_far_as_proxies_are_trusted(peer: str, forwarded: str, caller: str) -> None:
    assert caller_address(peer, forwarded, PROXIES) == caller
