"""What deploy/ says holds of this code: its commands are those of `manage.py up`, its settings are read."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from privacy_portal.processes.programs import programs
from tests.deploy.units import FOLDER, NAMES, PYTHON, command, values, variables
from tests.docs.code import settings_read
from tests.portal import ROOT

DEPLOY = ROOT / "deploy"
OF_OTHERS = {"PORTAL_ENV_FILE", "PGOPTIONS", "PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVED = {"HOST": "127.0.0.1", "PORT": "8000", "WEB_PROCESSES": "2"}


def essence(words: list[str]) -> list[str]:
    """A command without the interpreter, what it is told to hide, the tether, and where it listens."""
    words = words[words.index("--") + 2 :] if "privacy_portal.tether" in words else words[1:]
    words = words[2:] if words[0] == "-W" else words
    for option in ("--host", "--port", "--workers"):
        if option in words:
            del words[words.index(option) : words.index(option) + 2]
    return words


@pytest.mark.parametrize("name", NAMES)
def test_a_unit_starts_what_up_starts(name: str) -> None:
    assert essence(command(name, SERVED)) == essence(programs()[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_container_runs_what_up_starts(name: str) -> None:
    told = COMPOSE["services"][name].get("command") or _image_command()
    words = re.findall(r'"[^"]*"|\S+', told) if isinstance(told, str) else told
    assert essence([word.strip('"') for word in words]) == essence(programs()[name])


def _image_command() -> list[str]:
    text = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(r'"([^"]+)"', text[text.rindex("CMD [") :])


def test_units_and_containers_give_only_settings_that_are_read() -> None:
    units = {setting for name in NAMES for setting in variables(name)}
    containers = {setting for service in COMPOSE["services"].values() for setting in service.get("environment", {})}
    containers -= {setting for setting in containers if setting.startswith("POSTGRES_")}
    image = set(re.findall(r"(\w+)=\S", (DEPLOY / "Dockerfile").read_text(encoding="utf-8").partition("ENV")[2]))
    given = {setting.removesuffix("_FILE") for setting in (units | containers | image) - OF_OTHERS}
    assert given - settings_read() == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_secret_of_a_unit_is_a_file_that_it_is_handed(name: str) -> None:
    handed = {line.partition(":")[0] for line in values(name, "LoadCredential")}
    told = {path.removeprefix("%d/") for setting, path in variables(name).items() if setting.endswith("_FILE")}
    assert told - {"/dev/null"} == handed


def test_every_secret_of_a_container_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "deploy"
    folder.mkdir()
    shutil.copy(DEPLOY / "make-secrets", folder)
    for _ in range(2):
        subprocess.run(["sh", str(folder / "make-secrets")], check=True, stdout=subprocess.DEVNULL)
        made = {f"secrets/{file.name}": file.read_bytes() for file in (folder / "secrets").iterdir()}
    assert made == {f"secrets/{file.name}": file.read_bytes() for file in (folder / "secrets").iterdir()}
    assert (folder / "secrets").stat().st_mode & 0o777 == 0o700
    named = {one["file"] for kind in ("secrets", "configs") for one in COMPOSE[kind].values()}
    assert named - set(made) == set()
    for service in COMPOSE["services"].values():
        mounted = {one if isinstance(one, str) else one["target"] for one in service.get("secrets", [])}
        read = [path for setting, path in service.get("environment", {}).items() if setting.endswith("_FILE")]
        assert {Path(path).name for path in read} - mounted == set()


def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    """As far as it is installed; what they start is compared above in any case."""
    copied = shutil.copytree(FOLDER, tmp_path / "units")
    for unit in copied.glob("*.service"):
        # It looks for the program, which is where the page says only on the host itself.
        unit.write_text(unit.read_text(encoding="utf-8").replace(PYTHON, sys.executable), encoding="utf-8")
    units = sorted(str(unit) for unit in copied.iterdir() if unit.is_file())
    assert len(units) == len(NAMES) + 2
    if shutil.which("systemd-analyze"):
        done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
