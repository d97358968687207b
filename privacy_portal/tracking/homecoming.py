"""What this portal has sent itself, known again at its own door (contract G7).

A brand without an upstream of its own posts its identify updates to this portal. They are events like any other, but
what they say is already in the ledger. Which messageIds those are is the one thing that a higher app tells this one:
`upstream` sets the function when it starts.

Events are never forwarded to this portal: one event would become two, and they four. Whatever is forwarded says by
`Via` where it comes from (RFC 9110 §7.6.3), so that it is known however the address is spelled that leads back.
"""

from collections.abc import Callable
from functools import cache

from privacy_portal.subjects import keys

Recognise = Callable[[int, set[str]], set[str]]
_known: Recognise | None = None


def recognise_with(known: Recognise) -> None:
    global _known
    _known = known


def own_updates(brand_id: int, message_ids: set[str]) -> set[str]:
    """Those of the messageIds that are identify updates of this very brand: those of another, whose upstream it is,
    tell it something new."""
    return _known(brand_id, message_ids) if _known and message_ids else set()


@cache
def pseudonym() -> str:
    """This portal's name in `Via`: the same in all of its processes, and in no other portal."""
    return f"privacy-portal-{keys.keyed(b'via', '', '').hex()}"


def was_forwarded_here(via: str | None) -> bool:
    return via is not None and pseudonym() in via
