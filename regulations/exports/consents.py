"""consents.json: every marketing channel as it stands, and every change there was, with what shows it."""

from collections.abc import Callable, Iterator
from typing import Any

from privacy_portal.consent.models import Entry, Evidence, Preference
from regulations.exports.documents import document, moment
from regulations.exports.pages import pages
from regulations.exports.person import Person


def channels(person: Person) -> list[dict[str, Any]]:
    """The brand's channels, and those that it once had, as they stand. `subscribed` is null where nothing was said."""
    known = {channel["name"]: channel for channel in person.brand.channels}
    return [
        _channel(known.get(name, {"name": name, "label": name, "meaning": "", "basis": ""}), held)
        for name, held in Preference.objects.by_channel(person.subject).items()
    ]


def consents(person: Person, renew: Callable[[], None]) -> Iterator[bytes]:
    """`history`: oldest first. `claimed`: said by someone else against the person's withdrawal, without effect."""
    entries = Entry.objects.filter(subject=person.subject).select_related("evidence")
    yield from document(channels=channels(person), history=(_entry(entry) for entry in pages(entries, renew)))


def _channel(described: dict[str, str], held: Preference | None) -> dict[str, Any]:
    return {
        "channel": described["name"],
        "label": described["label"],
        "meaning": described["meaning"],
        "basis": described["basis"],
        "subscribed": held.subscribed if held else None,
        "since": moment(held.since) if held else None,
        "source": held.source if held else None,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    evidence: Evidence | None = getattr(entry, "evidence", None)
    return {
        "channel": entry.channel,
        "subscribed": entry.subscribed,
        "claimed": entry.claimed,
        "source": entry.source,
        "occurredAt": moment(entry.occurred_at),
        "receivedAt": moment(entry.received_at),
        "eventId": entry.event_ref and str(entry.event_ref),
        "wording": entry.wording,
        "wordingVersion": entry.wording_version,
        "evidence": evidence and _evidence(evidence),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "collectedAt": moment(evidence.collected_at),
        "source": evidence.source,
        "wording": evidence.wording,
        "address": evidence.address,
        "agent": evidence.agent,
    }
