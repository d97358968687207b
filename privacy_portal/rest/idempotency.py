"""Idempotency-Key (contract A1): a repeated POST gets the answer of the first, and nothing is done twice.

The key's row is inserted in the transaction of the effect, so a crash frees it. Nothing of the body is kept: only
keyed hashes and, encrypted, which rows the request made; of a preference link the link itself, since of its token only
a hash is kept elsewhere.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone
from rest_framework.request import Request

from privacy_portal.rest.authentication import token_of
from privacy_portal.rest.models import KEPT, IdempotencyKey
from privacy_portal.rest.problems import Problem
from privacy_portal.subjects.keys import keyed

KEY, REQUEST = b"idempotency-key", b"idempotent-request"
_HEADER = re.compile(r'"([\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x7e][\x21-\x7e]{0,254})')
_running: set[bytes] = set()
_lock = threading.Lock()


@dataclass(frozen=True)
class Presented:
    key: bytes
    fingerprint: bytes


def presented(request: Request) -> Presented | None:
    """The key of a request, quoted or bare, or None when it has none."""
    header = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if header is None:
        return None
    match = _HEADER.fullmatch(header.strip())
    if match is None or _stands_twice(request):
        raise Problem("idempotency_key_invalid")
    scope = f"{token_of(request).pk} {request.method} {request.path} "
    body = f"{request.content_type}\n{request.body.decode('latin-1')}"
    return Presented(keyed(KEY, scope, match[1] or match[2]), keyed(REQUEST, scope, body))


def _stands_twice(request: Request) -> bool:
    """Django joins two headers of a name by a comma, which may stand in a key, too."""
    scope = getattr(request, "scope", {"headers": ()})
    return sum(name == b"idempotency-key" for name, _ in scope["headers"]) > 1


@contextmanager
def alone(shown: Presented) -> Iterator[None]:
    """Call it around the transaction: whoever comes while the first is running is sent away."""
    with _lock:
        if shown.key in _running:
            raise Problem("idempotency_in_progress", headers={"Retry-After": "1"})
        _running.add(shown.key)
    try:
        yield
    finally:
        with _lock:
            _running.discard(shown.key)


def earlier(shown: Presented) -> IdempotencyKey | None:
    """What was done under this key before. Call it inside of the transaction."""
    _alone_among_processes(shown)
    row = IdempotencyKey.objects.filter(key=shown.key).first()
    if row is None:
        return None
    if row.created_at <= timezone.now() - KEPT:
        row.delete()
        return None
    if bytes(row.fingerprint) != shown.fingerprint:
        raise Problem("idempotency_key_reused")
    return row


def keep(shown: Presented, status: int, made: dict[str, str]) -> None:
    row = IdempotencyKey(key=shown.key, fingerprint=shown.fingerprint, status=status)
    row.remember(made)
    row.save(force_insert=True)


def _alone_among_processes(shown: Presented) -> None:
    """On PostgreSQL several web processes serve; the embedded default has one."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        number = int.from_bytes(shown.key[:8], "big", signed=True)
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise Problem("idempotency_in_progress", headers={"Retry-After": "1"})
