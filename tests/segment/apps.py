"""Three applications with Segment's real SDKs: on a server in Python and in Node, and a web page in Chromium.

Each is given nothing but the portal's address and a key, and tells the status of every answer its SDK got.
"""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser, Page

from tests.waiting import until

SDKS = Path(__file__).resolve().parent / "sdks"
BROWSER_SDK = SDKS / "node_modules/@segment/analytics-next/dist/umd/index.js"
TRIED_AGAIN = (429, 503)
Calls = list[dict[str, Any]]


class Sending(Protocol):
    @property
    def answers(self) -> list[int]:
        """The status of each answer so far."""

    def wait(self) -> list[int]:
        """Until the SDK has delivered or given up; the status of each answer."""


class Program:
    """A run of a program that ends when its SDK has nothing left to send."""

    def __init__(self, command: list[str], settings: dict[str, Any], calls: Calls) -> None:
        self.answers: list[int] = []
        self._process = subprocess.Popen(
            command, cwd=SDKS, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"settings": settings, "calls": calls}))
        self._process.stdin.close()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout
        self.answers.extend(int(line) for line in self._process.stdout)

    def wait(self) -> list[int]:
        assert self._process.stderr
        said = self._process.stderr.read()
        assert self._process.wait(60) == 0, said
        self._reader.join(10)
        return self.answers


class Visit:
    """A visit to a page of another origin than the portal's. Its SDK sends each call by itself, unless in batches."""

    def __init__(self, page: Page, shop: str, settings: dict[str, Any], calls: Calls, batches: bool) -> None:
        self._page, self._posts = page, 1 if batches else len(calls)
        self._statuses: list[int] = []
        self._asked: set[str] = set()
        self._known = (shop, settings["cdnURL"])
        strategy = {"deliveryStrategy": {"strategy": "batching", "config": {"size": len(calls)}}}
        options = {"integrations": {"Segment.io": strategy}} if batches else {}
        page.on("request", lambda request: self._asked.add(request.url))
        page.on("response", lambda answer: answer.request.method == "POST" and self._statuses.append(answer.status))
        page.goto(shop)
        page.add_script_tag(path=BROWSER_SDK)
        page.evaluate(
            (SDKS / "send.js").read_text(encoding="utf-8"), {"settings": settings, "options": options, "calls": calls}
        )

    @property
    def answers(self) -> list[int]:
        self._page.wait_for_timeout(1)  # lets the browser tell what happened meanwhile
        return self._statuses

    def wait(self) -> list[int]:
        until(lambda: sum(status not in TRIED_AGAIN for status in self.answers) == self._posts, 60, "every call's end")
        self._page.close()
        assert {url for url in self._asked if not url.startswith(self._known)} == set(), "it asks nobody else"
        return self._statuses


class Apps:
    """`keys`: a write key for each, and a "slow " one; `shop`: the address of a web page."""

    def __init__(self, url: str, keys: dict[str, str], browser: Browser, shop: str) -> None:
        self.url, self.keys, self._browser, self._shop = url, keys, browser, shop

    def send(self, sdk: str, calls: Calls, speed: str = "", *, one_by_one: bool = False) -> Sending:
        """Start sending. `one_by_one`: a request for each call, as the browser does anyway."""
        key = self.keys[speed + sdk.split()[0]]
        if sdk == "python":
            size = {"upload_size": 1 if one_by_one else len(calls)}
            return Program([sys.executable, "send.py"], {"write_key": key, "host": self.url, **size}, calls)
        if sdk == "node":
            size = {"flushAt": 1 if one_by_one else len(calls)}
            return Program(["node", "send.mjs"], {"writeKey": key, "host": self.url, **size}, calls)
        settings = {"writeKey": key, "cdnURL": self.url}
        return Visit(self._browser.new_page(), self._shop, settings, calls, sdk == "browser in batches")
