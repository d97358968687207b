"""The environment of a test run, made before Django reads its settings (`-p tests.environment`).

Each run, and each of its parallel workers, has a data folder and databases of its own, so any number of runs leave
nothing behind. `TEST_ENGINE=postgresql` runs the tests marked `engine` on the server that `TEST_DATABASE_URL` names.
"""

import atexit
import os
import re
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

SETTINGS = Path(__file__).resolve().parent.parent / "privacy_portal" / "settings.py"
BESIDE_SETTINGS = ("PORTAL_PRINT_CREDENTIALS", "MAKELEVEL", "MAKEFLAGS", "PORTAL_TETHERED_TO")
ON_POSTGRESQL = os.environ.get("TEST_ENGINE") == "postgresql"
SERVER = os.environ.get("TEST_DATABASE_URL", "")
STARTING_PORTALS = {
    "browser", "commands", "contract", "deploy", "docs", "end_to_end", "erasure", "faults", "processes", "segment",
}  # fmt: skip


def clear() -> None:
    """Forget what the caller's shell had set for a portal of its own."""
    names = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', SETTINGS.read_text(encoding="utf-8"))
    for name in (*names, *BESIDE_SETTINGS):
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ["PORTAL_ENV_FILE"] = os.devnull
    os.environ["DJANGO_SETTINGS_MODULE"] = "privacy_portal.settings"


def make_folder() -> Path:
    """This process's folder: the run's own, or one in it for each parallel worker."""
    if run := os.environ.get("PORTAL_TEST_RUN"):
        return Path(tempfile.mkdtemp(dir=run))
    folder = tempfile.mkdtemp(prefix="privacy-portal-tests-")
    os.environ["PORTAL_TEST_RUN"] = folder
    owner = os.getpid()
    atexit.register(lambda: os.getpid() == owner and shutil.rmtree(folder, ignore_errors=True))
    return Path(folder) / "main"


def use_postgresql() -> None:
    """Point the settings at the test server; Django's runner puts `test_` before this database's name."""
    name = f"/portal_{os.getpid()}"
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(SERVER)._replace(path=name))
    os.environ["ALLOWED_HOSTS"] = "*"
    for secret in ("SECRET_KEY", "PORTAL_ENCRYPTION_KEYS", "PORTAL_SUBJECT_KEY"):
        os.environ[secret] = f"{secret}-of-a-test-run-".ljust(44, "0")


clear()
os.environ["PORTAL_DATA_DIR"] = str(make_folder())
if ON_POSTGRESQL and SERVER:
    use_postgresql()


def _is_quick(item: pytest.Item) -> bool:
    return item.path.relative_to(Path(__file__).parent).parts[0] not in STARTING_PORTALS


def _runs_here(item: pytest.Item) -> bool:
    if item.get_closest_marker("all_faults") and not os.environ.get("PORTAL_ALL_FAULTS"):
        return False
    if ON_POSTGRESQL:
        return bool(item.get_closest_marker("engine") or item.get_closest_marker("postgresql"))
    return item.get_closest_marker("postgresql") is None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what is marked `engine` or `postgresql` runs, and without a server it is skipped by name."""
    # Files are dealt out in this order: the long ones first, so that no worker is left alone with one at the end.
    chosen = sorted((item for item in items if _runs_here(item)), key=_is_quick)
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen
    if ON_POSTGRESQL and not SERVER:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="TEST_DATABASE_URL is not set"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is installed, a skip hides something: it fails the run."""
    report = yield
    if report.skipped and os.environ.get("PORTAL_REQUIRE_ALL") == "1" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, where nothing may be: {report.longrepr}"
    return report
