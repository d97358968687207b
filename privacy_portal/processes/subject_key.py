"""Stops whatever starts under a wrong subject key, which would silently open the gate."""

from contextlib import suppress
from typing import Any

from celery import signals
from django.core.checks import CheckMessage, register
from django.db import DatabaseError

from privacy_portal.subjects import keys


@signals.worker_init.connect
@signals.beat_init.connect
@register("subject_key")
def check_subject_key(**_: Any) -> list[CheckMessage]:
    """Among Django's checks, for commands run these before anything else; worker and beat run this one alone.

    Leaves by BadSetting, one sentence. Without a database, or with an empty one, there is nothing to compare with.
    """
    with suppress(DatabaseError):
        keys.verify()
    return []
