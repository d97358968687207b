"""Events on their way to a brand's upstream, and the workers that take them there."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.durable.jobs import work_until_idle
from privacy_portal.tracking.models import Event, Forwarding
from tests.factories.brands import make_brand
from tests.upstream.server import Upstream


def forwarding_brand(upstream: Upstream, **settings: Any) -> Brand:
    return make_brand(upstream_url=upstream.url, upstream_token="their-token", forwarding=True, **settings)


def carry() -> None:
    """Do what the workers would do until nothing is due."""
    work_until_idle()


def carry_after_trouble() -> None:
    """The same once the wait is over that trouble has caused."""
    Forwarding.objects.filter(status="retrying").update(due_at=timezone.now())
    work_until_idle()


def calls_in(upstream: Upstream) -> list[dict[str, Any]]:
    """The calls that the upstream was sent, in order, whether in a batch or alone."""
    return [call for message in upstream.messages for call in message.get("batch", [message])]


def ids_in(upstream: Upstream) -> list[str]:
    return [call["messageId"] for call in calls_in(upstream)]


def state(event_id: UUID) -> str:
    return str(Event.objects.get(event_id=event_id).status)


def states(*event_ids: UUID) -> list[str]:
    return [state(event_id) for event_id in event_ids]
