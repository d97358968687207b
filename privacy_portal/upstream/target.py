"""Where a brand's identify updates go: to its upstream, or to this portal under its present address (contract G7)."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

from django.conf import settings

from privacy_portal.brands.models import AuthToken, Brand


@dataclass(frozen=True)
class Target:
    """`status_url` has {eventId} in it; empty when there is nowhere to ask. `pace`, `status_pace`: what the limit of
    requests a second is counted for, which is one host for all brands that share it, and for whatever it is asked;
    empty with the address."""

    url: str
    token: str
    status_url: str
    pace: str
    status_pace: str

    def status_url_of(self, event_id: str) -> str:
        return self.status_url.replace("{eventId}", quote(event_id, safe=""))

    def door_for(self, action: str) -> str:
        """Where calls of this action, or a `batch`, go: beside `identify` where the address ends in that, as the
        upstream's own do; else to the one address there is."""
        parts = urlsplit(self.url)
        above, _, last = parts.path.rstrip("/").rpartition("/")
        return urlunsplit(parts._replace(path=f"{above}/{action}")) if last == "identify" else self.url


def target_of(brand: Brand) -> Target:
    if url := brand.setting("upstream_url"):
        status_url = brand.setting("upstream_status_url")
        return Target(url, brand.setting("upstream_token"), status_url, _host(url), _host(status_url))
    door = f"{settings.PUBLIC_URL}/track/{brand.path}/v1"
    # Here a limit is each auth-token's own.
    token = AuthToken.objects.internal(brand)
    return Target(f"{door}/identify", token, f"{door}/events/{{eventId}}", brand.path, f"{brand.path} status")


def _host(url: str) -> str:
    """Host and port, without the credentials that an address may hold."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()
