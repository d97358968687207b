"""Databases, vhosts and key prefixes of a test's own, made for it and dropped after it."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pytest
import redis


def server(variable: str) -> str:
    """The server that the environment names, or a skip that says what would enable the test."""
    url = os.environ.get(variable, "")
    if not url:
        pytest.skip(f"{variable} is not set")
    return url


@contextmanager
def database() -> Iterator[str]:
    url = urlsplit(server("TEST_DATABASE_URL"))
    name = f"portal_e2e_{uuid4().hex}"
    with psycopg.connect(urlunsplit(url), autocommit=True) as administrator:
        administrator.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(url._replace(path=f"/{name}"))
        finally:
            administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def rabbitmq() -> Iterator[dict[str, str]]:
    url = urlsplit(server("TEST_AMQP_URL"))
    if shutil.which("rabbitmqctl") is None:
        pytest.skip("rabbitmqctl is not on the PATH")
    vhost = f"portal-e2e-{uuid4().hex}"
    _rabbitmqctl("add_vhost", vhost)
    try:
        _rabbitmqctl("set_permissions", "-p", vhost, url.username or "guest", ".*", ".*", ".*")
        yield {"CELERY_BROKER_URL": urlunsplit(url._replace(path=f"/{vhost}"))}
    finally:
        _rabbitmqctl("delete_vhost", vhost)


def _rabbitmqctl(*command: str) -> None:
    subprocess.run(["rabbitmqctl", "--quiet", *command], check=True, capture_output=True, timeout=60)


@contextmanager
def redis_server() -> Iterator[dict[str, str]]:
    """The broker, and the shared store of the token buckets."""
    url = server("TEST_REDIS_URL")
    prefix = f"portal-e2e-{uuid4().hex}:"
    try:
        yield {
            "CELERY_BROKER_URL": url, "REDIS_URL": url,
            "CELERY_KEY_PREFIX": prefix, "REDIS_KEY_PREFIX": f"{prefix}bucket:",
        }  # fmt: skip
    finally:
        with redis.Redis.from_url(url) as client:
            for key in client.scan_iter(f"{prefix}*"):
                client.delete(key)
