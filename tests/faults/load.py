"""Senders that never stop: each call has a messageId and is sent again, as the contract asks, until it is taken."""

import itertools
import json
import threading
import zipfile
from io import BytesIO

import httpx

from tests.end_to_end.speaking import Caller
from tests.portal import Portal
from tests.waiting import until

SENDERS = 2
AGAIN = (429, 502, 503, 504)
PAUSE_S = 0.02


class Load:
    """Use it as a context: the senders send until its end, and then only what they have begun."""

    def __init__(self, portal: Portal, person: str) -> None:
        self.person = person
        self.acknowledged: dict[str, str] = {}  # eventId by messageId
        self.refused: set[str] = set()
        self._portal = portal
        self._numbers = itertools.count()
        self._ended = threading.Event()
        self._senders = [threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)]

    def __enter__(self) -> "Load":
        for sender in self._senders:
            sender.start()
        self.grow(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for sender in self._senders:
            sender.join(60)

    def grow(self, by: int) -> None:
        """Wait until so many more are acknowledged."""
        enough = len(self.acknowledged) + by
        until(lambda: len(self.acknowledged) >= enough, 60, f"{by} more events to be acknowledged")

    def _send(self) -> None:
        url = f"{self._portal.url}/track/{self._portal.brand}/v1/track"
        with httpx.Client(headers={"auth-token": self._portal.server_token}, timeout=20) as http:
            while not self._ended.wait(PAUSE_S):
                message = f"{self.person} {next(self._numbers)}"
                body = {"userId": self.person, "event": "Bought", "messageId": message}
                while not self._is_taken(http, url, body):
                    self._ended.wait(PAUSE_S * 10)

    def _is_taken(self, http: httpx.Client, url: str, body: dict[str, str]) -> bool:
        try:
            answer = http.post(url, json=body)
        except httpx.TransportError:
            return False
        if answer.status_code == 200:
            self.acknowledged[body["messageId"]] = str(answer.json()["eventId"])
        elif answer.status_code not in AGAIN:
            self.refused.add(f"{answer.status_code} {answer.text[:100]}")
            return True
        return answer.status_code == 200


def exported(caller: Caller, regulation_id: str) -> list[str]:
    """The eventIds of an Access export, in its order; none when it cannot be had."""
    answer = caller.api("GET", f"regulations/{regulation_id}/export/")
    if answer.status_code != 200:
        return []
    with zipfile.ZipFile(BytesIO(answer.content)) as export:
        return [str(json.loads(line)["eventId"]) for line in export.read("events.jsonl").splitlines()]
