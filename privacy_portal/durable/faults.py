"""Named places at which a test may kill this very process. They cost one comparison when PORTAL_FAULT_FILE is unset.

The places stand in the mechanism, not in its users, so a new kind of job or step has them all by itself.
"""

import os
import signal
from pathlib import Path

POINTS = (
    "job.claimed",  # the lease is taken, nothing is done
    "job.progressed",  # a chunk is done and noted
    "job.performed",  # the effect is there, the row does not say so yet
    "job.ended",  # the row says so, nobody was told
    "regulation.begun",
    "regulation.done",  # its last step has ended, the regulation still runs
    "regulation.forgotten",  # an erasure's last effect is there, the regulation still runs
    "regulation.concluded",
)
_file = Path(os.environ["PORTAL_FAULT_FILE"]) if "PORTAL_FAULT_FILE" in os.environ else None


def point(name: str, of: object = None) -> None:
    """Die here, once, when the test's file names this place: alone, or with what comes by (`job.claimed erase
    event_store`, `job.ended IdentifyUpdate`)."""
    if _file is not None and _is_armed(name, of, _file):
        os.kill(os.getpid(), signal.SIGKILL)


def _is_armed(name: str, of: object, file: Path) -> bool:
    try:
        if file.read_text() not in (name, f"{name} {of}", f"{name} {type(of).__name__}"):
            return False
        file.unlink()  # of several threads or processes that come by only one dies
    except FileNotFoundError:
        return False
    return True
