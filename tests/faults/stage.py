"""A portal on one of the engines, with everything under it within a test's reach."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.speaking import Caller
from tests.end_to_end.test_seven_types import KEYS
from tests.faults.brokers import Broker, Folder, Served, served
from tests.faults.postgresql import Cluster, cluster
from tests.faults.proxy import Proxy
from tests.portal import Portal
from tests.upstream.server import Upstream, serve

EMBEDDED, WITH_RABBITMQ, WITH_REDIS = "sqlite+filesystem", "postgresql+rabbitmq", "postgresql+redis"
ENGINES = (EMBEDDED, WITH_RABBITMQ, WITH_REDIS)
SERVED = (WITH_RABBITMQ, WITH_REDIS)
ALL = bool(os.environ.get("PORTAL_ALL_FAULTS"))
needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")


@dataclass
class Stage:
    """`fault`: the file that names where a process dies next. `cluster` and `database` (the proxy before it) are there
    on PostgreSQL."""

    engine: str
    portal: Portal
    caller: Caller
    upstream: Upstream
    fault: Path
    broker: Broker
    cluster: Cluster | None = None
    database: Proxy | None = None

    @property
    def served(self) -> Served:
        assert isinstance(self.broker, Served)
        return self.broker


def on(*engines: str, usual: str) -> pytest.MarkDecorator:
    """Run a test on these engines in `make faults`, and on the usual one in a usual run."""
    chosen = [pytest.param(engine, marks=pytest.mark.xdist_group(engine)) for engine in (engines if ALL else (usual,))]
    return pytest.mark.parametrize("stage", chosen, indirect=True, scope="session")


def named(everything: Iterable[str], usual: Iterable[str]) -> pytest.MarkDecorator:
    """Run a test with these names of faults, or with the usual ones of them."""
    return pytest.mark.parametrize("name", list(everything if ALL else usual))


@contextmanager
def staged(engine: str, folder: Path) -> Iterator[Stage]:
    with ExitStack() as stack:
        environment, more = {"PORTAL_FAULT_FILE": str(folder / "fault")}, dict[str, Any]()
        broker: Broker = Folder(folder / "portal")
        if engine in SERVED:
            own = stack.enter_context(cluster())
            more = {"cluster": own, "database": Proxy("127.0.0.1", own.port)}
            stack.callback(more["database"].speak)
            broker = stack.enter_context(served(engine.partition("+")[2]))
            database = f"postgres://postgres@127.0.0.1:{more['database'].port}/postgres"
            environment |= {"DATABASE_URL": database, "ALLOWED_HOSTS": "127.0.0.1", **KEYS}
        upstream = stack.enter_context(serve())
        portal = Portal(folder / "portal", environment=environment | broker.environment).start()
        stack.callback(portal.stop)
        _point_at(portal, upstream)
        yield Stage(engine, portal, Caller(portal), upstream, folder / "fault", broker, **more)


def _point_at(portal: Portal, upstream: Upstream) -> None:
    settings = (f"upstream_url={upstream.url}", "upstream_token=-")
    done = portal.manage("configure_brand", portal.brand, *settings, stdin="their-token")
    assert done.returncode == 0, done.stderr
