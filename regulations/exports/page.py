"""index.html: the export as a page to read. It loads nothing, runs nothing, and needs no connection."""

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.template.loader import render_to_string

from privacy_portal.consent.models import Entry
from privacy_portal.timestamps import parse
from regulations.exports import wording
from regulations.exports.calls import Calls
from regulations.exports.consents import channels
from regulations.exports.information import RIGHTS, answers
from regulations.exports.manifest import Found, left_out
from regulations.exports.person import Person
from regulations.exports.story import story
from regulations.exports.survey import NEWEST, Survey
from regulations.models import Regulation

TRAITS, NAMES, CHANGES, REQUESTS = 200, 12, 50, 50


def page(
    regulation: Regulation, person: Person, found: Survey, counts: Found, calls: Calls, now: datetime
) -> Iterator[bytes]:
    zone = ZoneInfo(person.brand.setting("timezone"))
    style = render_to_string("exports/page.css")
    context = {
        "brand": person.brand.code,
        "user_id": person.user_id,
        "built": wording.when(now, zone),
        "zone": zone.key,
        "asked": wording.day(regulation.received_at, zone),
        "counts": counts,
        "found": found,
        "newest_limit": NEWEST,
        "story": story(calls, found, zone),
        "answers": answers(person.brand),
        "rights": RIGHTS,
        "left_out": [gap for gap in left_out(person) if gap.told],
        "stopped": person.subject.suppressed,
        "not_tracked": person.subject.no_track,
        "style": style,
        "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        **_seen(found, zone),
        **_about(found, zone),
        "kept_as_code": wording.kept_as_code(person.linked_devices, person.addresses),
        **_choices(person, zone),
        **_requests(person, regulation, zone),
    }
    yield wording.printable(render_to_string("exports/index.html", context)).encode()


def _seen(found: Survey, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "first_seen": found.first_seen and wording.short_day(found.first_seen, zone),
        "last_seen": found.last_seen and wording.short_day(found.last_seen, zone),
        "kinds": [(wording.KINDS[action], count) for action, count in found.by_action.most_common()],
        "names": [(wording.shown(name), count) for name, count in found.names.most_common(NAMES)],
    }


def _about(found: Survey, zone: ZoneInfo) -> dict[str, Any]:
    """What identify calls said last; marketing choices have a chapter of their own."""
    said = sorted((name, trait) for name, trait in found.traits.items() if name != "marketingPreferences")
    traits = [
        (wording.label(name), wording.shown(msgspec.json.decode(trait.text), 400), wording.day(trait.said_at, zone))
        for name, trait in islice(said, TRAITS)
    ]
    return {"traits": traits, "more_traits": max(0, len(said) - TRAITS)}


def _choices(person: Person, zone: ZoneInfo) -> dict[str, Any]:
    now = channels(person)
    labels = {channel["channel"]: channel["label"] for channel in now}
    for channel in now:
        channel["since"] = channel["since"] and wording.day(parse(channel["since"]), zone)
        channel["source"] = channel["source"] and wording.way(channel["source"])
    changes = [
        {
            "at": wording.when(entry.occurred_at, zone),
            "channel": labels.get(entry.channel, entry.channel),
            "entry": entry,
            "way": wording.way(entry.source),
        }
        for entry in Entry.objects.history(person.subject)[:CHANGES]
    ]
    return {"channels": now, "changes": changes}


def _requests(person: Person, this: Regulation, zone: ZoneInfo) -> dict[str, Any]:
    latest = Regulation.objects.filter(subject=person.subject).order_by("-id")[:REQUESTS]
    return {
        "requests": [
            {
                "what": wording.request(regulation),
                "received": wording.day(regulation.received_at, zone),
                "progress": "this file" if regulation.pk == this.pk else wording.progress(regulation),
            }
            for regulation in latest
        ]
    }
