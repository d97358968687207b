"""What must be on disk before it is relied on."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Put the names in it on disk as well: what points at one of them survives a loss of power, so must this."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
