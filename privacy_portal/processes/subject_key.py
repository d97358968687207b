"""Stops whatever starts under a wrong subject key, which would silently open the gate."""

from contextlib import suppress
from typing import Any

from django.core.checks import CheckMessage, register
from django.db import DatabaseError

from privacy_portal.subjects import keys


@register
def check_subject_key(**_: Any) -> list[CheckMessage]:
    """Among Django's checks, for commands and workers run these before anything else.

    Leaves by BadSetting, one sentence. Without a database, or with an empty one, there is nothing to compare with.
    """
    with suppress(DatabaseError):
        keys.verify()
    return []
