"""A signal that comes while something is being started ends it: nobody takes it and does nothing."""

import signal
from collections.abc import Callable
from pathlib import Path

from tests.portal import Portal
from tests.waiting import until

CHILD = """
import os, signal
from privacy_portal.processes.manager import Options

options = Options()
options.setsignals()
heard, say = os.pipe()
child = options.fork()
if child == 0:
    os.read(heard, 1)
    os._exit(0)
os.killpg(child, signal.SIGTERM)
os.write(say, b"!")
_, status = os.waitpid(child, 0)
print(os.WTERMSIG(status))
"""
WEB = """
import os, signal

signal.signal(signal.SIGTERM, lambda *_: None)
import privacy_portal.asgi
os.kill(os.getpid(), signal.SIGTERM)
"""


def test_it_ends_a_child_of_the_process_manager_that_is_not_its_program_yet(tmp_path: Path) -> None:
    done = Portal(tmp_path).python("-c", CHILD)
    assert int(done.stdout) == signal.SIGTERM, done.stderr


def test_it_ends_a_web_process_that_loads_its_application(tmp_path: Path) -> None:
    assert Portal(tmp_path).python("-c", WEB).returncode == -signal.SIGTERM


def test_a_portal_that_is_just_starting_stops_at_once(make_portal: Callable[..., Portal]) -> None:
    portal = make_portal().launch()
    until((portal.data_dir / "supervisord.pid").exists, 60, "the process manager")
    assert portal.stop() == 0
    assert "SIGKILL" not in portal.output
