"""A database as deploy/postgresql makes it: migrated by its owner, then one login for each process."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest

from tests.deploy.units import NAMES
from tests.end_to_end.servers import database
from tests.end_to_end.test_seven_types import KEYS
from tests.portal import ROOT, Portal

SQL = ROOT / "deploy" / "postgresql"
SETTINGS = {"ALLOWED_HOSTS": "127.0.0.1", **KEYS}


@contextmanager
def database_with_roles(folder: Path) -> Iterator[dict[str, str]]:
    """The address of each login by the name of its process, and of `owner`. Dropped afterwards, logins too."""
    if shutil.which("psql") is None:
        pytest.skip("psql is not on the PATH")
    prefix = f"portal_e2e_{uuid4().hex}"
    with database() as owner:
        try:
            migrate(owner, folder)
            _psql(owner, "roles.sql")
            _psql(owner, "logins.sql", prefix=prefix, **dict.fromkeys(NAMES, prefix))
            yield {"owner": owner, **{name: _login(owner, prefix, name) for name in NAMES}}
        finally:
            _forget(owner, prefix)


def migrate(owner: str, folder: Path) -> None:
    """The step of docs/deployment.md that is done once, by the owner."""
    portal = Portal(folder, environment={"DATABASE_URL": owner, **SETTINGS})
    for command in (("migrate", "--no-input", "--verbosity", "0"), ("check",)):
        done = portal.manage(*command)
        assert done.returncode == 0, done.stderr


def _psql(url: str, file: str, **variables: str) -> None:
    given = [f"--set={name}={value}" for name, value in variables.items()]
    subprocess.run(
        ["psql", url, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *given, f"--file={SQL / file}"],
        check=True,
        timeout=60,
    )


def _login(owner: str, prefix: str, name: str) -> str:
    url = urlsplit(owner)
    where = url.netloc.rpartition("@")[2]
    return urlunsplit(url._replace(netloc=f"{prefix}_{name}_login:{prefix}@{where}"))


def _forget(owner: str, prefix: str) -> None:
    """The logins go; the four roles are the server's, and stay."""
    with psycopg.connect(owner, autocommit=True) as administrator:
        for name in NAMES:
            administrator.execute(f"DROP ROLE IF EXISTS {prefix}_{name}_login")
