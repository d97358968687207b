"""Talking to the upstream: one httpx client per process, and every outcome sorted once into done, later or final."""

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from html import escape
from time import monotonic
from typing import Any
from urllib.parse import quote

import httpx

from privacy_portal.durable.errors import Final, TryAgain
from privacy_portal.upstream.bounded import Transport, within

# Together well under a job's lease of 15 s: connected after 3 s, asked after 6, silent for 5 at most; an answer that
# comes by drops is cut off after 8, and one whose headers do after 9.
TIMEOUT = httpx.Timeout(3.0, read=5.0)
PATIENCE_S = 8.0
LONGEST_ANSWER = 64 * 1024
LONGEST_WAIT = timedelta(hours=24)
KEPT = 300
KEPT_OF_STATUS = 32
SHORT = 4

# Each in time that grows with the text alone, however an upstream words it.
WORD = re.compile(r"[^\s\"'`<>(){}\[\],;:=&?|]+")
TELEPHONE = re.compile(r"\+[0-9](?:[ ()./-]*[0-9]){6,}")

Begin = Callable[[], None]


@dataclass(frozen=True)
class Answer:
    """`body`: at most the first 64 KiB, and what came in time."""

    status: int
    retry_after: str
    body: bytes

    def member(self, name: str) -> Any:
        """A member of the object that the body is; None when it is none."""
        try:
            body = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return body.get(name) if isinstance(body, dict) else None

    def text(self, name: str) -> str:
        """The same as text in one line; empty when it is none."""
        found = self.member(name)
        return "".join(_printable(found)) if isinstance(found, str) else ""


class Refused(Final):
    """An answer that no second attempt would change; `status` says which."""

    def __init__(self, error: str, status: int) -> None:
        super().__init__(error)
        self.status = status


class Busy(TryAgain):
    """An answer after which a later attempt may do better; `status` says which."""

    def __init__(self, error: str, status: int, after: timedelta | None) -> None:
        super().__init__(error, after)
        self.status = status


def _printable(text: str) -> Iterator[str]:
    return (character if character.isprintable() else " " for character in text)


@cache
def _client() -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False, transport=Transport())


def _exchange(
    method: str, url: str, token: str, text: bytes | None = None, begin: Begin | None = None, via: str = ""
) -> Answer:
    headers = {"auth-token": token} | ({} if text is None else {"content-type": "application/json"})
    if via:
        headers["via"] = f"1.1 {via}"
    extensions = {"trace": _once(begin)} if begin else {}
    cut_off = monotonic() + PATIENCE_S
    body = b""
    exchange = _client().stream(method, url, content=text, headers=headers, extensions=extensions)
    with within(PATIENCE_S + 1), exchange as answer:
        for part in answer.iter_bytes():
            body += part
            if len(body) > LONGEST_ANSWER or monotonic() > cut_off:
                break
    return Answer(answer.status_code, answer.headers.get("retry-after", ""), body[:LONGEST_ANSWER])


def _once(begin: Begin) -> Callable[[str, Any], None]:
    """For httpx's `trace`, of which the first thing that it tells is that it connects or, if it is connected, sends."""
    told: list[str] = []

    def trace(name: str, _: Any) -> None:
        told.append(name)
        if len(told) == 1:
            begin()

    return trace


def post(
    url: str, token: str, text: bytes, people: Collection[str] | None, *, begin: Begin | None = None, via: str = ""
) -> str:
    """POST a JSON text. Returns the eventId answered; raises TryAgain (Busy), Final (Refused) with what to keep.

    `people`: the ids that are cut out of the upstream's words; None when they are too many to be told apart, and
    nothing of its words is kept. `begin`: called last before the network is used; what it raises stops that. `via`: by
    which name this portal passes on what it received.
    """
    try:
        answer = _exchange("POST", url, token, text, begin, via)
    except (httpx.InvalidURL, UnicodeError):  # the latter of a host that no name server could be asked for
        raise Final("upstream_url is not an address") from None
    except httpx.HTTPError as error:
        raise TryAgain(f"{type(error).__name__}: the upstream did not answer") from None
    if answer.status != 200:
        raise _refusal(answer, people)
    return _event_id(answer)


def _event_id(answer: Answer) -> str:
    event_id = answer.member("eventId")
    is_one = isinstance(event_id, str) and event_id.isprintable() and event_id.strip() and len(event_id) <= 64
    if not is_one or answer.member("success") is False:
        raise TryAgain("200 without success and an eventId")
    return str(event_id)


def _refusal(answer: Answer, people: Collection[str] | None) -> Busy | Refused:
    """The upstream's own word for it, only from the member where our contract puts one, so that no page is kept."""
    message = "" if people is None else _without(people, answer.text("message"))
    error = f"{answer.status} {message[:KEPT]}".strip()
    if 300 <= answer.status < 500 and answer.status != 429:
        return Refused(error, answer.status)
    return Busy(error, answer.status, retry_after(answer.retry_after, datetime.now(UTC)))


def _without(people: Collection[str], text: str) -> str:
    """An upstream's words without who is meant: it may know more of a person than it was told, and say it."""
    for person in filter(None, people):
        for form in quoted(person):
            text = _named(form).sub("[userId]", text)
    return TELEPHONE.sub("[number]", WORD.sub(lambda word: _or_address(word[0]), text))


def _named(form: str) -> re.Pattern[str]:
    """Of a short id, which many a word has in it, only where it stands by itself."""
    alone = len(form) < SHORT
    text = re.escape(form)
    return re.compile(rf"(?<![^\W_]){text}(?![^\W_])" if alone else text, re.IGNORECASE)


def _or_address(word: str) -> str:
    name, at, host = word.replace("%40", "@").rpartition("@")
    return "[address]" if name and at and host else word


def quoted(person: str) -> list[str]:
    """How a text in one line may quote an id: as it is, in an address, in JSON, in HTML; the longest first, since one
    may hold another."""
    in_json = [json.dumps(person, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)]
    forms = {person, quote(person), quote(person, safe=""), *in_json, escape(person)}
    return sorted(forms | {"".join(_printable(form)) for form in forms}, key=len, reverse=True)


def retry_after(value: str, now: datetime) -> timedelta | None:
    """How long Retry-After says to wait, in seconds or as an HTTP date (RFC 9110 §10.2.3), at most a day; None when it
    says nothing, or nothing that can be read."""
    try:
        if value.strip().isascii() and value.strip().isdigit():
            return min(timedelta(seconds=min(int(value), 10**6)), LONGEST_WAIT)
        moment = parsedate_to_datetime(value)
    except (OverflowError, ValueError):  # a number of thousands of digits, a year of twenty
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(timedelta(), min(moment - now, LONGEST_WAIT))


def ask_status(url: str, token: str, user_id: str, begin: Begin | None = None) -> str:
    """What the upstream says of an event about this person; empty when it does not tell. `begin`: as in `post`."""
    try:
        answer = _exchange("GET", url, token, begin=begin)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
        return ""
    return _without((user_id,), answer.text("status"))[:KEPT_OF_STATUS] if answer.status == 200 else ""
