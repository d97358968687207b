"""Recording consent: the one way by which anything is appended to the ledger, in bulk, in the caller's transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from privacy_portal.consent.decision import State, Verdict, Wish, decide, rank
from privacy_portal.consent.models import Entry, Evidence, Preference, Source
from privacy_portal.subjects.models import Subject

Place = tuple[UUID, str]
"""A person's channel."""
_Statement = tuple[UUID, str, bool, datetime]
"""Who, which channel, on or off, and when that occurred."""
_Standing = tuple[UUID, bool, datetime | None]
"""Who, whether suppressed, and since when erased."""


@dataclass(frozen=True)
class Proof:
    """Evidence as stated by a caller or seen on a request (all personal)."""

    collected_at: datetime | None = None
    source: str = ""
    wording: str = ""
    address: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Change:
    """One channel of one person. `occurred_at` later than receipt counts as receipt (contract C2). `anew`: a withdrawal
    that counts from now on, though one may stand already."""

    subject_id: UUID
    channel: str
    subscribed: bool
    source: Source
    received_at: datetime
    occurred_at: datetime | None = None
    event_ref: UUID | None = None
    wording: str = ""
    wording_version: str = ""
    proof: Proof | None = None
    anew: bool = False

    def wish(self) -> Wish:
        proved_at = self.proof.collected_at if self.proof and self.subscribed else None
        occurred_at = proved_at or self.occurred_at or self.received_at
        return Wish(self.subscribed, min(occurred_at, self.received_at), self.source, proved_at, self.anew)


@dataclass
class _Sheet:
    """The preferences of the people at hand, kept current while their changes are decided one after another."""

    suppressed: set[UUID]
    erased: set[UUID]
    changes: list[Change]
    states: dict[Place, State] = field(default_factory=dict)
    entries: list[tuple[Entry, Change]] = field(default_factory=list)
    current: dict[Place, Entry] = field(default_factory=dict)

    @cached_property
    def stated(self) -> set[_Statement]:
        """What is on record already of the times that are spoken of. Read once, and only where something comes too
        late."""
        times = [change.wish().occurred_at for change in self.changes]
        there = Entry.objects.effective().filter(
            subject_id__in={subject_id for subject_id, _ in self.states}, occurred_at__range=(min(times), max(times))
        )
        return set(there.values_list("subject_id", "channel", "subscribed", "occurred_at")) | {
            _statement(entry) for entry, _ in self.entries
        }

    @cached_property
    def last_claims(self) -> dict[Place, datetime]:
        """When of a person and channel a claim was recorded last. Read once, and only where someone claims."""
        claims = Entry.objects.filter(subject_id__in={subject_id for subject_id, _ in self.states}, claimed=True)
        last = claims.values_list("subject_id", "channel").annotate(Max("received_at")).order_by()
        return {(subject_id, channel): received_at for subject_id, channel, received_at in last}


def record(changes: Iterable[Change], *, sticky: bool, held: Collection[Subject] = ()) -> list[Verdict]:
    """Decide and append. Returns what each change came to, in order. `sticky`: the brand's `sticky_withdrawal`; `held`:
    the rows of these people, if the caller has locked them already.

    By whichever way it comes, nothing is granted to someone suppressed; and from the moment an erasure has begun
    nothing personal is kept about the person, evidence included: what came between its step and its end would stay.
    """
    changes = list(changes)
    if not changes:
        return []
    with transaction.atomic(savepoint=False):  # a savepoint would serve nobody: what fails here undoes all
        people = {change.subject_id for change in changes}
        sheet = _sheet([(one.pk, one.suppressed, one.erased_at) for one in held] or _locked(people), changes)
        known = Preference.objects.filter(subject_id__in=people)
        for pk, channel, on, since, by in known.values_list("subject_id", "channel", "subscribed", "since", "source"):
            sheet.states[pk, channel] = State(on, since, Source(by))
        verdicts = [_decide(sheet, change, sticky) for change in changes]
        _append(sheet)
    return verdicts


def _locked(people: Collection[UUID]) -> list[_Standing]:
    """Rows alone, without objects of them: thousands of people may come in one batch."""
    rows = Subject.objects.select_for_update().filter(pk__in=people).order_by("key")
    return list(rows.values_list("pk", "suppressed", "erased_at"))


def _sheet(people: Collection[_Standing], changes: list[Change]) -> _Sheet:
    return _Sheet(
        suppressed={pk for pk, suppressed, _ in people if suppressed},
        erased={pk for pk, _, erased_at in people if erased_at is not None},
        changes=changes,
    )


def _decide(sheet: _Sheet, change: Change, sticky: bool) -> Verdict:
    if change.subscribed and change.subject_id in sheet.suppressed:
        return Verdict.KEPT_OUT
    place = (change.subject_id, change.channel)
    current = sheet.states.get(place)
    change = _not_before(current, change)
    wish = change.wish()
    verdict = decide(current, wish, sticky)
    if verdict is Verdict.REPEAT or (verdict is Verdict.CLAIMED and _claimed_already(sheet, place)):
        return verdict
    if verdict is Verdict.RECORDED and (*place, wish.subscribed, wish.occurred_at) in sheet.stated:
        return Verdict.REPEAT
    entry = Entry(
        subject_id=change.subject_id, channel=change.channel, subscribed=change.subscribed, source=change.source,
        claimed=verdict is Verdict.CLAIMED, occurred_at=wish.occurred_at, received_at=change.received_at,
        event_ref=change.event_ref, wording=change.wording, wording_version=change.wording_version,
    )  # fmt: skip
    sheet.entries.append((entry, change))
    if verdict is Verdict.CLAIMED:
        sheet.last_claims[place] = change.received_at
    if verdict is Verdict.RECORDED:
        sheet.stated.add(_statement(entry))
    if verdict is Verdict.TAKEN:
        sheet.states[place] = State(wish.subscribed, wish.occurred_at, wish.source)
        sheet.current[place] = entry
    return verdict


def _not_before(current: State | None, change: Change) -> Change:
    """What happens now happens after what is on record: else an act would have no effect while this host's clock is
    behind, because it was set back or another's is ahead. What occurred at another time keeps that."""
    is_now = change.occurred_at is None and change.wish().proved_at is None
    if current is None or not is_now or change.received_at >= current.since:
        return change
    return replace(change, received_at=current.since + timedelta(microseconds=1))


def _claimed_already(sheet: _Sheet, place: Place) -> bool:
    """A nightly sync that repeats its claim every night adds one entry, not thousands."""
    last = sheet.last_claims.get(place)
    return last is not None and last >= sheet.states[place].since


def _append(sheet: _Sheet) -> None:
    Entry.objects.bulk_create([entry for entry, _ in sheet.entries])
    Evidence.objects.bulk_create(
        Evidence(entry=entry, **vars(change.proof))
        for entry, change in sheet.entries
        if change.proof and change.subject_id not in sheet.erased
    )
    Preference.objects.bulk_create(
        [_preference(entry) for entry in sheet.current.values()],
        update_conflicts=True,
        unique_fields=["subject", "channel"],
        update_fields=["subscribed", "since", "source", "entry"],
    )


def _statement(entry: Entry) -> _Statement:
    return entry.subject_id, entry.channel, entry.subscribed, entry.occurred_at


def _preference(entry: Entry) -> Preference:
    return Preference(
        subject_id=entry.subject_id, channel=entry.channel, subscribed=entry.subscribed,
        since=entry.occurred_at, source=entry.source, entry=entry,
    )  # fmt: skip


def rebuild(subject: Subject) -> bool:
    """Make a person's preferences anew from the ledger alone. True when they differed from what was live."""
    with transaction.atomic():
        Subject.objects.locked(subject.pk)
        current: dict[str, Entry] = {}
        for entry in Entry.objects.filter(subject=subject).effective().order_by("id"):
            held = current.get(entry.channel)
            if held is None or _outranks(entry, held):
                current[entry.channel] = entry
        fresh = {channel: (entry.pk, entry.subscribed, entry.occurred_at) for channel, entry in current.items()}
        live = {
            channel: (held.entry_id, held.subscribed, held.since)
            for channel, held in Preference.objects.of(subject.pk).items()
        }
        if fresh == live:
            return False
        Preference.objects.filter(subject=subject).delete()
        Preference.objects.bulk_create(_preference(entry) for entry in current.values())
    return True


def _outranks(entry: Entry, held: Entry) -> bool:
    return rank(entry.occurred_at, entry.subscribed) >= rank(held.occurred_at, held.subscribed)
