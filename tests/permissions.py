"""Files that may not be read or written, where the tests run as root, too, whom modes hold back from nothing."""

import ctypes
import os
import sys

import pytest

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2

needs_permissions = pytest.mark.skipif(
    os.geteuid() == 0 and sys.platform != "linux", reason="only Linux can hold root to the modes of files"
)


def heed_permissions() -> None:
    """For `preexec_fn`: the command, and what it starts, may do what the modes of files say and no more."""
    if os.geteuid() == 0 and sys.platform == "linux":
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            assert ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0
