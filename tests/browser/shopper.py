"""Someone who visits a shop that carries the tag, with an eye on what their browser sends and keeps."""

import json
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, Request, Response

from tests.browser.shop import Shop
from tests.docs.tag_page import head, policy
from tests.portal import Portal
from tests.waiting import until

SENT = 20.0  # seconds to wait for what is under way on a busy machine


@dataclass
class Shopper:
    page: Page
    shop: Shop
    portal: Portal
    requests: list[Request] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self._is_event(request.url) and self.requests.append(request))
        self.page.on("response", lambda response: self._is_event(response.url) and self.responses.append(response))
        self.page.on("console", lambda said: said.type == "error" and self.complaints.append(said.text))

    def _is_event(self, url: str) -> bool:
        return url.startswith(f"{self.portal.url}/track/")

    def open(self, path: str = "/", first: str = "", token: str = "", **data: str) -> None:
        """Open a page of the shop, as docs/tag.md says it is to be written, and wait for the tag. `first`: what the
        page's own script calls before the tag has loaded; `data`: more data- attributes on the tag's element."""
        attributes = {"brand": self.portal.brand, "token": token or self.portal.js_token, **data}
        own, _, tag = head(self.portal.url, **attributes).partition("</script>")
        self.shop.head = f"{own}</script><script nonce=own>{first}</script>{tag}"
        self.shop.policy = policy(self.portal.url).replace("'self'", "'self' 'nonce-own'", 1)
        self.page.goto(self.shop.origin + path)  # until all is loaded, the tag included
        assert self.says("portal.version"), self.complaints

    def says(self, script: str) -> Any:
        return self.page.evaluate(script)

    def debug(self) -> dict[str, Any]:
        return dict(self.says("portal.debug()"))

    @property
    def kept(self) -> dict[str, str]:
        """What the browser keeps for the shop's pages."""
        assert self.page.context.cookies() == []
        return dict(self.says("({...localStorage, ...sessionStorage})"))

    @property
    def state(self) -> dict[str, Any]:
        return dict(json.loads(self.kept[f"portal:{self.portal.brand}"]))

    @property
    def posts(self) -> list[list[dict[str, Any]]]:
        """The events of each request."""
        return [json.loads(request.post_data or "")["batch"] for request in self.requests]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for post in self.posts for event in post]

    def await_answers(self, wanted: int) -> list[int]:
        """Once so many requests have been answered and nothing is left to send: their statuses."""
        self._pump(lambda: len(self.responses) >= wanted and self.debug()["queued"] == 0, f"{wanted} answers")
        return [response.status for response in self.responses]

    def await_failures(self, wanted: int) -> None:
        """Once so many requests have failed without an answer."""
        self._pump(lambda: sum(request.failure is not None for request in self.requests) >= wanted, "a failed request")

    def _pump(self, condition: Any, what: str) -> None:
        # Asking the page is what lets the browser's news arrive.
        until(lambda: self.says("1") and condition(), SENT, what)

    def event_id(self, at: int = -1) -> str:
        return str(self.responses[at].json()["eventId"])
