"""manifest.json, the last member: what was searched and found, each file's fingerprint, what was left out and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from regulations.destinations import DESTINATIONS
from regulations.exports.archive import Member
from regulations.exports.documents import document, moment
from regulations.exports.person import Person
from regulations.exports.survey import Survey
from regulations.models import Regulation

SHARED = "Another person uses the same device: what it sent without saying who was using it may be about them."
UNCONFIRMED = "Only a browser or an app said that the device is yours; no server of the controller has confirmed it."
ERASED = "The person was erased, and a copy that is kept for weeks must not name them again."
STOPPED = "Collecting was stopped at the person's request. What arrived since then was not stored, so there is none."
NOT_TRACKED = "Recording what the person does was stopped at their request. What they did since then was not stored."


@dataclass(frozen=True)
class LeftOut:
    """`count` is of devices; None where there is nothing to count. `told`: what the page says it is, empty when a
    person misses nothing by it."""

    what: str
    why: str
    told: str
    count: int | None = None


@dataclass(frozen=True)
class Found:
    """How much of each kind the zip holds. `devices`, `addresses`: of how many the portal keeps a keyed hash, of which
    it can say no more than that."""

    events: int
    consents: int
    regulations: int
    devices: int
    addresses: int

    @property
    def nothing(self) -> bool:
        """Nothing is known about the person beyond this very request."""
        is_recognised = self.devices or self.addresses
        return not self.events and not self.consents and not is_recognised and self.regulations <= 1

    def as_counts(self) -> dict[str, int]:
        return {"events": self.events, "consents": self.consents, "regulations": self.regulations}


def left_out(person: Person) -> list[LeftOut]:
    gaps = []
    if person.shared_devices:
        told = "What was recorded of a device that another person uses too"
        gaps.append(LeftOut("Calls of devices that another person uses too", SHARED, told, person.shared_devices))
    if person.unconfirmed_devices:
        told = "What was recorded of a device that is not confirmed to be yours"
        gaps.append(LeftOut("Calls of devices not confirmed as yours", UNCONFIRMED, told, person.unconfirmed_devices))
    if person.subject.suppressed:
        told = "What happened while collecting was stopped"
        gaps.append(LeftOut("Calls that arrived while collecting was stopped", STOPPED, told))
    elif person.subject.no_track:
        told = "What you did while recording was stopped"
        gaps.append(LeftOut("Calls about what was done while recording was stopped", NOT_TRACKED, told))
    if person.is_nameless:
        gaps.append(LeftOut("The userId, and what was written down with requests", ERASED, told=""))
    gaps += [_not_asked(name, person) for name, kind in DESTINATIONS.items() if "collect" not in kind.actions]
    log = "The log of what staff and systems did with requests"
    gaps.append(LeftOut(log, "It names people by an internal number alone.", log))
    return gaps


def manifest(
    regulation: Regulation, person: Person, survey: Survey, found: Found, members: list[Member], at: datetime
) -> Iterator[bytes]:
    yield from document(
        format="privacy-portal-access-export",
        version=1,
        regulation=str(regulation.pk),
        brand=person.brand.path,
        subject=str(person.subject.pk),
        receivedAt=moment(regulation.received_at),
        builtAt=moment(at),
        period={"from": moment(survey.first_seen), "to": moment(survey.last_seen), "searchedUntil": moment(at)},
        nothingKnown=found.nothing,
        counts=found.as_counts(),
        searched=_searched(person, found),
        leftOut=[_written(gap) for gap in left_out(person)],
        members=[{"name": member.name, "size": member.size, "sha256": member.sha256} for member in members],
    )


def _searched(person: Person, found: Found) -> list[dict[str, Any]]:
    places = (
        ("event_store", "Calls under the userId, and calls of devices linked to it alone", found.events),
        ("consent_ledger", "Changes of marketing channels", found.consents),
        ("regulations", "Requests about the person", found.regulations),
        ("device_links", "Devices linked to the userId, each kept as a keyed hash", found.devices),
        ("contact_points", "The latest e-mail address and phone number, each kept as a keyed hash", found.addresses),
    )
    said = [{"place": place, "what": what, "found": count} for place, what, count in places]
    said[0]["devices"] = len(person.devices)
    return said


def _not_asked(name: str, person: Person) -> LeftOut:
    if not person.brand.setting("upstream_url"):
        return LeftOut(name, "No system outside this portal is configured for this brand.", told="")
    why = "It can be told what to do, but not asked what it holds. Ask the controller for a copy from there."
    return LeftOut(name, why, told="The customer data system that is connected to this one")


def _written(gap: LeftOut) -> dict[str, Any]:
    return {"what": gap.what, "why": gap.why} | ({} if gap.count is None else {"devices": gap.count})
