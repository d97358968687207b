"""The process that Django lives in: what goes through it arrives whole, and its end is nobody's but its callers'."""

import base64
import hashlib
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import httpx
import pytest

from privacy_portal.processes.site_process import READERS, THREADS
from tests.portal import Portal
from tests.processes.asking import api, suppress, track
from tests.processes.family import Process, site_of
from tests.processes.held import held
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
MORE_THAN_SOCKETS_HOLD = 40 * 1024 * 1024
A_CALL = 30_000


def a_site(portal: Portal) -> Process:
    return until(lambda: site_of(portal), 20, "a site")


def until_it_answers(portal: Portal) -> None:
    until(lambda: portal.checks()["site"] == "ok", 20, "the site to answer")


def test_events_go_on_without_it(victim: Portal) -> None:
    os.kill(a_site(victim).pid, signal.SIGKILL)
    assert track(victim).status_code == 200


def test_who_was_being_answered_is_told_to_come_again(victim: Portal) -> None:
    until_it_answers(victim)
    key = {"Idempotency-Key": str(uuid4())}
    with ThreadPoolExecutor(2) as pool, held(victim):
        both = [pool.submit(suppress, victim, headers=key) for _ in range(2)]
        refused = next(as_completed(both)).result()
        assert refused.json()["code"] == "idempotency_in_progress", "so the other one is under way"
        os.kill(a_site(victim).pid, signal.SIGKILL)
        answer = next(one.result() for one in both if one.result() is not refused)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert suppress(victim, headers=key).status_code == 202, "nothing of it was left"


def test_two_keys_are_none(victim: Portal) -> None:
    """Only a server can tell them from one with a comma: Django joins them."""
    body = {"brand": victim.brand, "type": "access", "user_id": str(uuid4())}
    bearer = ("Authorization", f"Bearer {victim.api_token}")
    for keys, answer in ((("one", "two"), 400), (("one,two",), 202)):
        headers = [bearer, *(("Idempotency-Key", key) for key in keys)]
        told = httpx.post(f"{victim.url}/api/v1/regulations/", json=body, headers=headers, timeout=30)
        assert told.status_code == answer, told.text


def test_one_that_hangs_is_named_and_events_go_on(victim: Portal) -> None:
    until_it_answers(victim)
    hung = a_site(victim)
    os.kill(hung.pid, signal.SIGSTOP)
    try:
        assert "no answer" in victim.checks()["site"]
        assert httpx.get(f"{victim.url}/readyz", timeout=10).status_code == 503
        assert track(victim).status_code == 200
    finally:
        os.kill(hung.pid, signal.SIGCONT)
    until_it_answers(victim)


def test_those_who_send_slowly_hold_up_nobody(victim: Portal) -> None:
    head = f"POST /api/v1/regulations/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {victim.api_token}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    slow = [socket.create_connection(("127.0.0.1", victim.port)) for _ in range(2 * THREADS)]
    for one in slow:
        one.sendall(head.encode())
    began = time.monotonic()
    assert suppress(victim).status_code == 202
    assert time.monotonic() - began < 5
    for one in slow:
        one.close()


@pytest.mark.parametrize("in_chunks", [False, True])
def test_a_body_that_is_too_long_is_refused_in_so_many_words(victim: Portal, in_chunks: bool) -> None:
    body = b'{"reason": "%b"}' % (b"x" * 3_000_000)
    content = (body[start : start + 100_000] for start in range(0, len(body), 100_000)) if in_chunks else body
    answer = api(victim, "POST", "regulations/", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_body_in_chunks_is_read_whole(victim: Portal) -> None:
    body = (
        f'{{"brand": "{victim.brand}", "type": "suppress", "user_id": "{uuid4()}", "reason": "{"y" * 3000}"}}'.encode()
    )
    chunks = (body[start : start + 100] for start in range(0, len(body), 100))
    answer = api(victim, "POST", "regulations/", content=chunks, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["reason"]) == (202, "y" * 3000)


@pytest.fixture(scope="module")
def export(victim: Portal) -> str:
    """The path of a zip that is longer than what the sockets between take of it."""
    numbers, headers = random.Random(1), {"auth-token": victim.server_token}
    for _ in range(MORE_THAN_SOCKETS_HOLD // (A_CALL * 30)):
        calls = [
            {
                "type": "track",
                "userId": "heavy",
                "event": "Bought",
                "properties": {"note": base64.b85encode(numbers.randbytes(A_CALL * 4 // 5)).decode()},
            }
            for _ in range(30)
        ]
        url = f"{victim.url}/track/{victim.brand}/v1/batch"
        answer = httpx.post(url, json={"batch": calls}, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
    body = {"brand": victim.brand, "type": "access", "user_id": "heavy"}
    path = f"regulations/{api(victim, 'POST', 'regulations/', json=body).json()['id']}/"
    until(lambda: api(victim, "GET", path).json()["status"] == "finished", 60, "the export")
    return f"{path}export/"


@contextmanager
def begun(portal: Portal, export: str) -> Iterator[httpx.Response]:
    """A download of which only the head was read."""
    headers = {"Authorization": f"Bearer {portal.api_token}"}
    with httpx.stream("GET", f"{portal.url}/api/v1/{export}", headers=headers, timeout=30) as answer:
        assert int(answer.headers["Content-Length"]) > MORE_THAN_SOCKETS_HOLD // 2
        yield answer


def test_long_answers_come_whole_and_hold_up_nobody(victim: Portal, export: str) -> None:
    with ExitStack() as stack:
        downloads = [stack.enter_context(begun(victim, export)) for _ in range(2 * THREADS)]
        assert suppress(victim).status_code == 202
        for download in downloads:
            assert sum(map(len, download.iter_raw())) == int(download.headers["Content-Length"])


def test_a_download_that_broke_off_is_resumed(victim: Portal, export: str) -> None:
    def ask(method: str, **headers: str) -> httpx.Response:
        return api(victim, method, export, headers={name.replace("_", "-"): value for name, value in headers.items()})

    head = ask("HEAD", Range="bytes=0-9")
    size, etag = int(head.headers["Content-Length"]), head.headers["ETag"]
    assert (head.status_code, head.content, head.headers["Accept-Ranges"]) == (200, b"", "bytes")
    half = size // 2
    first = ask("GET", Range=f"bytes=0-{half - 1}")
    rest = ask("GET", Range=f"bytes={half}-", If_Range=etag)
    assert [part.status_code for part in (first, rest)] == [206, 206]
    assert rest.headers["Content-Range"] == f"bytes {half}-{size - 1}/{size}"
    assert f'"{hashlib.sha256(first.content + rest.content).hexdigest()}"' == etag, "the ETag is its SHA-256"
    for method in ("GET", "HEAD"):
        known = ask(method, If_None_Match=etag)
        assert (known.status_code, known.content, known.headers["ETag"]) == (304, b"", etag)
    beyond = ask("GET", Range=f"bytes={size}-")
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")


def test_an_answer_that_breaks_off_does_not_look_whole(victim: Portal, export: str) -> None:
    with begun(victim, export) as download:
        os.kill(a_site(victim).pid, signal.SIGKILL)
        with pytest.raises(httpx.TransportError):
            download.read()
    until_it_answers(victim)


def test_readers_who_go_away_free_what_they_held(victim: Portal, export: str) -> None:
    for _ in range(READERS + 1):
        with begun(victim, export):
            pass
    with begun(victim, export) as download:
        assert sum(map(len, download.iter_raw())) == int(download.headers["Content-Length"])
