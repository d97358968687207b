"""Ids: UUIDv7, so that rows made later sort later; ordered within a process even in the same millisecond."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    return uuid_utils.compat.uuid7()
