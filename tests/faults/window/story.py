"""What the callers were told, read from their logs: when each gate was surely closed, and when each event sent."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any

CLOSES = {"suppressed": ("suppress", "suppress_and_delete", "delete"), "not_tracked": ("no_track",)}
OPENS = {"suppressed": "unsuppress", "not_tracked": "track"}
ERASES = ("delete", "suppress_and_delete")


@dataclass(frozen=True)
class Ask:
    """An accepted regulation."""

    asked: int
    answered: int
    person: int
    type: str
    id: str


@dataclass(frozen=True)
class Erasure:
    """`reopened`: when its person's gate was next asked to open, which is granted after its end only; `reopening`: the
    regulation that opens it, once a worker has come to it."""

    id: str
    reopened: float = inf
    reopening: str = ""


@dataclass
class Person:
    asks: list[Ask] = field(default_factory=list)

    def closed(self, state: str) -> list[tuple[float, float]]:
        """From the answer that closed the gate to the request that asked to open it: closed in between for sure."""
        spans: list[tuple[float, float]] = []
        since: float | None = None
        for ask in self.asks:
            if ask.type in CLOSES[state] and since is None:
                since = ask.answered
            elif ask.type == OPENS[state] and since is not None:
                spans.append((since, ask.asked))
                since = None
        return spans if since is None else [*spans, (since, inf)]

    def first_closing(self) -> float:
        closings = {*CLOSES["suppressed"], *CLOSES["not_tracked"]}
        return min((ask.asked for ask in self.asks if ask.type in closings), default=inf)

    def erasures(self) -> list[Erasure]:
        found: list[Erasure] = []
        after: tuple[float, str] = (inf, "")
        for ask in reversed(self.asks):
            if ask.type == "unsuppress":
                after = (ask.asked, ask.id)
            elif ask.type in ERASES:
                found.append(Erasure(ask.id, *after))
        return found

    @property
    def is_gone_for_good(self) -> bool:
        return any(erasure.reopened == inf for erasure in self.erasures())


@dataclass
class Sent:
    """One event. It was stored, or gated, between the first time it was sent and the first answer. `drops`: a no-track
    gate keeps it out, by whichever token that it was sent with."""

    message: str
    person: int | None
    device: str | None
    drops: bool
    began: float
    ended: float

    def falls_into(self, spans: Iterable[tuple[float, float]]) -> bool:
        return any(since < self.began and self.ended < until for since, until in spans)


@dataclass
class Linked:
    """When a device was first said to be a person's: asked, answered, and answered to a token that confirms it."""

    asked: float = inf
    answered: float = inf
    confirmed: float = inf


@dataclass
class Story:
    people: dict[int, Person]
    requests: list[list[Any]]
    refusals: dict[str, int]

    def answered(self, calls_of: dict[str, list[str]]) -> dict[str, Sent]:
        """Events by the id that their caller was given. `calls_of`: of each batch's id those of its calls, in order."""
        events: dict[str, Sent] = {}
        for began, ended, event_id, token, batch, notes in self.requests:
            ids = calls_of.get(event_id, []) if batch else [event_id]
            for one, (message, person, device, drops) in zip(ids, notes, strict=True):
                dropped = drops or token == "js_tag"
                sent = events.setdefault(one, Sent(message, person, device, dropped, began, ended))
                sent.began, sent.ended = min(sent.began, began), min(sent.ended, ended)
                sent.drops = sent.drops and dropped
        return events

    def messages(self) -> set[str]:
        return {note[0] for *_, notes in self.requests for note in notes}

    def links(self) -> dict[str, dict[int, Linked]]:
        found: dict[str, dict[int, Linked]] = defaultdict(lambda: defaultdict(Linked))
        for began, ended, _, token, _, notes in self.requests:
            for _, person, device, _ in notes:
                if person is not None and device is not None:
                    link = found[device][person]
                    link.asked, link.answered = min(link.asked, began), min(link.answered, ended)
                    if token == "server":
                        link.confirmed = min(link.confirmed, ended)
        return found


def read(folder: Path, people: int) -> Story:
    story = Story({number: Person() for number in range(people)}, [], defaultdict(int))
    for asked, answered, person, kind, outcome in sorted(_lines(folder, "asker")):
        if len(outcome) == 36:
            story.people[person].asks.append(Ask(asked, answered, person, kind, outcome))
        else:
            story.refusals[outcome] += 1
    story.requests = sorted(_lines(folder, "sender"))
    return story


def _lines(folder: Path, kind: str) -> Iterator[list[Any]]:
    for file in sorted(folder.glob(f"{kind}-*.jsonl")):
        with file.open() as lines:
            yield from map(json.loads, lines)
