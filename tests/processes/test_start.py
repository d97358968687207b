"""`manage.py up`: the first start, the second, and two portals side by side."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable

from tests.portal import LINES, ROOT, Portal
from tests.waiting import until

MakePortal = Callable[..., Portal]
SECRET = re.compile(r"pp_[a-z_]+_[A-Za-z0-9_-]{20,}")


def test_the_second_start_keeps_the_data_and_prints_no_credentials(make_portal: MakePortal) -> None:
    portal = make_portal().start(afresh=True)
    assert all(getattr(portal, name) for name in LINES)
    assert f"Privacy Portal is ready at http://127.0.0.1:{portal.port}\n" in portal.output
    assert portal.manage("create_brand", "other", "other", "OTHER").returncode == 0
    code = "from privacy_portal.brands.models import Brand; Brand.objects.get(code='ACME').delete()"
    deleted = portal.manage("shell", "-c", code)
    assert deleted.returncode == 0, deleted.stderr
    assert portal.stop() == 0

    again = make_portal().start()
    assert not SECRET.search(again.output)
    assert "Staff password" not in again.output
    assert again.manage("configure_brand", "other/other/OTHER").returncode == 0
    assert again.manage("configure_brand", "acme/acme/ACME").returncode != 0, "the deleted demo brand came back"


def test_a_data_folder_may_have_a_per_cent_sign_in_its_name(make_portal: MakePortal) -> None:
    """The process manager would expand it, and print the whole environment when it cannot."""
    portal = make_portal("pct%20x %(here)s %s").start()
    assert portal.is_ready()
    assert portal.stop() == 0


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


def test_two_portals_run_side_by_side_and_tell_a_file_their_credentials_only_when_asked(
    make_portal: MakePortal,
) -> None:
    first, second = make_portal("one").launch(), make_portal("two", PORTAL_PRINT_CREDENTIALS="0").launch()
    for portal in (first, second):
        until(lambda portal=portal: "ready at" in portal.output, 90, "both to be ready")
    assert SECRET.search(first.output)
    assert "create_api_token" in second.output
    assert not SECRET.search(second.output)
    assert first.stop() == 0
    assert second.is_ready()
    for file in ("secret_key", "portal_subject_key", "portal_encryption_keys", "portal.sqlite3", "portal.sqlite3-wal"):
        assert (second.data_dir / file).stat().st_mode & 0o077 == 0, file
    assert second.data_dir.stat().st_mode & 0o077 == 0
