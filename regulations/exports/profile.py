"""profile.json: who the person is to the brand, as far as calls have said it."""

from collections.abc import Iterator

import msgspec

from regulations.exports.documents import document, moment
from regulations.exports.person import Person
from regulations.exports.survey import Survey


def profile(person: Person, found: Survey) -> Iterator[bytes]:
    """`traits` hold what identify calls said last, in the text that was received; `traitsSaid` when, and by which."""
    traits = sorted(found.traits.items())
    yield from document(
        userId=person.user_id,
        brand=person.brand.path,
        subject=str(person.subject.pk),
        traits={name: msgspec.Raw(trait.text) for name, trait in traits},
        traitsSaid={name: {"at": moment(trait.said_at), "eventId": trait.event_id} for name, trait in traits},
        firstSeen=moment(found.first_seen),
        lastSeen=moment(found.last_seen),
        events={"total": found.events, "byAction": dict(found.by_action)},
        devices={
            "own": len(person.devices),
            "sharedWithOthers": person.shared_devices,
            "unconfirmed": person.unconfirmed_devices,
        },
        collection={"suppressed": person.subject.suppressed, "noTrack": person.subject.no_track},
    )
