"""A first walk over a person's calls: what they add up to, what was last said about the person, which are newest."""

import heapq
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from privacy_portal.tracking.json_text import member, members
from privacy_portal.tracking.models import Action
from regulations.exports.calls import Calls, StoredCall

NEWEST = 200
NAMES = 1000


class Trait(NamedTuple):
    """What an identify call said: the text of the value as received, and by which call."""

    said_at: datetime
    id: int
    event_id: str
    text: bytes


class _Named(msgspec.Struct):
    event: Any = None  # of repeated keys the last one counts, and the others may hold anything


@dataclass
class Survey:
    """`traits`: of each the value of the latest timestamp. `names`: how often which track event came, the first 1,000
    different ones. `newest`: (timestamp, id, bytes of text) of the latest calls, in no order."""

    events: int = 0
    by_action: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    traits: dict[str, Trait] = field(default_factory=dict)
    newest: list[tuple[datetime, int, int]] = field(default_factory=list)

    def take(self, call: StoredCall) -> None:
        at = call.timestamp
        self.events += 1
        self.by_action[call.action] += 1
        self.first_seen = min(at, self.first_seen or at)
        self.last_seen = max(at, self.last_seen or at)
        place = (at, call.id, len(call.body))
        (heapq.heappush if len(self.newest) < NEWEST else heapq.heappushpop)(self.newest, place)
        if call.action == Action.IDENTIFY:
            self._take_traits(call)
        elif call.action == Action.TRACK:
            self._take_name(call)

    def _take_traits(self, call: StoredCall) -> None:
        begins, ends = member(call.body, "traits") or (0, 0)
        for name, _, value, end in members(call.body[begins:ends]):
            said = Trait(call.timestamp, call.id, str(call.event_id), call.body[begins + value : begins + end])
            held = self.traits.get(name)
            if held is None or said[:2] >= held[:2]:
                self.traits[name] = said

    def _take_name(self, call: StoredCall) -> None:
        name = msgspec.json.decode(call.body, type=_Named).event
        if name and (name in self.names or len(self.names) < NAMES):
            self.names[name] += 1


def survey(calls: Calls) -> Survey:
    found = Survey()
    for call in calls:
        found.take(call)
    return found
