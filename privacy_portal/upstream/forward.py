"""Sending stored events on to a brand's upstream, one turn at a time (docs/upstream.md, "Forwarding")."""

import time

from privacy_portal.brands.models import Brand
from privacy_portal.durable import clock
from privacy_portal.durable.clock import Moment
from privacy_portal.durable.errors import TryAgain
from privacy_portal.durable.jobs import OneByOne
from privacy_portal.tracking.homecoming import pseudonym
from privacy_portal.tracking.models import Event, Forwarding, ForwardingStatus
from privacy_portal.upstream import client
from privacy_portal.upstream.client import Busy, Refused
from privacy_portal.upstream.models import Pace
from privacy_portal.upstream.parcel import MOST_CALLS, Parcel, pack
from privacy_portal.upstream.slow import waiters
from privacy_portal.upstream.target import target_of

TURN_S = 2.0
"""After that a brand lets others have theirs, however much waits."""
BECAUSE_OF_A_CALL = (400, 409, 413, 422)
"""Answers that say something of what was sent. Others (a token that is unknown, an address that is wrong) say nothing
against any event, so all of them wait until that has been put right."""


class ForwardingKind(OneByOne):
    """One thread of a worker is never busy with this, so that slow upstreams of many brands hold up nothing else."""

    def due(self, at: Moment) -> bool:
        """While somebody sends, what waits for its turn is no sign that nobody works."""
        sending = Forwarding.objects.filter(status=ForwardingStatus.SENDING, lease_until__gte=clock.now())
        return not sending.exists() and super().due(at)

    def work_one(self) -> bool:
        if not waiters.acquire(blocking=False):
            return False
        try:
            return super().work_one()
        finally:
            waiters.release()


def forward(job: Forwarding) -> None:
    """One turn of a brand: request after request, until nothing waits or the turn is over."""
    ends_at = time.monotonic() + TURN_S
    while _send_next(job) and time.monotonic() < ends_at:
        pass
    job.rest()


def _send_next(job: Forwarding) -> bool:
    """One request, with the brand's settings as they are now. False when nothing waits."""
    brand = Brand.objects.get(pk=job.pk)
    if not brand.forwards:
        return _keep_next(job)
    target = target_of(brand)
    time.sleep(Pace.reserve(target.pace, clock.read()).total_seconds())
    parcel = pack(brand, _most(job))
    if parcel is None:
        return False
    try:
        client.post(target.door_for(parcel.action), target.token, parcel.text, parcel.people, via=pseudonym())
    except Refused as refusal:
        _divide(job, parcel, refusal)
    except Busy as trouble:
        # A brand's row outlives people: it keeps none of the upstream's words.
        raise TryAgain(str(trouble.status), trouble.after) from None
    else:
        job.sent(parcel.ids)
    return True


def _most(job: Forwarding) -> int:
    """Half of those among which one is refused, until it is known."""
    return max(1, job.suspects // 2) if job.suspects else MOST_CALLS


def _divide(job: Forwarding, parcel: Parcel, refusal: Refused) -> None:
    if refusal.status not in BECAUSE_OF_A_CALL:
        raise TryAgain(str(refusal.status))
    if len(parcel.ids) > 1:
        job.suspect(len(parcel.ids))
    else:
        job.refused(parcel.ids[0], refusal.error)


def _keep_next(job: Forwarding) -> bool:
    """Forwarding was turned off: what waits stays stored, and is not sent."""
    first = next(Event.objects.waiting().filter(brand_id=job.pk).pages(MOST_CALLS, "event_id"), [])
    job.keep([pk for pk, _ in first])
    return bool(first)
