"""A portal of the SDKs' own: its limits are low enough for an SDK to run into them, and its store is taken away."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import chromium
from tests.browser.shop import Shop, open_shop
from tests.portal import Portal
from tests.segment.apps import BROWSER_SDK, Apps
from tests.segment.store import Store

__all__ = ["chromium"]
MAX_BODY = 20_000
KEYS = """
from privacy_portal.audit.models import COMMAND
from privacy_portal.brands.models import AuthToken, Brand
brand = Brand.objects.at("acme/acme/ACME").get()
brand.configure({"allowed_origins": ["SHOP"]}, COMMAND)
for name, kind in (("python", "server"), ("node", "server"), ("browser", "js_tag")):
    for speed, limits in (("", {}), ("slow ", {"rate": 1, "burst": 1})):
        key = AuthToken.objects.issue(kind, "acme", "acme", brand, actor=COMMAND, **limits)[1]
        print("key", speed + name, key, sep="=")
"""


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    portal = Portal(tmp_path_factory.mktemp("sdks"), environment={"TRACKING_MAX_BODY_BYTES": str(MAX_BODY)}).start()
    try:
        yield portal
    finally:
        portal.stop()


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


@pytest.fixture(scope="module")
def apps(portal: Portal, chromium: Browser, shop: Shop) -> Apps:
    """The three applications, each with a key of its own and a slow one, of one request a second."""
    if not shutil.which("node") or not BROWSER_SDK.exists():
        pytest.skip("needs node and the SDKs; install them with 'npm ci --prefix tests/segment/sdks'")
    said = portal.manage("shell", stdin=KEYS.replace("SHOP", shop.origin))
    assert said.returncode == 0, said.stderr
    keys = dict(line.split("=")[1:] for line in said.stdout.splitlines() if line.startswith("key="))
    return Apps(portal.url, keys, chromium, shop.origin)


@pytest.fixture(scope="module")
def store(portal: Portal) -> Store:
    return Store(portal.data_dir / "portal.sqlite3")
