"""What a caller of the two APIs does, over HTTP."""

from typing import Any

import httpx

from tests.portal import Portal
from tests.waiting import until

ENDED = ("finished", "partial", "failed", "cancelled")


class Caller:
    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.http = httpx.Client(base_url=portal.url, timeout=20)

    def track(self, action: str, body: dict[str, Any], token: str = "") -> str:
        """POST a call; returns its eventId."""
        answer = self.http.post(
            f"/track/{self.portal.brand}/v1/{action}",
            json=body,
            headers={"auth-token": token or self.portal.server_token},
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["eventId"])

    def status(self, event_id: str) -> str:
        answer = self.http.get(
            f"/track/{self.portal.brand}/v1/events/{event_id}", headers={"auth-token": self.portal.server_token}
        )
        return str(answer.json()["status"]) if answer.status_code == 200 else str(answer.status_code)

    def api(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.portal.api_token}"}
        return self.http.request(method, f"/api/v1/{path}", json=body, headers=headers, **more)

    def regulate(self, type_value: str, user_id: str) -> dict[str, Any]:
        """Ask for a regulation and wait for its end."""
        answer = self.api("POST", "regulations/", {"brand": self.portal.brand, "type": type_value, "user_id": user_id})
        assert answer.status_code == 202, answer.text
        path = f"regulations/{answer.json()['id']}/"
        return until(lambda: self._ended(path), 60, f"the end of {type_value}")

    def _ended(self, path: str) -> dict[str, Any] | None:
        regulation: dict[str, Any] = self.api("GET", path).json()
        return regulation if regulation["status"] in ENDED else None

    def subject(self, user_id: str) -> dict[str, Any]:
        body = {"brand": self.portal.brand, "user_id": user_id}
        return dict(self.api("POST", "subjects/lookup/", body).json())
