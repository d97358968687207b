"""Talking to the upstream: one httpx client per process, and every outcome sorted once into done, later or final."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import httpx

from privacy_portal.durable.errors import Final, TryAgain

# Together well under a job's lease of 15 s.
TIMEOUT = httpx.Timeout(4.0, read=6.0)
LONGEST_WAIT = timedelta(hours=24)
KEPT = 300


@cache
def _client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False)


def post(url: str, token: str, message: dict[str, Any]) -> str:
    """POST an identify update. Returns the eventId answered; raises TryAgain or Final with what to keep."""
    try:
        answer = _client().post(url, json=message, headers={"auth-token": token})
    except httpx.InvalidURL:
        raise Final("upstream_url is not an address") from None
    except httpx.HTTPError as error:
        raise TryAgain(f"{type(error).__name__}: the upstream did not answer") from None
    if answer.status_code != 200:
        raise _refusal(answer, message["userId"])
    return _event_id(answer)


def _event_id(answer: httpx.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        raise TryAgain("200 without JSON") from None
    event_id = body.get("eventId") if isinstance(body, dict) else None
    if not isinstance(event_id, str) or not event_id or len(event_id) > 64 or body.get("success") is False:
        raise TryAgain("200 without success and an eventId")
    return event_id


def _refusal(answer: httpx.Response, user_id: str) -> TryAgain | Final:
    status = answer.status_code
    error = f"{status} {_message(answer).replace(user_id, '[userId]')}".strip()
    if status == 429 or status >= 500:
        return TryAgain(error, retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC)))
    if 300 <= status < 500:
        return Final(error)
    return TryAgain(error)


def _message(answer: httpx.Response) -> str:
    """The upstream's own word for it; only from the member where our contract puts one, so no page is kept."""
    try:
        body = answer.json()
    except ValueError:
        return ""
    message = body.get("message") if isinstance(body, dict) else None
    return message[:KEPT].replace("\x00", "") if isinstance(message, str) else ""


def retry_after(value: str, now: datetime) -> datetime | None:
    """Retry-After in seconds or as an HTTP date (RFC 9110 §10.2.3), at most a day away; None when it says nothing."""
    if value.strip().isascii() and value.strip().isdigit():
        return now + min(timedelta(seconds=min(int(value), 10**6)), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(now, min(moment, now + LONGEST_WAIT))


def ask_status(url: str, token: str) -> str:
    """What the upstream says of an event; empty when it does not tell."""
    try:
        answer = _client().get(url, headers={"auth-token": token})
        body = answer.json() if answer.status_code == 200 else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return ""
    status = body.get("status") if isinstance(body, dict) else None
    return status[:32] if isinstance(status, str) else ""
