"""Delivering identify updates, several side by side. The rows decide when the next attempt is."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from functools import cache, partial
from operator import itemgetter
from time import monotonic

from privacy_portal.consent.models import Preference
from privacy_portal.durable import clock
from privacy_portal.durable.errors import Final, NotNow, TryAgain
from privacy_portal.durable.faults import point
from privacy_portal.durable.jobs import JobKind
from privacy_portal.durable.tasks import LOOKERS
from privacy_portal.upstream import client, slow
from privacy_portal.upstream.message import composed
from privacy_portal.upstream.models import FORGOTTEN, IdentifyUpdate, Pace
from privacy_portal.upstream.models.pace import APART, LATE
from privacy_portal.upstream.target import Target, target_of

TOGETHER = 10
"""So many are one thread's at a time. At that pace none of them waits for its moment as long as a lease lasts."""
PROMPT_S = 0.5
"""What was answered is written down after this time at the latest, however long the others take."""

Outcome = tuple[IdentifyUpdate, Callable[[], str]]
"""An update, and what gives the eventId that was answered, or raises what came instead."""
ByUpstream = dict[str, list[tuple[IdentifyUpdate, Target]]]


class UpdateKind(JobKind):
    """Claims some, sends them side by side, and writes down together what came of them."""

    def work(self, most: int) -> int:
        with slow.left_to_others() as brands:
            updates = IdentifyUpdate.objects.exclude(brand__in=brands).claim_some(min(most, TOGETHER))
            self._deliver(updates)
        return len(updates)

    def _deliver(self, updates: list[IdentifyUpdate]) -> None:
        for update in updates:
            point("job.claimed", update)
        left, taken = set(updates), dict[IdentifyUpdate, str]()
        try:
            for outcomes in deliver(updates):
                left -= {update for update, _ in outcomes}
                taken |= self._note(outcomes)
        except (SystemExit, KeyboardInterrupt):
            for update in left:
                update.hand_back()
            raise
        except Exception as error:
            for update in left:
                self.attempt(update, partial(_raise, error))
        _ask_statuses(taken)

    def _note(self, outcomes: list[Outcome]) -> dict[IdentifyUpdate, str]:
        """Returns what was taken, and under which eventId."""
        taken: dict[IdentifyUpdate, str] = {}
        for update, answer in outcomes:
            self.attempt(update, partial(_take, taken, answer))
        try:
            if taken:
                IdentifyUpdate.objects.delivered(taken)
        except Exception:  # of all, because of one: someone else may have taken that over
            for update, event_id in taken.items():
                self.attempt(update, partial(IdentifyUpdate.delivered, event_id=event_id))
        return taken


def _take(taken: dict[IdentifyUpdate, str], answer: Callable[[], str], update: IdentifyUpdate) -> None:
    taken[update] = answer()


def deliver(updates: list[IdentifyUpdate]) -> Iterator[list[Outcome]]:
    """Send each at a moment of its own, and tell some by some what came of it."""
    yield [(update, partial(_raise, Final(FORGOTTEN))) for update in updates if update.subject.user_id is None]
    on_way = dict(_sent([update for update in updates if update.subject.user_id is not None]))
    while on_way:
        done, _ = wait(on_way, timeout=PROMPT_S)
        yield [(on_way.pop(future), future.result) for future in done]


def _sent(updates: list[IdentifyUpdate]) -> Iterator[tuple[Future[str], IdentifyUpdate]]:
    """Upstream by upstream, the one that is free first. What is said is read once its first moment has come, since an
    update never says something old."""
    by_upstream = _by_upstream(updates, lambda target: target.pace)
    moments, ahead = _moments(by_upstream)
    for upstream, first in sorted(moments.items(), key=itemgetter(1)):
        _sleep_until(first - ahead)
        some = by_upstream[upstream]
        held = Preference.objects.of_each(update.subject_id for update, _ in some if update.channels)
        for place, (update, target) in enumerate(some):
            user_id = update.subject.clear_user_id or ""
            text = composed(update, user_id, held.get(update.subject_id, {}))
            moment = first + place * APART.total_seconds()
            yield _senders().submit(_post, moment, target, text, user_id, update.brand_id), update


def _by_upstream(updates: Iterable[IdentifyUpdate], pace: Callable[[Target], str]) -> ByUpstream:
    """What goes to one upstream, whose limit it shares, together. No limit: there is nowhere to go to."""
    found: ByUpstream = defaultdict(list)
    targets = {brand.pk: target_of(brand) for brand in {update.brand for update in updates}}
    for update in updates:
        if upstream := pace(target := targets[update.brand_id]):
            found[upstream].append((update, target))
    return found


def _moments(by_upstream: ByUpstream) -> tuple[dict[str, float], float]:
    """When the first to each upstream may go, and how much time to leave the database before that: what it was seen to
    take, so that a slow one lets no moment pass before it can be used."""
    numbers = {upstream: len(some) for upstream, some in by_upstream.items()}
    ahead = 0.0
    while True:
        now, began = clock.read(), monotonic()
        waits = Pace.reserve_each(numbers, now + timedelta(seconds=ahead))
        took = monotonic() - began
        if took <= ahead + LATE.total_seconds() / 2:
            return {upstream: began + ahead + wait.total_seconds() for upstream, wait in waits.items()}, ahead
        ahead = 2 * took


def _post(moment: float, target: Target, text: bytes, user_id: str, brand_id: int) -> str:
    _sleep_until(moment)
    began = monotonic()
    try:
        event_id = client.post(target.url, target.token, text, (user_id,), begin=partial(_in_time, moment))
    except TryAgain:
        slow.note(brand_id, monotonic() - began)
        raise
    slow.note(brand_id, monotonic() - began)
    return event_id


def _in_time(moment: float) -> None:
    if monotonic() - moment > LATE.total_seconds():
        raise NotNow


def _ask_statuses(taken: dict[IdentifyUpdate, str]) -> None:
    """Only when nothing is held any more: an upstream that is slow to tell must not make us send again what it has.
    Whoever misses their moment takes another."""
    while taken:
        missed: dict[IdentifyUpdate, str] = {}
        for update, status in list(_asked(taken)):
            try:
                update.tell(status.result())
            except NotNow:
                missed[update] = taken[update]
        taken = missed


def _asked(taken: dict[IdentifyUpdate, str]) -> Iterator[tuple[IdentifyUpdate, Future[str]]]:
    by_upstream = _by_upstream(taken, lambda target: target.status_pace)
    if not by_upstream:
        return
    moments, _ = _moments(by_upstream)
    for upstream, some in by_upstream.items():
        for place, (update, target) in enumerate(some):
            moment = moments[upstream] + place * APART.total_seconds()
            url = target.status_url_of(taken[update])
            user_id = update.subject.clear_user_id or ""
            yield update, _senders().submit(_ask, moment, url, target.token, user_id)


def _ask(moment: float, url: str, token: str, user_id: str) -> str:
    _sleep_until(moment)
    return client.ask_status(url, token, user_id, begin=partial(_in_time, moment))


def _sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - monotonic()))


def _raise(error: Exception, *_: object) -> str:
    raise error


@cache
def _senders() -> ThreadPoolExecutor:
    """Threads that only wait for upstreams: none of them has a connection to the database."""
    return ThreadPoolExecutor(LOOKERS * TOGETHER, thread_name_prefix="sender")
