"""Callers of the REST API: an API token of a role, and what it sends."""

from dataclasses import dataclass
from typing import Any

from django.test import Client

from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import ApiToken, Brand, Role

V1 = "/api/v1/"


@dataclass(frozen=True)
class Caller:
    """Sends JSON under one token; paths are below /api/v1/ unless they are whole."""

    token: ApiToken
    secret: str

    def get(self, path: str, parameters: dict[str, Any] | None = None, **headers: str) -> Any:
        return self._client().get(_whole(path), parameters, headers=self._headers(headers))

    def head(self, path: str, **headers: str) -> Any:
        return self._client().head(_whole(path), headers=self._headers(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("post", path, body, headers)

    def patch(self, path: str, body: Any) -> Any:
        return self._send("patch", path, body, {})

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        content: Any = {"data": body} if isinstance(body, bytes) else {"data": body if body is not None else ""}
        send = getattr(self._client(), method)
        return send(_whole(path), **content, content_type="application/json", headers=self._headers(headers))

    def _client(self) -> Client:
        return Client(raise_request_exception=False)

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.secret}",
            **{name.replace("_", "-"): value for name, value in more.items()},
        }


def caller(role: str = Role.DPO, *brands: Brand) -> Caller:
    """A token of this role on these brands, on all when none is given."""
    return Caller(*ApiToken.objects.issue(role, brands, actor=COMMAND))


def refusal(answer: Any) -> tuple[int, str]:
    """(status, code) of a refused request, whose form is checked on the way."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert {"type", "title", "status", "code", "detail", "instance", "errors"} <= set(body)
    assert body["type"].endswith("/api/problems/#" + body["code"].replace("_", "-"))
    return answer.status_code, body["code"]


def pointers(answer: Any) -> list[str]:
    """Which members a 400 names."""
    assert refusal(answer) == (400, "invalid"), answer.content
    return [error["pointer"] for error in answer.json()["errors"]]


def _whole(path: str) -> str:
    return path if path.startswith(("/", "http")) else V1 + path
