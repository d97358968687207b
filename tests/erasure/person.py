"""Someone whose every particular is unmistakable, and the same person as each door of the product hears of them."""

import gzip
import json
from base64 import b64encode
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any
from urllib.parse import quote

EVIDENT = "2020-01-01T00:00:00Z"


def unmistakable() -> dict[str, str]:
    """A value for each kind of thing that may be known of a person. No two share a part, and nothing else has one."""

    def mark() -> str:
        return f"zq{token_hex(6)}"

    return {
        "userId": f"Ünt {mark()}",
        "e-mail": f"{mark()}@example.com",
        "phone": f"+49{int(token_hex(6), 16):015d}",
        "name": f"Änne Müller-{mark()}",
        "street": f"{mark()} Straße 5",
        "anonymousId": f"device-{mark()}",
        "messageId": f"message-{mark()}",
        "trait as escapes": f"emoji 🦊 {mark()}",
        "trait in gzip": mark(),
        "trait in base64": b64encode(f"Ünt {mark()}".encode()).decode(),
        "trait in percent": quote(f"Ünt {mark()}"),
        "trait in hexadecimal": f"Ünt {mark()}".encode().hex(),
        "trait in an array": mark(),
        "long trait": mark(),
        "key of a trait": mark(),
        "event name": mark(),
        "property": mark(),
        "page address": f"https://shop.example/{mark()}?q=1",
        "groupId": mark(),
        "browser's trait": mark(),
        "evidence source": f"call {mark()}",
        "evidence wording": f"Yes, I {mark()}",
        "reason": f"She wrote: {mark()}",
        "ticket": f"T-{mark()}",
        "intake": f"letter {mark()}",
        "user agent": f"Browser/{mark()}",
        "address": "203.0.113.177",
        "Idempotency-Key": mark(),
        "upstream's word": f"bounced {mark()}",
    }


NEVER_KEPT = {"Idempotency-Key"}


@dataclass
class Person:
    values: dict[str, str] = field(default_factory=unmistakable)

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def traits(self) -> dict[str, Any]:
        channels = [
            {"channel": "email", "subscribed": True, "evidence": self.evidence},
            {"channel": self["key of a trait"], "subscribed": True},
        ]
        return {
            "email": self["e-mail"],
            "phone": self["phone"],
            "name": self["name"],
            "address": {"street": self["street"]},
            **{name: self[name] for name in ("trait in base64", "trait in percent", "trait in hexadecimal")},
            "marketingPreferences": {"channels": channels},
        }

    @property
    def evidence(self) -> dict[str, str]:
        return {"collectedAt": EVIDENT, "source": self["evidence source"], "wording": self["evidence wording"]}

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Calls of a batch, which its context names the device of."""
        return [
            {"type": "identify", "userId": self["userId"], "traits": {"tags": ["a", self["trait in an array"]]}},
            {"type": "track", "event": self["event name"], "userId": self["userId"],
             "properties": {self["key of a trait"]: [{"deep": self["property"]}]}},
            {"type": "page", "userId": self["userId"], "context": {"page": {"url": self["page address"]}}},
            {"type": "screen", "userId": self["userId"], "name": self["name"]},
            {"type": "group", "userId": self["userId"], "groupId": self["groupId"],
             "traits": {"bio": self["long trait"] * 700}},
            {"type": "track", "event": "Seen", "anonymousId": self["anonymousId"]},
        ]  # fmt: skip

    def identify(self, **more: Any) -> dict[str, Any]:
        return {"event": "identify", "userId": self["userId"], "traits": self.traits, **more}

    @property
    def escaped(self) -> bytes:
        """An identify whose every letter beyond ASCII is an escape."""
        return json.dumps(self.identify(traits={"fox": self["trait as escapes"]})).encode()

    @property
    def zipped(self) -> bytes:
        return gzip.compress(json.dumps(self.identify(traits={"zipped": self["trait in gzip"]})).encode())
