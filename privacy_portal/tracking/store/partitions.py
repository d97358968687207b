"""On PostgreSQL events lie in partitions, one for each month of receipt: made ahead, and dropped when nobody keeps
anything that old. What the functions called here do is written in the migration that made them.
"""

import logging
from datetime import datetime, timedelta

from django.db import OperationalError, connection
from django.utils import timezone

from privacy_portal.brands.models import Brand
from privacy_portal.tracking.models.event import GATED_KEPT

logger = logging.getLogger(__name__)


def tend() -> None:
    """Make the partitions of this month and the next two, and drop those that are over. Another time, when someone
    holds the table: nobody who stores events should wait behind us."""
    if connection.vendor != "postgresql":
        return
    try:
        _call("tracking_make_partitions()")
        keep_from = _keep_from(timezone.now())
        while name := _call("tracking_drop_partition(%s)", keep_from):
            logger.info("retention.dropped partition=%s", name)
    except OperationalError as error:
        logger.warning("retention.partitions_busy error=%s", type(error).__name__)


def _keep_from(now: datetime) -> datetime | None:
    """No brand keeps anything that was received before; None when one keeps events without an end."""
    days = Brand.objects.all().longest_retention()
    return None if days is None else now - max(timedelta(days=days), GATED_KEPT)


def _call(function: str, *parameters: datetime | None) -> str | None:
    """In a transaction of its own, which lets go of the table at once."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}::text", parameters)
        (answer,) = cursor.fetchone()
    return answer or None
