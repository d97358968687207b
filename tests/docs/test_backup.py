"""The backup of docs/backup.md, run as it stands there beside a running portal, and restored."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.docs.code import ROOT, page
from tests.portal import Portal

KEYS = ("secret_key", "portal_encryption_keys", "portal_subject_key")


def back_up(portal: Portal, to: Path) -> None:
    (typed,) = re.findall(r"^```bash backup\n(.*?)^```", page("backup.md"), re.MULTILINE | re.DOTALL)
    subprocess.run(
        ["bash", "-ec", typed.replace("backup.sqlite3", str(to))],
        cwd=ROOT,
        env={**os.environ, "PORTAL_DATA_DIR": str(portal.data_dir)},
        timeout=60,
        check=True,
    )


def test_a_backup_made_while_it_runs_can_be_restored(portal: Portal, tmp_path: Path) -> None:
    assert portal.manage("create_brand", "backup", "backup", "BACKUP").returncode == 0
    restored = Portal(tmp_path / "restored")
    restored.data_dir.mkdir()
    back_up(portal, restored.data_dir / "portal.sqlite3")
    for key in KEYS:
        shutil.copy(portal.data_dir / key, restored.data_dir / key)
    assert "timezone=UTC" in restored.manage("configure_brand", "backup/backup/BACKUP").stdout
    assert restored.manage("verify_audit").returncode == 0
    assert "0 differed" in restored.manage("rebuild_preferences").stdout


def test_a_restore_under_another_subject_key_starts_nothing(portal: Portal, tmp_path: Path) -> None:
    restored = Portal(tmp_path / "restored")
    restored.data_dir.mkdir()
    back_up(portal, restored.data_dir / "portal.sqlite3")
    for command in (["configure_brand", portal.brand], ["up"]):
        ran = restored.manage(*command)
        assert ran.returncode == 1
        assert "PORTAL_SUBJECT_KEY does not match the check value in the database" in ran.stderr
