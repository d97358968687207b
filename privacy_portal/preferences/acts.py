"""What a person can do with a link: save, stop everything, undo, unsubscribe from one channel. Each is one
transaction. `only_stops`: by an old link, which can take nothing but a no."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from privacy_portal.audit.models import PERSON
from privacy_portal.consent.decision import Verdict
from privacy_portal.consent.ledger import Proof
from privacy_portal.consent.models import Preference, Source
from privacy_portal.preferences.channels import channels_of, wording_version
from privacy_portal.preferences.receipt import Receipt
from privacy_portal.preferences.record import Wish, record_consent
from privacy_portal.subjects.errors import Conflict
from privacy_portal.subjects.models import Subject

STOP_ALL = "Stop all marketing"
UNDO = "Undo"
UNSUBSCRIBE = "Unsubscribe"


@dataclass(frozen=True)
class Done:
    """`at`: when it was recorded, None when there was nothing to change. `dropped`: something was to be turned on, and
    the link is too old for that. `outdated`: nothing came of it, since the page that it was pressed on is."""

    at: datetime | None
    dropped: bool = False
    outdated: bool = False


def save(
    subject: Subject, wanted: dict[str, bool], left: dict[str, bool], proof: Proof, *, only_stops: bool = False
) -> Done:
    """Record the channels in `wanted` that are the brand's, or once were and this person's. `left`: those that the
    person left as the page showed them. Conflict `suppressed` when that would grant anything to someone to whom nothing
    is sent."""

    def known(locked: Subject) -> dict[str, bool]:
        """A form may name anything."""
        names = {*locked.brand.channel_names, *Preference.objects.of(locked.pk)}
        return {name: subscribed for name, subscribed in wanted.items() if name in names}

    done = _act(subject, known, proof, Source.PREFERENCE_CENTRE, only_stops=only_stops)
    return done if done.at else replace(done, outdated=_is_past(subject, wanted, left))


def _is_past(subject: Subject, wanted: dict[str, bool], left: dict[str, bool]) -> bool:
    """Whether a page offered what is offered no more, or showed what has changed since."""
    offered, held = set(subject.brand.channel_names), set(Preference.objects.granted(subject))
    return any(is_on and name not in offered for name, is_on in wanted.items()) or any(
        is_on != (name in held) for name, is_on in left.items()
    )


def stop_all(subject: Subject, proof: Proof) -> Done:
    """Withdraw every channel of the brand, those never asked about included, and any the brand once had."""
    return _act(subject, _everything_off, proof, Source.PREFERENCE_CENTRE, pressed=STOP_ALL)


def undo(subject: Subject, saved_at: datetime, proof: Proof, *, only_stops: bool = False) -> Done:
    """Put back what the save of that moment changed, as far as nothing else has changed it since. Conflict `suppressed`
    when that is because everything was stopped."""

    def back(locked: Subject) -> dict[str, bool]:
        receipt = Receipt.find(locked, saved_at, timezone.now())
        if receipt and locked.suppressed and not receipt.reversible:
            raise Conflict("suppressed", "Everything was stopped since.")
        return receipt.reversible if receipt else {}

    done = _act(subject, back, proof, Source.PREFERENCE_CENTRE, pressed=UNDO, only_stops=only_stops)
    return replace(done, outdated=done.at is None and not done.dropped)


def unsubscribe(subject: Subject, channel: str, proof: Proof) -> Done:
    """Withdraw one channel at once, whether the brand still has it and anything was said of it or not: its link was
    handed out. A repeat only reads, however hard a robot hits."""
    held = Preference.objects.of(subject.pk).get(channel)
    if held and not held.subscribed and not Source(held.source).is_yielding:
        return Done(None)
    return _act(subject, lambda _: {channel: False}, proof, Source.ONE_CLICK, pressed=UNSUBSCRIBE)


def _everything_off(subject: Subject) -> dict[str, bool]:
    return dict.fromkeys([*subject.brand.channel_names, *Preference.objects.granted(subject)], False)


def _act(
    subject: Subject,
    decide: Callable[[Subject], dict[str, bool]],
    proof: Proof,
    source: Source,
    *,
    pressed: str = "",
    only_stops: bool = False,
) -> Done:
    """`decide` and the time are taken under the person's lock, so that acts of two tabs have an order. Nothing is
    recorded about someone who was erased."""
    with transaction.atomic():
        subject = Subject.objects.select_related("brand").select_for_update(of=("self",)).get(pk=subject.pk)
        wanted, at = decide(subject), _moment(subject)
        if subject.erased_at is not None or not wanted:
            return Done(None)
        wishes = _wishes(subject, wanted, proof, pressed)
        kept = [wish for wish in wishes if not (only_stops and wish.subscribed)]
        turned_on = {wish.channel for wish in wishes if wish.subscribed} - set(Preference.objects.granted(subject))
        recorded = record_consent(subject, kept, source, PERSON, at)
    return Done(at if Verdict.TAKEN in recorded.verdicts else None, dropped=only_stops and bool(turned_on))


def _moment(subject: Subject) -> datetime:
    """Now, or just after the last that is on record, since this host's clock may be behind: then the ledger would move
    each channel by itself, and what one act records is found by its one moment."""
    now, last = timezone.now(), max((held.since for held in Preference.objects.of(subject.pk).values()), default=None)
    return now if last is None or last < now else last + timedelta(microseconds=1)


def _wishes(subject: Subject, wanted: dict[str, bool], proof: Proof, pressed: str) -> list[Wish]:
    """A channel the brand does not have any more can be withdrawn, never granted."""
    shown = {channel.name: channel.wording for channel in channels_of(subject)}
    wishes = []
    for name, subscribed in wanted.items():
        if subscribed and name not in shown:
            continue
        wording = ". ".join(filter(None, (pressed, shown.get(name, name))))
        wishes.append(Wish(name, subscribed, proof, wording, wording_version(wording)))
    return wishes
