"""`make` sets up .venv by itself; what this machine lacks is named in one sentence, with what installs it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.portal import ROOT

TOOLS = ("cat", "cksum", "dirname", "rm")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with a lock, and a PATH that has nothing but the plainest tools."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    return tmp_path


def add_python(clone: Path, script: str) -> None:
    python = clone / "bin" / "python3"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)


def install(clone: Path) -> str:
    """What it says when it cannot go on."""
    done = subprocess.run(
        ["/bin/sh", "requirements/install", "base"],
        cwd=clone,
        env={"PATH": str(clone / "bin")},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    said = done.stderr.strip()
    assert "\n" not in said
    return said


def test_a_missing_python_is_named_with_what_installs_it(clone: Path) -> None:
    said = install(clone)
    assert "needs Python 3.11 to 3.14" in said
    assert "apt-get install python3" in said


def test_a_python_that_is_too_old_does_not_count(clone: Path) -> None:
    add_python(clone, "exit 1")
    assert "needs Python 3.11 to 3.14" in install(clone)


def test_a_missing_venv_is_named_with_what_installs_it(clone: Path) -> None:
    add_python(clone, 'case "$2" in *venv*) exit 1;; *) exit 0;; esac')
    assert "apt-get install python3-venv" in install(clone)


def test_packages_that_cannot_be_had_are_named(clone: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)
    python = clone / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\ncase "$*" in *"pip install"*) exit 1;; *) exit 0;; esac\n')
    python.chmod(0o755)
    assert "could not be installed" in install(clone)
    assert not list((clone / ".venv").glob(".installed-*"))


def test_what_is_installed_already_is_not_installed_again(clone: Path) -> None:
    (clone / ".venv" / "bin").mkdir(parents=True)
    python = clone / ".venv" / "bin" / "python"
    python.write_text("#!/bin/sh\nexit 0\n")
    python.chmod(0o755)
    command = ["/bin/sh", "requirements/install", "base"]
    environment = {"PATH": str(clone / "bin")}
    first = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, timeout=30, check=True)
    second = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, timeout=30, check=True)
    assert first.stdout == "Installing requirements/base.txt\n"
    assert second.stdout == ""
    (clone / "requirements" / "base.txt").write_text("# another lock\n")
    third = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, timeout=30, check=True)
    assert third.stdout == first.stdout
