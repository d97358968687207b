"""The one seam through which a higher app tells this one something: which messageIds are identify updates of ours.

A brand without an upstream of its own posts its updates to this portal. They are events like any other, but what
they say is already in the ledger (contract G7). `upstream` sets the function when it starts.
"""

from collections.abc import Callable

_known: Callable[[set[str]], set[str]] | None = None


def recognise_with(known: Callable[[set[str]], set[str]]) -> None:
    global _known
    _known = known


def own_updates(message_ids: set[str]) -> set[str]:
    """Those of the messageIds that are identify updates of this portal."""
    return _known(message_ids) if _known and message_ids else set()
