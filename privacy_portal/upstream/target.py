"""Where a brand's identify updates go: to its upstream, or to this portal under its present address (contract G7)."""

from dataclasses import dataclass

from django.conf import settings

from privacy_portal.brands.models import AuthToken, Brand


@dataclass(frozen=True)
class Target:
    """`status_url` has {eventId} in it; empty when there is nowhere to ask."""

    url: str
    token: str
    status_url: str


def target_of(brand: Brand) -> Target:
    if url := brand.setting("upstream_url"):
        return Target(url, brand.setting("upstream_token"), brand.setting("upstream_status_url"))
    door = f"{settings.PUBLIC_URL}/track/{brand.path}/v1"
    return Target(f"{door}/identify", AuthToken.objects.internal(brand), f"{door}/events/{{eventId}}")
