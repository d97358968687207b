"""A form that makes something once: sent again, by a reload of the answer or a second press, it makes nothing.

Each form shown carries a nonce that the session keeps until it is used. The session's row is locked while that changes,
so of two presses at once one takes it; its end stays what it was.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

KEY = "once"
FORMS = 20  # open at a time; of more the oldest is forgotten


def offer(request: HttpRequest) -> str:
    """A nonce for a form that is being shown."""
    nonce = secrets.token_urlsafe(16)
    with _nonces(request) as held:
        held[:] = [*held, nonce][-FORMS:]
    return nonce


def take(request: HttpRequest, nonce: str) -> bool:
    """Use it up. False when it was used before, or was never offered in this session."""
    with _nonces(request) as held:
        known = nonce in held
        held[:] = [each for each in held if each != nonce]
    return known


@contextmanager
def _nonces(request: HttpRequest) -> Iterator[list[str]]:
    with transaction.atomic():
        row = Session.objects.select_for_update().filter(session_key=request.session.session_key).first()
        data = row.get_decoded() if row else {}
        held = list(data.get(KEY, []))
        yield held
        if row:
            row.session_data = request.session.encode({**data, KEY: held})
            row.save(update_fields=["session_data"])
