"""Under production settings, Django's own examination finds nothing to say."""

from pathlib import Path

import pytest

from tests.commands.test_help import manage

PRODUCTION = {
    # Nobody listens there, as the pool says: the examination is of settings alone.
    "DATABASE_URL": "postgres://portal@127.0.0.1:1/portal",
    "PORTAL_PUBLIC_URL": "https://privacy.example.com",
    "ALLOWED_HOSTS": "privacy.example.com",
    **{
        name: f"{name}-0aB3dE6gH9jK2mN5pQ8sT1vW4yZ7".ljust(64, "x")
        for name in ("SECRET_KEY", "PORTAL_ENCRYPTION_KEYS", "PORTAL_SUBJECT_KEY")
    },
}


def test_it_has_nothing_to_say(tmp_path: Path) -> None:
    ran = manage("check", "--deploy", "--fail-level", "INFO", PORTAL_DATA_DIR=str(tmp_path), **PRODUCTION)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "System check identified no issues (0 silenced).\n"
    assert all("psycopg.pool" in line or line.startswith("\t") for line in ran.stderr.splitlines())


def test_it_has_nothing_to_say_of_the_shortest_key_that_is_taken(tmp_path: Path) -> None:
    """Django asks for 50 characters; `deploy/make-secrets` makes 48 that nobody can guess."""
    key = {"SECRET_KEY": "0aB3dE6gH9jK2mN5pQ8sT1vW4yZ7xC9u"}
    ran = manage("check", "--deploy", "--fail-level", "INFO", PORTAL_DATA_DIR=str(tmp_path), **(PRODUCTION | key))
    assert ran.returncode == 0, ran.stderr
    assert "no issues" in ran.stdout
    assert "W009" not in ran.stdout + ran.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "PORTAL_ENCRYPTION_KEYS", "PORTAL_SUBJECT_KEY", "ALLOWED_HOSTS"])
def test_what_production_needs_is_asked_for_by_name(name: str, tmp_path: Path) -> None:
    ran = manage("check", "--deploy", PORTAL_DATA_DIR=str(tmp_path), **(PRODUCTION | {name: ""}))
    assert ran.returncode == 1
    assert ran.stderr.startswith(f"{name} must ")
    assert ran.stderr.count("\n") == 1
