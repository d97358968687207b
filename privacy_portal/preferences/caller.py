"""Who sends a request: what of it is evidence, and whether another website made the browser send it."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from privacy_portal.consent.ledger import Proof
from privacy_portal.tracking.peer import caller_address

LONGEST_AGENT = 512


def proof_of(request: HttpRequest) -> Proof:
    """Address and browser, which lie in an erasable row beside the ledger."""
    peer, forwarded = request.META.get("REMOTE_ADDR") or "", request.headers.get("X-Forwarded-For", "")
    return Proof(
        address=caller_address(peer, forwarded, settings.TRUSTED_PROXIES)[:64],
        agent=request.headers.get("User-Agent", "")[:LONGEST_AGENT],
    )


def is_from_another_site(request: HttpRequest) -> bool:
    """As the browser says. Under `no-referrer` it calls the origin of our own forms `null`, so that word says
    nothing; whoever has the link's token needs no browser of the person's."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    ours = (request.get_host(), urlsplit(settings.PUBLIC_URL).netloc)
    return origin != "null" and origin.partition("://")[2] not in ours
