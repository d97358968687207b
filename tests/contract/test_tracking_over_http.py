"""The tracking API through the running product: what the server in between must not spoil (contract §2)."""

import gzip
import json
import re
import socket
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.portal import Portal

LIMIT = 1024 * 1024


@pytest.fixture
def caller(portal: Portal) -> Iterator[httpx.Client]:
    """Speaks to the demo brand with its server token, over connections that are kept."""
    base = f"{portal.url}/track/{portal.brand}/v1/"
    with httpx.Client(base_url=base, headers={"auth-token": portal.server_token}, timeout=20) as client:
        yield client


def track(**fields: Any) -> dict[str, Any]:
    return {"userId": f"user-{uuid4()}", "event": "Product Added", **fields}


def test_a_call_is_taken_and_its_status_told(caller: httpx.Client) -> None:
    answer = caller.post("track", json=track())
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    status = caller.get(f"events/{answer.json()['eventId']}").json()
    assert (status["status"], status["calls"], status["errors"]) == ("stored", [], [])


def test_refusals_have_status_code_and_message(caller: httpx.Client) -> None:
    answer = caller.post("track", json={"event": "e"})
    assert (answer.status_code, answer.json()["message"]) == (400, "userId must not be empty")
    assert caller.post("alias", json={}).status_code == 404
    assert caller.put("track", json={}).status_code == 405
    assert caller.post("track", json={}, headers={"auth-token": "x"}).status_code == 403
    assert caller.post("track", content=b"{}", headers={"content-type": "text/plain"}).status_code == 400
    assert caller.post("track", json={}, headers={"content-encoding": "br"}).status_code == 415


def test_a_public_token_may_send_and_not_ask(caller: httpx.Client, portal: Portal) -> None:
    public = {"auth-token": portal.js_token}
    event_id = caller.post("track", json=track(), headers=public).json()["eventId"]
    assert caller.get(f"events/{event_id}", headers=public).status_code == 403


@pytest.mark.parametrize("token", ["", "unknown"])
def test_an_early_refusal_of_a_large_body_can_be_read_and_the_connection_used_again(
    caller: httpx.Client, token: str
) -> None:
    for _ in range(3):
        answer = caller.post("track", content=bytes(LIMIT), headers={"auth-token": token})
        assert answer.status_code == 403
    assert caller.post("track", json=track()).status_code == 200


@pytest.mark.parametrize("size", [LIMIT + 1, 4 * LIMIT])
def test_a_body_too_large_gets_its_answer_not_a_reset(caller: httpx.Client, size: int) -> None:
    answer = caller.post("track", content=b" " * size, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert caller.post("track", json=track()).status_code == 200


def test_a_chunked_body_is_counted_as_it_arrives(caller: httpx.Client) -> None:
    headers = {"content-type": "application/json"}
    whole = json.dumps(track()).encode()
    assert caller.post("track", content=iter([whole[:9], whole[9:]]), headers=headers).status_code == 200
    assert caller.post("track", content=iter([b" " * 65536] * 20), headers=headers).status_code == 413


def test_gzip_is_unpacked_and_a_bomb_is_not(caller: httpx.Client) -> None:
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    assert caller.post("track", content=gzip.compress(json.dumps(track()).encode()), headers=headers).status_code == 200
    assert caller.post("track", content=gzip.compress(bytes(100 * LIMIT)), headers=headers).status_code == 413


def test_requests_on_one_connection_are_answered_in_their_order(portal: Portal) -> None:
    body = json.dumps(track()).encode()
    head = f"POST /track/{portal.brand}/v1/track HTTP/1.1\r\nhost: x\r\nauth-token: {portal.server_token}\r\n"
    head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    refused = f"POST /track/{portal.brand}/v1/nothing HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{{}}"
    last = f"GET /track/{portal.brand}/v1/track HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", portal.port), 20) as wire:
        wire.sendall(head.encode() + body + refused.encode() + head.encode() + body + last.encode())
        answered = b"".join(iter(lambda: wire.recv(65536), b""))
    assert re.findall(rb"HTTP/1.1 (\d+)", answered) == [b"200", b"404", b"200", b"405"]


def test_the_answers_are_counted_and_name_nobody(caller: httpx.Client, portal: Portal) -> None:
    user = f"someone-{uuid4()}"
    caller.post("track", json=track(userId=user))
    metrics = portal.get("/metrics").decode()
    assert 'portal_tracking_answers_total{action="track",code="ok",status="200"}' in metrics
    assert user not in metrics
    assert user not in portal.output
