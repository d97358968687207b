"""Everything that goes through a broker or Redis while a test runs, taken down."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import token_hex
from urllib.parse import urlsplit

import redis
from kombu import Connection

Heard = Callable[[], bytes]


@contextmanager
def through_rabbitmq(url: str) -> Iterator[Heard]:
    """Each message published in this vhost or handed to a consumer, with its headers, by RabbitMQ's own tracing."""
    vhost = urlsplit(url).path[1:]
    subprocess.run(["rabbitmqctl", "--quiet", "trace_on", "-p", vhost], check=True, capture_output=True, timeout=60)
    with Connection(url) as connection:
        channel = connection.channel()
        queue = channel.queue_declare(exclusive=True).queue
        channel.queue_bind(queue, "amq.rabbitmq.trace", "#")
        taken: list[bytes] = []

        def heard() -> bytes:
            while message := channel.basic_get(queue, no_ack=True):
                body = message.body if isinstance(message.body, bytes) else message.body.encode()
                taken.append(repr(message.headers).encode() + body)
            return b"\n".join(taken)

        yield heard


@contextmanager
def through_redis(url: str) -> Iterator[Heard]:
    """Each command that any client sends, with its keys and values."""
    end = token_hex(8)
    taken: list[bytes] = []
    listening = threading.Event()

    def listen() -> None:
        with redis.Redis.from_url(url, socket_timeout=None) as client, client.monitor() as monitor:
            listening.set()
            for command in monitor.listen():
                taken.append(str(command["command"]).encode("utf-8", "surrogateescape"))
                if end in command["command"]:
                    return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    listening.wait(30)
    try:
        yield lambda: b"\n".join(taken)
    finally:
        with redis.Redis.from_url(url) as client:
            client.echo(end)
        thread.join(30)
