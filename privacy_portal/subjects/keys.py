"""Keyed hashes: how a person, a device, an address or a message is recognised without being named.

BLAKE2b-128 under PORTAL_SUBJECT_KEY, separated by kind and brand. The key never rotates: who was erased cannot be
hashed again. A check value in the database catches a wrong key, which would silently open the gate.
"""

import hashlib
from functools import cache

from django.conf import settings

from privacy_portal.environment import BadSetting

USER, ANONYMOUS, EMAIL, PHONE, MESSAGE = b"user", b"anonymous", b"email", b"phone", b"message"


def keyed(kind: bytes, brand_path: str, value: str) -> bytes:
    """16 bytes that stand for `value` (a userId, anonymousId, address or messageId) under one brand."""
    return _hash(_key(), kind, brand_path, value)


def user_key(brand_path: str, user_id: str) -> bytes:
    return keyed(USER, brand_path, user_id)


def anonymous_key(brand_path: str, anonymous_id: str) -> bytes:
    return keyed(ANONYMOUS, brand_path, anonymous_id)


def _hash(key: bytes, kind: bytes, brand_path: str, value: str) -> bytes:
    text = b"\x00".join((kind, brand_path.encode(), value.encode("utf-8", "surrogatepass")))
    return hashlib.blake2b(text, digest_size=16, key=key).digest()


@cache
def _key() -> bytes:
    verify()
    return _configured()


def _configured() -> bytes:
    return hashlib.sha256(settings.SUBJECT_KEY.encode()).digest()


def verify() -> None:
    """Stop the process when PORTAL_SUBJECT_KEY is not the one this database was filled under; a new one takes it."""
    from privacy_portal.subjects.models import KeyCheck

    KeyCheck.objects.get_or_create(pk=1, defaults={"value": _check_value()})
    check_value()


def check_value() -> bytes:
    """What the key makes of a constant, likewise; but a database without any is left alone: it may be one that is just
    being restored, and what is written into it then is there twice."""
    from privacy_portal.subjects.models import KeyCheck

    value = _check_value()
    if any(bytes(held) != value for held in KeyCheck.objects.values_list("value", flat=True)):
        raise BadSetting("PORTAL_SUBJECT_KEY", "does not match the check value in the database: restore the right key")
    return value


def _check_value() -> bytes:
    return _hash(_configured(), b"check", "", "privacy-portal")
