"""One attempt at delivering an identify update. The row decides when the next one is."""

import time

from django.utils import timezone

from privacy_portal.durable.errors import Final
from privacy_portal.upstream import client
from privacy_portal.upstream.message import compose
from privacy_portal.upstream.models import IdentifyUpdate, Pace
from privacy_portal.upstream.target import target_of


def deliver(update: IdentifyUpdate) -> None:
    user_id = update.subject.clear_user_id
    if user_id is None:
        raise Final("the person was erased before the upstream could be told")
    # Never longer than there are workers to 100 a second: the queue waits in the database, not here.
    time.sleep(Pace.reserve(update.brand, timezone.now()).total_seconds())
    target = target_of(update.brand)
    event_id = client.post(target.url, target.token, compose(update, user_id))
    status = (
        client.ask_status(target.status_url.replace("{eventId}", event_id), target.token) if target.status_url else ""
    )
    update.delivered(event_id, status)
