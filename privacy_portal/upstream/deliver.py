"""One attempt at delivering an identify update. The row decides when the next one is."""

import time

from privacy_portal.durable import clock
from privacy_portal.durable.errors import Final
from privacy_portal.upstream import client
from privacy_portal.upstream.message import composed
from privacy_portal.upstream.models import FORGOTTEN, IdentifyUpdate, Pace
from privacy_portal.upstream.target import target_of


def deliver(update: IdentifyUpdate) -> None:
    user_id = update.subject.clear_user_id
    if user_id is None:
        raise Final(FORGOTTEN)
    target = target_of(update.brand)
    # Never longer than there are workers to 100 a second: the queue waits in the database, not here.
    time.sleep(Pace.reserve(target.pace, clock.read()).total_seconds())
    event_id = client.post(target.url, target.token, composed(update, user_id), (user_id,))
    update.delivered(event_id)
    # Only now: an upstream that is slow to tell must not make us send again what it has.
    if target.status_url:
        update.tell(client.ask_status(target.status_url.replace("{eventId}", event_id), target.token))
