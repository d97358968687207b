"""What the web process itself refuses, in the words of what was asked for: a door, the REST API, or a page."""

import json
from dataclasses import dataclass

from privacy_portal.processes.probes import Scope, Send
from privacy_portal.rest.problems import MEDIA_TYPE, Problem
from privacy_portal.tracking import refusal
from privacy_portal.tracking.refusal import Refusal

Lines = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class Told:
    """`problem`: the code that the REST API has for it. `text`: for whoever is shown a page."""

    status: int
    refusal: Refusal
    problem: str
    text: str
    headers: Lines = ()


UNAVAILABLE = Told(
    503,
    refusal.unavailable(),
    "unavailable",
    "This service is not available at the moment. Please try again later.",
    ((b"retry-after", b"5"),),
)
NOT_WHOLE = Told(400, refusal.bad_body("must be whole"), "malformed", "The request broke off before it was whole.")


async def refuse(scope: Scope, send: Send, told: Told = UNAVAILABLE) -> None:
    media_type, text = _said(scope["path"], told)
    length = str(len(text)).encode()
    about = [(b"content-type", media_type), (b"content-length", length)]
    headers = [*told.headers, (b"cache-control", b"no-store"), *about]
    await send({"type": "http.response.start", "status": told.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else text})


def _said(path: str, told: Told) -> tuple[bytes, bytes]:
    """Content type and text."""
    if path.startswith(("/track/", "/v1/")):
        said = {"success": False, "code": told.refusal.code, "message": told.refusal.message}
        return b"application/json", json.dumps(said).encode()
    if path.startswith("/api/"):
        return MEDIA_TYPE.encode(), json.dumps(Problem(told.problem).body(path)).encode()
    return b"text/plain", told.text.encode()
