"""Brokers that a test may stop, freeze and empty: a folder, or a server behind a proxy."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

import redis

from tests.end_to_end.servers import rabbitmq, redis_server
from tests.faults.proxy import Proxy

QUEUE = "privacy_portal"


class Broker(Protocol):
    environment: dict[str, str]

    def stop(self) -> None: ...

    def start(self) -> None: ...

    def empty(self) -> None:
        """Lose every message that nobody has taken yet."""


class Folder:
    """The embedded one. Stopped, it is in the way of itself: a file, which takes no message even from root."""

    def __init__(self, data_dir: Path) -> None:
        self.environment: dict[str, str] = {}
        self._folder = data_dir / "broker" / "messages"
        self._aside = data_dir / "broker" / "messages-aside"

    def stop(self) -> None:
        self._folder.rename(self._aside)
        self._folder.write_text("in the way")

    def start(self) -> None:
        self._folder.unlink()
        self._aside.rename(self._folder)

    def empty(self) -> None:
        for message in self._folder.glob("*.msg"):
            message.unlink(missing_ok=True)


class Served:
    """RabbitMQ or Redis: the machine's own goes on running, the portal speaks to it through `proxy`."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._direct = environment
        url = urlsplit(environment["CELERY_BROKER_URL"])
        default = 5672 if url.scheme.startswith("amqp") else 6379
        self.proxy = Proxy(url.hostname or "127.0.0.1", url.port or default)
        before = f"{url.username or ''}:{url.password or ''}@" if url.username or url.password else ""
        through = urlunsplit(url._replace(netloc=f"{before}127.0.0.1:{self.proxy.port}"))
        urls = {name: through for name in ("CELERY_BROKER_URL", "REDIS_URL") if name in environment}
        self.environment = environment | urls
        self.stop, self.start = self.proxy.stop, self.proxy.start

    def empty(self) -> None:
        url = urlsplit(self._direct["CELERY_BROKER_URL"])
        if url.scheme.startswith("amqp"):
            command = ["rabbitmqctl", "--quiet", "purge_queue", "-p", url.path[1:], QUEUE]
            subprocess.run(command, check=True, capture_output=True, timeout=60)
        else:
            with redis.Redis.from_url(url.geturl()) as client:
                for key in client.scan_iter(f"{self._direct['CELERY_KEY_PREFIX']}*"):
                    client.delete(key)


@contextmanager
def served(kind: str) -> Iterator[Served]:
    with rabbitmq() if kind == "rabbitmq" else redis_server() as environment:
        broker = Served(environment)
        try:
            yield broker
        finally:
            broker.proxy.speak()
            broker.stop()
