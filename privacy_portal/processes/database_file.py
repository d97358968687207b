"""SQLite's file: one that this user cannot write, as root's restore leaves it, opens and answers all the same."""

import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings


def unwritable() -> Path | None:
    """The database's file, or one that SQLite keeps beside it, that is there and takes nothing from this user."""
    if not settings.EMBEDDED:
        return None
    name = str(settings.DATABASES["default"]["NAME"])
    for path in (name, f"{name}-wal", f"{name}-shm"):
        # In this order: what lies beside it goes with its last connection.
        if not os.access(path, os.W_OK) and os.access(path, os.F_OK):
            return Path(path)
    return None


def remedy(path: Path) -> str:
    """It must belong to whom the data folder belongs to."""
    owner = str(path.parent.stat().st_uid)
    with suppress(KeyError):
        owner = path.parent.owner()
    return f"chown {owner} '{path}'"
