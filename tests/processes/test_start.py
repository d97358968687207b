"""`manage.py up`: the first start, the second, and two portals side by side."""

import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from tests.portal import LINES, ROOT, Portal
from tests.waiting import until

MakePortal = Callable[..., Portal]
SECRET = re.compile(r"pp_[a-z_]+_[A-Za-z0-9_-]{20,}")


def test_the_first_start_prints_credentials_and_the_second_keeps_the_data(make_portal: MakePortal) -> None:
    portal = make_portal().start()
    assert all(getattr(portal, name) for name in LINES)
    assert f"Privacy Portal is ready at http://127.0.0.1:{portal.port}\n" in portal.output
    shown = portal.server_token
    assert portal.stop() == 0

    began = time.monotonic()
    again = make_portal().start()
    took = time.monotonic() - began
    assert not SECRET.search(again.output)
    assert "Staff password" not in again.output
    assert took < 15
    settings = again.manage("configure_brand", "acme/acme/ACME")
    assert settings.returncode == 0, settings.stderr
    assert shown not in again.output


def test_a_file_is_not_told_the_credentials_unless_asked(make_portal: MakePortal) -> None:
    portal = make_portal(PORTAL_PRINT_CREDENTIALS="0").start()
    assert "create_api_token" in portal.output
    assert not SECRET.search(portal.output)


def test_a_terminal_is_told_the_credentials(make_portal: MakePortal) -> None:
    portal = make_portal(PORTAL_PRINT_CREDENTIALS="")
    ours, theirs = pty.openpty()
    portal.process = subprocess.Popen(
        [sys.executable, "manage.py", "up"],
        cwd=ROOT,
        env=portal.variables(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""

    def is_told() -> bool:
        nonlocal seen
        seen += os.read(ours, 65536)
        return b"API token " in seen

    until(is_told, 60, "the credentials on a terminal")
    portal.process.terminate()
    while portal.process.poll() is None:
        try:
            os.read(ours, 65536)
        except OSError:
            break
    assert portal.process.wait(30) == 0
    os.close(ours)


def test_a_deleted_demo_brand_does_not_come_back(make_portal: MakePortal) -> None:
    portal = make_portal().start()
    gone = portal.manage(
        "shell", "-c", "from privacy_portal.brands.models import Brand; Brand.objects.get(code='ACME').delete()"
    )
    assert gone.returncode == 0, gone.stderr
    portal.stop()
    again = make_portal().start()
    assert again.manage("configure_brand", "acme/acme/ACME").returncode != 0


def test_two_portals_run_side_by_side(make_portal: MakePortal) -> None:
    first, second = make_portal("one").launch(), make_portal("two").launch()
    for portal in (first, second):
        until(lambda portal=portal: "ready at" in portal.output, 90, "both ready")
    assert first.get("/healthz") == second.get("/healthz") == b'{"status": "ok"}'
    assert first.stop() == 0
    assert second.get("/readyz").startswith(b'{"status": "ok"')


@pytest.mark.skipif(sys.platform != "linux", reason="reads file modes as Linux keeps them")
def test_what_it_keeps_is_readable_by_its_user_alone(make_portal: MakePortal) -> None:
    portal = make_portal().start()
    modes = {path.name: path.stat().st_mode & 0o077 for path in portal.data_dir.iterdir() if not path.is_dir()}
    assert portal.data_dir.stat().st_mode & 0o077 == 0
    assert {name for name, mode in modes.items() if mode and name in {"secret_key", "portal_subject_key"}} == set()
