"""What a caller asks of the two faces of a web process: an event of its door, a regulation of its REST API."""

from typing import Any
from uuid import uuid4

import httpx

from tests.portal import Portal


def track(portal: Portal) -> httpx.Response:
    headers = {"auth-token": portal.server_token}
    body = {"userId": "u1", "event": "Bought"}
    return httpx.post(f"{portal.url}/track/{portal.brand}/v1/track", json=body, headers=headers, timeout=30)


def api(portal: Portal, method: str, path: str, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {portal.api_token}"} | more.pop("headers", {})
    return httpx.request(method, f"{portal.url}/api/v1/{path}", headers=headers, timeout=30, **more)


def suppress(portal: Portal, **more: Any) -> httpx.Response:
    """Of someone new each time."""
    body = {"brand": portal.brand, "type": "suppress", "user_id": str(uuid4())}
    return api(portal, "POST", "regulations/", json=body, **more)
