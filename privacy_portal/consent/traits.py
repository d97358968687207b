"""Reading `marketingPreferences.channels` as callers write it: what is understood, and what is wrong with the rest."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from privacy_portal.consent.ledger import Proof
from privacy_portal.timestamps import BadTimestamp, parse

TOO_MANY = "must have at most"
MOST_ENTRIES = 100
"""Of a brand that has fewer channels. To say what is wrong with each entry costs more than it costs to send one."""


@dataclass(frozen=True)
class Named:
    """One well-formed entry: `at` is its path, for messages."""

    at: str
    channel: str
    subscribed: bool
    proof: Proof | None


def most_entries(channels: Collection[str]) -> int:
    return max(MOST_ENTRIES, len(channels))


def read(entries: Any, at: str, channels: Collection[str], most: int | None = None) -> tuple[list[Named], list[str]]:
    """Well-formed entries and errors ("<path> <rule>", never a value). Unknown channels are errors (contract C4). Of
    more than `most` none counts."""
    if not isinstance(entries, list):
        return [], [f"{at} must be an array"]
    if most is not None and len(entries) > most:
        return [], [f"{at} {TOO_MANY} {most} entries"]
    good: list[Named] = []
    errors: list[str] = []
    for position, entry in enumerate(entries):
        try:
            good.append(_entry(entry, f"{at}[{position}]", channels))
        except ValueError as error:
            errors.append(str(error))
    return good, errors


def _entry(entry: Any, at: str, channels: Collection[str]) -> Named:
    if not isinstance(entry, dict):
        raise ValueError(f"{at} must be an object")
    channel, subscribed = entry.get("channel"), entry.get("subscribed")
    if not isinstance(channel, str) or channel not in channels:
        raise ValueError(f"{at}.channel must be one of {', '.join(channels)}")
    if not isinstance(subscribed, bool):
        raise ValueError(f"{at}.subscribed must be true or false")
    return Named(at, channel, subscribed, _proof(entry.get("evidence"), f"{at}.evidence"))


def _proof(evidence: Any, at: str) -> Proof | None:
    if evidence is None:
        return None
    if not isinstance(evidence, dict):
        raise ValueError(f"{at} must be an object")
    for name in ("source", "wording"):
        if not isinstance(evidence.get(name), str) or not evidence[name].strip():
            raise ValueError(f"{at}.{name} must not be empty")
        if "\x00" in evidence[name]:
            raise ValueError(f"{at}.{name} must not contain \\u0000")
    return Proof(_collected_at(evidence, at), evidence["source"], evidence["wording"])


def _collected_at(evidence: dict[str, Any], at: str) -> datetime:
    try:
        return parse(evidence.get("collectedAt"))
    except BadTimestamp as error:
        raise ValueError(f"{at}.collectedAt {error}") from None
