"""Channels as a person sees them on the page, and what the page's form says about them when it comes back."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import QueryDict

from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Preference
from privacy_portal.subjects.models import Subject

WORDS = {True: "You get these.", False: "You do not get these.", None: "You have not chosen yet."}
MARKS = {True: "on", False: "off", None: "none"}
_STATES = {mark: state for state, mark in MARKS.items()}


@dataclass(frozen=True)
class ShownChannel:
    """`subscribed`: as it is now, None when the person was never asked."""

    name: str
    label: str
    meaning: str
    subscribed: bool | None

    @property
    def words(self) -> str:
        return WORDS[self.subscribed]

    @property
    def shown(self) -> str:
        """What the form carries along: the channel, and the state this page showed."""
        return f"{self.name}:{MARKS[self.subscribed]}"

    @property
    def wording(self) -> str:
        """The text beside the checkbox, as the ledger keeps it."""
        return f"{self.label}: {self.meaning}" if self.meaning else self.label


def channels_of(subject: Subject) -> list[ShownChannel]:
    """The brand's channels in its order, and how they stand for this person."""
    held = Preference.objects.of(subject.pk)
    return [
        ShownChannel(c["name"], c["label"], c["meaning"], held[c["name"]].subscribed if c["name"] in held else None)
        for c in subject.brand.channels
    ]


def is_anything_on(subject: Subject) -> bool:
    """Whether any marketing may reach this person, by a channel that the brand has no more included."""
    return not subject.suppressed and bool(Preference.objects.granted(subject))


def is_all_stopped(subject: Subject) -> bool:
    """Whether no to everything is on record. Of a channel never chosen it is not: whoever writes to these people by
    soft opt-in may do so, and any system may still turn it on."""
    states = Preference.objects.by_channel(subject).values()
    return subject.suppressed or all(held is not None and not held.subscribed for held in states)


def brand_name(brand: Brand) -> str:
    """What a person knows it by: the controller's name without the address that may follow, or the brand's code."""
    first_line = brand.setting("controller").strip().partition("\n")[0]
    return first_line.partition(",")[0].strip() or brand.code


def wording_version(wording: str) -> str:
    return hashlib.sha256(wording.encode()).hexdigest()[:12]


def changed_in(form: QueryDict) -> dict[str, bool]:
    """Channel and wanted state of every checkbox that differs from what the page had shown. What it did not show,
    and what the person left as it was, is not in it: a tab left open undoes nothing done elsewhere since."""
    return {name: ticked for name, ticked, shown in _boxes(form) if ticked != shown}


def left_in(form: QueryDict) -> dict[str, bool]:
    """Channel and state of those that the person left as they were."""
    return {name: ticked for name, ticked, shown in _boxes(form) if ticked == shown}


def _boxes(form: QueryDict) -> Iterator[tuple[str, bool, bool]]:
    """Each channel that the page showed, whether it is ticked, and whether it was when the page was opened."""
    ticked = set(form.getlist("channel"))
    for mark in form.getlist("shown"):
        name, _, state = mark.rpartition(":")
        if state in _STATES:
            yield name, name in ticked, bool(_STATES[state])
