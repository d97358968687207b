"""A tethered process ends with its parent, even when the parent is gone before it could ask."""

import subprocess
import sys

import pytest

from privacy_portal import tether
from tests.portal import ROOT
from tests.processes.family import alive, descendants
from tests.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's part of it is Linux's")
SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
TETHERED = [sys.executable, "-m", "privacy_portal.tether", "--", *SLEEPER]


def test_it_ends_when_its_parent_is_killed() -> None:
    script = f"import subprocess; from privacy_portal import tether; subprocess.run({TETHERED!r}, env=tether.mark())"
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    assert parent.stdout.readline() == "up\n"
    family = descendants(parent.pid)
    assert len(family) == 1
    parent.kill()
    parent.wait()
    until(lambda: not alive(family), 5, "the tethered process to end")


def test_it_does_not_start_when_its_parent_is_gone_already() -> None:
    environment = {**tether.mark(), tether.MARK: "1"}
    done = subprocess.run(TETHERED, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == -9
    assert done.stdout == ""


def test_it_tells_its_children_who_it_is() -> None:
    show = [sys.executable, "-c", f"import os; print(os.environ['{tether.MARK}'] == str(os.getpid()))"]
    command = [sys.executable, "-m", "privacy_portal.tether", "--", *show]
    done = subprocess.run(command, cwd=ROOT, env=tether.mark(), capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "True\n"
