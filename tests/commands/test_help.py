"""Every command of this product teaches by --help, and answers trouble with one sentence and an exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from tests.permissions import heed_permissions, needs_permissions

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = sorted(
    name
    for name, app in get_commands().items()
    if isinstance(app, str) and app.startswith(("privacy_portal", "regulations"))
)
TYPED = [
    "configure_brand", "create_api_token", "create_auth_token", "create_brand", "create_staff", "doctor",
    "rebuild_preferences", "verify_audit",
]  # fmt: skip


def manage(*line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *line],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=heed_permissions,
    )


@pytest.mark.parametrize("name", OURS)
def test_help_says_what_it_does(name: str) -> None:
    app = get_commands()[name]
    assert isinstance(app, str)
    command = load_command_class(app, name)
    assert len(command.help) > 80
    assert command.create_parser("manage.py", name).format_help()


@pytest.mark.parametrize("name", TYPED)
def test_help_shows_examples(name: str) -> None:
    app = get_commands()[name]
    assert isinstance(app, str)
    text = load_command_class(app, name).create_parser("manage.py", name).format_help()
    assert "examples:" in text
    assert f"manage.py {name}" in text.split("examples:")[1]


@pytest.mark.parametrize(
    "line",
    [
        ("create_brand", "acme", "acme", "ACME"),
        ("export_marks",),
        ("forward_again", "acme/acme/ACME"),
        ("rebuild_preferences",),
        ("verify_audit",),
    ],
)
def test_a_database_without_tables_is_one_sentence(tmp_path: Path, line: tuple[str, ...]) -> None:
    ran = manage(*line, PORTAL_DATA_DIR=str(tmp_path), DATABASE_URL="")
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.startswith("CommandError: The database cannot be used (OperationalError): start the portal, ")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("name", ["create_brand", "doctor", "export_marks", "verify_audit"])
def test_a_damaged_database_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "portal.sqlite3").write_bytes(b"\xff" * 8192)
    line = {"create_brand": ("acme", "acme", "ACME")}.get(name, ())
    ran = manage(name, *line, PORTAL_DATA_DIR=str(tmp_path), DATABASE_URL="")
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert "(DatabaseError)" in ran.stderr or "STUCK: the database\n    why:  DatabaseError\n" in ran.stdout


@pytest.mark.parametrize("name", ["rebuild_preferences", "verify_audit"])
def test_a_database_that_is_away_is_one_sentence(tmp_path: Path, name: str) -> None:
    key = "a-key-of-a-test-run-of-at-least-32-characters"
    keys = dict.fromkeys(("SECRET_KEY", "PORTAL_ENCRYPTION_KEYS", "PORTAL_SUBJECT_KEY"), key)
    away = "postgres://portal:opensesame@127.0.0.1:1/portal"
    ran = manage(name, PORTAL_DATA_DIR=str(tmp_path), DATABASE_URL=away, ALLOWED_HOSTS="*", **keys)
    assert (ran.returncode, ran.stdout) == (1, "")
    # The pool's own lines stand before it, and after it when it tries once more while the command ends.
    (said,) = [line for line in ran.stderr.splitlines() if " WARNING psycopg.pool " not in line]
    assert said.startswith("CommandError: The database cannot be used (OperationalError): start the portal, ")
    assert "Traceback" not in ran.stderr
    assert "opensesame" not in ran.stderr


def test_the_doctor_names_a_database_without_tables(tmp_path: Path) -> None:
    ran = manage("doctor", PORTAL_DATA_DIR=str(tmp_path), DATABASE_URL="")
    assert ran.returncode == 1
    assert "migrations have not been run\n    next: manage.py migrate\n" in ran.stdout
    assert ran.stderr == "CommandError: 1 finding needs a human.\n"


@pytest.mark.parametrize("in_the_way", ["broker", "broker/messages"])
def test_a_bell_without_a_folder_silences_no_command(tmp_path: Path, in_the_way: str) -> None:
    where = {"PORTAL_DATA_DIR": str(tmp_path), "DATABASE_URL": ""}
    (tmp_path / in_the_way).parent.mkdir(exist_ok=True)
    (tmp_path / in_the_way).touch()
    assert manage("migrate", **where).returncode == 0
    made = manage("create_brand", "acme", "acme", "ACME", **where)
    assert (made.returncode, made.stderr) == (0, "")
    assert "STUCK: part broker\n" in manage("doctor", **where).stdout


@needs_permissions
def test_the_doctor_names_a_database_that_cannot_be_written_and_its_owner(tmp_path: Path) -> None:
    assert manage("migrate", PORTAL_DATA_DIR=str(tmp_path), DATABASE_URL="").returncode == 0
    (tmp_path / "portal.sqlite3").chmod(0o400)
    ran = manage("doctor", PORTAL_DATA_DIR=str(tmp_path), DATABASE_URL="")
    assert ran.returncode == 1
    assert "STUCK: the database\n    why:  this user cannot write its file\n" in ran.stdout
    assert f"next: as root: chown {tmp_path.owner()} '{tmp_path}/portal.sqlite3'\n" in ran.stdout


def test_wrong_arguments_say_how_it_is_used_and_exit_2() -> None:
    ran = manage("create_auth_token", "acme", "acme")
    assert ran.returncode == 2
    assert "usage: manage.py create_auth_token" in ran.stderr
    assert "the following arguments are required: --kind" in ran.stderr
