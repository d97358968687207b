"""The judge: what the callers were told against what the store holds. One violation is one too many."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import Any
from uuid import UUID

from privacy_portal.brands.models import Brand
from privacy_portal.consent.models import Evidence, Preference
from privacy_portal.storage import storage
from privacy_portal.subjects.keys import anonymous_key
from privacy_portal.subjects.models import ContactPoint, Subject
from privacy_portal.tracking.models import Action, Event
from privacy_portal.tracking.models.event import GATED
from privacy_portal.upstream.models import IdentifyUpdate
from regulations.models import Regulation
from regulations.models.export import Export, file_name
from tests.faults.window.calls import user_id
from tests.faults.window.story import OPENS, Linked, Person, Sent, Story

STATES = ("suppressed", "not_tracked")


@dataclass
class Judge:
    """`violations`: what was broken, and by which events, regulations or people; `counts`: what was judged."""

    brand: Brand
    story: Story
    violations: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)

    def judge(self) -> None:
        self._each_message_has_one_event()
        for event_id, sent in self.events.items():
            self._event(event_id, sent)
        self._the_sum()
        for regulation in Regulation.objects.filter(brand=self.brand):
            self._regulation(regulation)
        for number, person in self.story.people.items():
            self._person(number, person)

    # -- What there is to compare -------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> dict[str, str]:
        """Status of each call in the store by its eventId."""
        found = Event.objects.calls().filter(brand=self.brand).values_list("event_id", "status")
        return {str(event_id): status for event_id, status in found.iterator(chunk_size=5000)}

    @cached_property
    def events(self) -> dict[str, Sent]:
        batches = Event.objects.filter(brand=self.brand, action=Action.BATCH)
        return self.story.answered({str(one.event_id): [str(pk) for pk in one.call_ids] for one in batches.iterator()})

    @cached_property
    def own(self) -> set[str]:
        """Events that are the portal's identify updates, come home (contract G7)."""
        updates = IdentifyUpdate.objects.filter(brand=self.brand).exclude(event_ref="")
        return set(updates.values_list("event_ref", flat=True))

    @cached_property
    def links(self) -> dict[str, dict[int, Linked]]:
        return self.story.links()

    @cached_property
    def opened(self) -> dict[str, float]:
        """When the gate was open again for sure, by each regulation that opened it, on the clock of the logs."""
        ahead = time.time_ns() - time.monotonic_ns()
        done = Regulation.objects.filter(brand=self.brand, type=OPENS["suppressed"], status="finished")
        ends = done.values_list("pk", "finished_at")
        return {str(pk): end.timestamp() * 1e9 - ahead for pk, end in ends if end is not None}

    @cached_property
    def spans(self) -> dict[str, dict[int, list[tuple[float, float]]]]:
        return {state: {n: p.closed(state) for n, p in self.story.people.items()} for state in STATES}

    def _broken(self, rule: str, what: object) -> None:
        self.violations[rule].append(str(what))

    # -- Events -------------------------------------------------------------------------------------------------

    def _each_message_has_one_event(self) -> None:
        told = Counter(sent.message for sent in self.events.values())
        for message, number in told.items():
            if number > 1:
                self._broken("a messageId was answered with two eventIds", message)
        if told.keys() != self.story.messages():
            self._broken("a call was answered with no eventId of its own", len(self.story.messages() - told.keys()))

    def _event(self, event_id: str, sent: Sent) -> None:
        status = self.rows.get(event_id, "erased")
        self.counts[status] += 1
        for owner, since in self._owners(sent):
            if since < sent.began and sent.falls_into(self.spans["suppressed"][owner]):
                self._must(status == "suppressed", "received after Suppress was answered", event_id, sent)
            elif since < sent.began and sent.drops and sent.falls_into(self.spans["not_tracked"][owner]):
                self._must(status in GATED, "received after NoTrack was answered", event_id, sent)
        if status in GATED and not self._may_be_gated(sent):
            self._broken("gated before anyone closed a gate", event_id)
        if status == "stored" and self._owed_to_an_erasure(sent):
            self._broken("of someone erased, and stored", event_id)
        if status == "erased" and not self._may_be_erased(sent):
            self._broken("answered, and neither stored nor erased", event_id)

    def _must(self, holds: bool, rule: str, event_id: str, sent: Sent) -> None:
        self.counts[rule + (", by device" if sent.person is None else "")] += 1
        if not holds:
            self._broken(rule + ", and not kept out", event_id)

    def _owners(self, sent: Sent) -> Iterator[tuple[int, float]]:
        """Whose an event is, and since when that was known for sure (contract T14)."""
        if sent.person is not None:
            yield sent.person, -1
        elif sent.device is not None:
            yield from ((person, link.answered) for person, link in self.links[sent.device].items())

    def _may_be_gated(self, sent: Sent) -> bool:
        people = [sent.person] if sent.person is not None else self._linked(sent, "asked", sent.ended)
        return any(self.story.people[person].first_closing() < sent.ended for person in people)

    def _linked(self, sent: Sent, which: str, before: float) -> list[int]:
        assert sent.device is not None
        return [person for person, link in self.links[sent.device].items() if getattr(link, which) < before]

    def _owed_to_an_erasure(self, sent: Sent) -> bool:
        """It was answered, and its device's link was, before the gate was asked to open again."""
        people = [sent.person] if sent.person is not None else list(self.links[sent.device or ""])
        return any(
            sent.ended < erasure.reopened
            and (sent.person is not None or self.links[sent.device or ""][person].confirmed < erasure.reopened)
            for person in people
            for erasure in self.story.people[person].erasures()
        )

    def _may_be_erased(self, sent: Sent) -> bool:
        """It was sent before the gate was open again: until then a link to the erased takes what a device has sent."""
        people = [sent.person] if sent.person is not None else list(self.links[sent.device or ""])
        return any(
            sent.began < self.opened.get(erasure.reopening, inf)
            for person in people
            for erasure in self.story.people[person].erasures()
        )

    def _the_sum(self) -> None:
        """Rows = messages sent − erased + the portal's own updates that are still there; repeats add none."""
        messages, total = len(self.story.messages()), Event.objects.calls().filter(brand=self.brand).count()
        home = len(self.own & self.rows.keys())
        self.counts["rows"], self.counts["messages"], self.counts["own updates"] = total, messages, home
        self.counts["calls"] = sum(len(notes) for *_, notes in self.story.requests)
        if total != messages - self.counts["erased"] + home:
            self._broken("the sum", f"{total} rows, {messages} messages, {self.counts['erased']} erased, {home} own")
        for stray in self.rows.keys() - self.events.keys() - self.own:
            self._broken("stored, and answered to nobody", stray)
        batches = {event_id for _, _, event_id, _, batch, _ in self.story.requests if batch}
        stored = Event.objects.filter(brand=self.brand, action=Action.BATCH).count()
        if len(batches) != stored or len(batches) != len({one[4] for one in self.story.requests if one[4]}):
            self._broken("batches", f"{len(batches)} answered, {stored} stored")
        if Event.objects.filter(brand=self.brand, status__in=GATED).exclude(body=None).exists():
            self._broken("gated, and its body kept", "")

    # -- Regulations and people ---------------------------------------------------------------------------------

    def _regulation(self, regulation: Regulation) -> None:
        self.counts[f"{regulation.type} {regulation.status}"] += 1
        gave_way = regulation.status == "cancelled" and regulation.type in OPENS.values()
        if regulation.status != "finished" and not gave_way:
            steps = list(regulation.steps.values_list("action", "status", "last_error"))
            self._broken("a regulation that did not finish", f"{regulation.type} {regulation.status} {steps}")

    def _person(self, number: int, person: Person) -> None:
        subject = Subject.objects.of(self.brand, user_id(number)).first()
        if subject is None:
            return
        for state, flag in zip(STATES, (subject.suppressed, subject.no_track), strict=True):
            spans = self.spans[state][number]
            if spans and spans[-1][1] == inf and not flag:
                self._broken(f"closed last, and not {state}", subject.pk)
        if subject.suppressed and Preference.objects.filter(subject=subject, subscribed=True).exists():
            self._broken("suppressed, and subscribed", subject.pk)
        if person.is_gone_for_good:
            self.counts["people gone for good"] += 1
            for what, left in self._left_of(subject, number):
                if left:
                    self._broken(f"left of someone erased: {what}", subject.pk)

    def _left_of(self, subject: Subject, number: int) -> Iterator[tuple[str, Any]]:
        theirs = [device for device, links in self.links.items() if number in links]
        confirmed = [device for device in theirs if self.links[device][number].confirmed < inf]
        keys = [anonymous_key(self.brand.path, device) for device in confirmed]
        regulations = Regulation.objects.filter(subject=subject)
        # What is asked for afterwards is answered: nothing is known.
        last = max(UUID(erasure.id) for erasure in self.story.people[number].erasures())
        accesses = regulations.filter(type="access", pk__lt=last)
        yield "userId", subject.user_id is not None
        yield "events", Event.objects.filter(subject_key=subject.key).exists()
        yield "events of a device", Event.objects.filter(subject_key=None, anonymous_key__in=keys).exists()
        yield "links", {bytes(link.anonymous_key) for link in subject.links.filter(confirmed=True)} != set(keys)
        yield "contact points", ContactPoint.objects.filter(subject=subject).exists()
        yield "evidence", Evidence.objects.filter(entry__subject=subject).exists()
        yield "free text", regulations.exclude(reason="", ticket_ref="", intake="", language="").exists()
        yield "exports", Export.objects.ready().filter(regulation__in=accesses).exists()
        yield "files", any(storage().path(name).exists() for name in map(file_name, accesses))
