"""Every refusal of the REST API by its stable code, and the one exception that carries it (RFC 9457).

Each API module registers the codes it answers with; docs, schema and the page of problems read them from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """`title` is the same for every occurrence; `hint` tells the caller what to do."""

    code: str
    status: int
    title: str
    hint: str = ""

    @property
    def anchor(self) -> str:
        return self.code.replace("_", "-")


class Problem(Exception):
    """A refusal. `errors`: one {pointer, code, detail} for each field; `extra`: further members; both without personal
    data, unless the caller has just sent it."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        errors: Sequence[dict[str, str]] = (),
        headers: dict[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(code)
        self.kind = KINDS[code]
        self.detail = detail or self.kind.hint or self.kind.title
        self.errors = list(errors)
        self.headers = headers or {}
        self.extra: Mapping[str, Any] = extra

    def body(self, path: str) -> dict[str, Any]:
        """What is answered. `instance` is the path alone: it holds ids, never a person."""
        return {
            "type": f"{settings.PUBLIC_URL}/api/problems/#{self.kind.anchor}",
            "title": self.kind.title,
            "status": self.kind.status,
            "code": self.kind.code,
            "detail": self.detail,
            "instance": path,
            "errors": self.errors,
            **self.extra,
        }


KINDS: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    KINDS.update({kind.code: kind for kind in kinds})


def kind_of(code: str, status: int) -> Kind:
    """The registered kind, or for a code nobody registered one that bears the status's own phrase."""
    return KINDS.get(code) or Kind(code, status, HTTPStatus(status).phrase)


register(
    Kind("malformed", 400, "The body is not what it should be", "Send a JSON object in UTF-8."),
    Kind("invalid", 400, "The request breaks a rule", "The errors say which: each names a field and its rule."),
    Kind("bad_request", 400, "The request cannot be understood"),
    Kind("idempotency_key_invalid", 400, "The Idempotency-Key cannot be used", "1–255 visible ASCII characters."),
    Kind("not_authenticated", 401, "An API token is needed", "Send Authorization: Bearer <token>."),
    Kind(
        "invalid_token",
        401,
        "The API token is not valid",
        "It is unknown or was revoked.",
    ),
    Kind("permission_denied", 403, "The token's role may not do this"),
    Kind("not_found", 404, "There is nothing here", "It does not exist, or is of a brand not yours."),
    Kind("method_not_allowed", 405, "This address does not know the method", "Allow lists those it knows."),
    Kind("not_acceptable", 406, "The answer cannot be had in that form", "Accept application/json."),
    Kind("conflict", 409, "The present state does not allow it"),
    Kind("idempotency_in_progress", 409, "The first request under this key is still running", "Try again in a second."),
    Kind("body_too_large", 413, "The body is too large", "At most 1 MiB."),
    Kind("unsupported_media_type", 415, "The body has the wrong type", "Send application/json, not compressed."),
    Kind("idempotency_key_reused", 422, "The key was used for another request", "Use a new key for a new request."),
    Kind("unexpected", 500, "Something went wrong here", "It was noted; the same Idempotency-Key makes a repeat safe."),
    Kind("unavailable", 503, "The database cannot be reached", "Try again; the same Idempotency-Key makes it safe."),
)
