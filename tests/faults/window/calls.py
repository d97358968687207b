"""What is sent: calls about a few people and their devices, and what the judge must know of each."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

KINDS = {"track": 30, "page": 6, "screen": 6, "group": 4, "command": 6, "identify": 14}
SILENT = {kind: weight for kind, weight in KINDS.items() if kind != "identify"}
SPOKEN = 0.7
SUBJECTS = {"person": 60, "device": 28, "both": 12}
TOKENS = {"server": 70, "js_tag": 20, "mobile": 10}
TIMES = {"now": 60, "past": 20, "future": 20}
COMMAND = "Send Receipt"
CHANNELS = ("email", "sms", "push")
NEW_DEVICE_EVERY = 300


def user_id(person: int) -> str:
    return f"person {person} of the race"


@dataclass(frozen=True)
class Call:
    """One call. `drops`: a no-track gate keeps it out, by whichever token it comes but the tag's (contract T12)."""

    body: dict[str, Any]
    action: str
    person: int | None
    device: str | None
    drops: bool

    @property
    def message(self) -> str:
        return str(self.body["messageId"])

    def note(self) -> list[Any]:
        return [self.message, self.person, self.device, self.drops]


def drawn(random: Random, weights: dict[str, int]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def draw(random: Random, people: int, message: str, age: int, speaker: int | None = None) -> Call:
    """`age`: how many calls were sent before. Devices come up as the race goes on, so that there are always some that
    have sent events and are not linked yet. `speaker`: the only one about whom identify calls are made, and many."""
    kind, whose, owner = drawn(random, KINDS), drawn(random, SUBJECTS), random.randrange(people)
    if speaker is not None:
        kind, owner = ("identify", speaker) if random.random() < SPOKEN else (drawn(random, SILENT), owner)
    device = random.choice(
        [f"own {owner}", f"shared {owner // 2}", f"late {owner} {age // NEW_DEVICE_EVERY + random.randrange(2)}"]
    )
    action = "track" if kind == "command" else kind
    body = {"messageId": message, "type": action, **FIELDS[kind](random, owner)}
    body |= {"userId": user_id(owner)} if whose != "device" else {}
    body |= {"anonymousId": device} if whose != "person" else {}
    body |= when(random)
    drops = kind in ("track", "page", "screen")
    return Call(body, action, None if whose == "device" else owner, None if whose == "person" else device, drops)


def when(random: Random) -> dict[str, str]:
    days = {"now": None, "past": -random.randrange(1, 4000), "future": random.randrange(1, 4000)}[drawn(random, TIMES)]
    return {} if days is None else {"timestamp": (datetime.now(UTC) + timedelta(days=days)).isoformat()}


def traits(random: Random, owner: int) -> dict[str, Any]:
    channels = [{"channel": random.choice(CHANNELS), "subscribed": random.random() < 0.7}]
    contact = {"email": f"person-{owner}@example.com", "phone": f"+49 30 {owner}"}
    return {"event": "identify", "traits": {**contact, "marketingPreferences": {"channels": channels}}}


FIELDS: dict[str, Any] = {
    "track": lambda *_: {"event": "Product Added", "properties": {"sku": "A-1"}},
    "command": lambda *_: {"event": COMMAND},
    "page": lambda *_: {"event": "page", "properties": {"url": "https://shop.example/"}},
    "screen": lambda *_: {"name": "Basket"},
    "group": lambda *_: {"groupId": "g-1"},
    "identify": traits,
}
