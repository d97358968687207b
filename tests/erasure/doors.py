"""One person goes through every door of a running portal."""

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx

from tests.erasure.person import Person
from tests.portal import Portal
from tests.upstream.server import Upstream, json_answer
from tests.waiting import until

OTHERS = 12


class Doors:
    def __init__(self, portal: Portal, person: Person) -> None:
        self.portal, self.person = portal, person
        self.browser = httpx.Client(
            base_url=self.portal.url,
            timeout=20,
            headers={"User-Agent": person["user agent"], "X-Forwarded-For": person["address"]},
        )

    @property
    def about(self) -> dict[str, str]:
        return {"brand": self.portal.brand, "user_id": self.person["userId"]}

    # -- Tracking -------------------------------------------------------------------------------------------

    def track(self) -> None:
        """Every action, encoding and kind of token, and what is refused; among events of other people."""
        person, post = self.person, self._post
        post("track", json={"event": "Before", "anonymousId": person["anonymousId"]})
        self._others()
        post("identify", json=person.identify(messageId=person["messageId"], anonymousId=person["anonymousId"]))
        post("identify", content=person.escaped)
        post("identify", content=person.zipped, headers={"Content-Encoding": "gzip"})
        self._others()
        device = {"anonymousId": person["anonymousId"], "context": {"direct": True}}
        post("batch", json={"batch": person.calls, "context": {"device": {"id": person["anonymousId"]}}})
        post("page", json={"event": "page", **device}, headers={"auth-token": self.portal.js_token})
        browsing = person.identify(traits={"browser": person["browser's trait"]}, **device)
        post("identify", json=browsing, headers={"auth-token": self.portal.js_token})
        self._others()
        self._from_sdks()
        self._refused()

    def _from_sdks(self) -> None:
        """The same person by Segment's door, and a second device that alias names."""
        person, server = self.person, (self.portal.server_token, "")
        alias = {"type": "alias", "userId": person["userId"], "previousId": person["anonymousId"]}
        calls = {"batch": [*person.calls, alias], "sentAt": "2026-01-01T00:00:00Z"}
        assert self.browser.post("/v1/batch", json=calls, auth=server).status_code == 200
        keyed = json.dumps({**person.identify(), "writeKey": self.portal.js_token})
        plain = {"Content-Type": "text/plain"}
        assert self.browser.post("/v1/i", content=keyed, headers=plain).status_code == 200
        assert self.browser.post("/v1/a", json={**alias, "previousId": 5}, auth=server).status_code == 400

    def _others(self) -> None:
        calls = [
            {"type": "track", "event": "Bought", "userId": f"other {n % OTHERS}", "properties": {"n": "y" * n}}
            for n in range(OTHERS * 20)
        ]
        assert self._post("batch", json={"batch": calls}).status_code == 200

    def _refused(self) -> None:
        bodies: list[Any] = [self.person.identify(timestamp=self.person["name"]), [self.person.traits]]
        for body in bodies:
            assert self._post("identify", json=body).status_code == 400
        assert self._post("identify", json=self.person.identify(), headers={"auth-token": "?"}).status_code == 403
        half = self.person.escaped[:-1]
        assert self._post("identify", content=half).status_code == 400

    def _post(self, action: str, **more: Any) -> httpx.Response:
        headers = {"auth-token": self.portal.server_token, "Content-Type": "application/json"}
        headers |= more.pop("headers", {})
        return self.browser.post(f"/track/{self.portal.brand}/v1/{action}", headers=headers, **more)

    # -- REST API -------------------------------------------------------------------------------------------

    def ask(self) -> str:
        """Subjects, look-ups, consents, an Access with its download. Returns the subject's id."""
        person, once = self.person, {"Idempotency-Key": self.person["Idempotency-Key"]}
        subject = self._api("POST", "subjects/", self.about, once)["id"]
        self._api("POST", "subjects/", self.about, once)
        known_by = ("userId", "user_id"), ("anonymousId", "anonymous_id"), ("e-mail", "email"), ("phone", "phone")
        for value, name in known_by:
            found = self._api("POST", "subjects/lookup/", {"brand": self.portal.brand, name: person[value]})
            assert found["id"] == subject, name
        channels = [{"channel": "sms", "subscribed": True, "evidence": person.evidence}]
        self._api("PATCH", f"subjects/{subject}/consents/", {"channels": channels})
        access = self.regulate("access", once)
        assert self._send("GET", f"regulations/{access['id']}/export/").status_code == 200
        self._wrongly(subject)
        return str(subject)

    def regulate(self, type_value: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
        """Ask for a regulation with every free text there is, and wait for its end."""
        person = self.person
        free = {"reason": person["reason"], "ticket_ref": person["ticket"], "intake": person["intake"]}
        made = self._api("POST", "regulations/", {**self.about, **free, "type": type_value}, headers)
        return until(lambda: self._ended(made["id"]), 90, f"the end of {type_value}")

    def _ended(self, pk: str) -> dict[str, Any] | None:
        regulation = self._api("GET", f"regulations/{pk}/")
        return regulation if regulation["status"] not in ("scheduled", "running") else None

    def _wrongly(self, subject: str) -> None:
        """What is refused quotes nothing that is kept."""
        bodies: list[Any] = [{**self.about, "type": self.person["name"]}, {**self.about, self.person["street"]: 1}, []]
        for body in bodies:
            assert self._send("POST", "regulations/", body).status_code == 400
        channels = [{"channel": self.person["name"], "subscribed": True}]
        assert self._send("PATCH", f"subjects/{subject}/consents/", {"channels": channels}).status_code == 400

    def _api(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        answer = self._send(method, path, body, headers)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def _send(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
        token = {"Authorization": f"Bearer {self.portal.api_token}"}
        return self.browser.request(method, f"/api/v1/{path}", json=body, headers={**token, **(headers or {})})

    # -- Upstream -------------------------------------------------------------------------------------------

    def complain(self, subject: str, upstream: Upstream) -> None:
        """From here on a real upstream is told, which first refuses an update with a word about the person."""
        message = " ".join(self.person[name] for name in ("e-mail", "userId", "upstream's word"))
        upstream.answers = [json_answer(400, {"success": False, "message": message})]
        pairs = (f"upstream_url={upstream.url}", "upstream_token=-")
        set_up = self.portal.manage("configure_brand", self.portal.brand, *pairs, stdin="theirs")
        assert set_up.returncode == 0, set_up.stderr
        channels = [{"channel": "whatsapp", "subscribed": False}]
        self._api("PATCH", f"subjects/{subject}/consents/", {"channels": channels})
        failed = f"identify-updates/?subject={subject}&status=failed"
        until(lambda: self._api("GET", failed)["results"], 60, "an update that the upstream refused")

    # -- Preference page and console ------------------------------------------------------------------------

    def choose(self, subject: str) -> None:
        """Open the preference page, save, and unsubscribe with one click."""
        link = self._api("POST", f"subjects/{subject}/preference-link/", {})
        assert self.browser.get(link["url"]).status_code == 200
        form = {"shown": ["push:none", "whatsapp:none"], "channel": ["push", "whatsapp"]}
        assert self.browser.post(link["url"], data=form).status_code == 303
        (one_click,) = re.findall(r"<(.*?/u/.*?)>", link["headers"]["List-Unsubscribe"])
        assert self.browser.post(one_click, data={"List-Unsubscribe": "One-Click"}).status_code == 200

    def staff(self, subject: str) -> None:
        """Sign in to the console, find the person, look at them, reveal who they are, note what they said."""
        page = f"/admin/subjects/subject/{subject}/"
        self._submit("/admin/login/", username=self.portal.staff_user, password=self.portal.staff_password)
        found = self._submit("/admin/find/", brand=self._brand_id(), user_id=self.person["userId"])
        assert subject in found.headers["Location"]
        self.browser.get(page)
        revealed = self._submit(f"{page}change/", f"{page}reveal/")
        assert self.person["userId"] in revealed.text
        evidence = {"how": self.person["evidence source"], "wording": self.person["evidence wording"]}
        self._submit(f"{page}change/", f"{page}consent/", channel="facebook", wanted="yes", **evidence)

    def _brand_id(self) -> str:
        (found,) = re.findall(r'<option value="(\d+)"', self.browser.get("/admin/find/").text)
        return str(found)

    def _submit(self, page: str, to: str = "", **form: str) -> httpx.Response:
        """POST a form of a page with the secret that it carries."""
        secret = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', self.browser.get(page).text)[0]
        answer = self.browser.post(to or page, data={**form, "csrfmiddlewaretoken": secret})
        assert answer.status_code in (200, 302), answer.text
        return answer

    # -- What may be read later -----------------------------------------------------------------------------

    def readable(self, subject: str) -> Iterator[tuple[str, bytes]]:
        """Name and body of everything that the product tells about this person, and about itself."""
        own = f"subjects/{subject}/"
        paths = [own, f"{own}consents/history/", f"identify-updates/?subject={subject}"]
        regulations = self._api("GET", f"regulations/?subject={subject}")["results"]
        for path in [*paths, "regulations/", *(f"regulations/{one['id']}/" for one in regulations)]:
            yield path, self._send("GET", path).content
        lists = (
            *("", "regulations/regulation/", "regulations/step/", "regulations/export/", "audit/entry/"),
            *("tracking/event/", "upstream/identifyupdate/", "consent/entry/", "consent/preference/"),
        )
        for page in (*lists, f"subjects/subject/{subject}/change/"):
            yield f"admin/{page}", self.browser.get(f"/admin/{page}").content
        yield "metrics", self.portal.get("/metrics")
