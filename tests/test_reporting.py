"""What Sentry is told: of what type an error is and where it happened, and nothing that it was handling."""

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from privacy_portal.reporting import only_where

WORDS = "maria@example.com"
ROOT = Path(__file__).resolve().parent.parent
FAULTS = f"""
import django, logging
django.setup()
import sentry_sdk
logger = logging.getLogger("privacy_portal.tests")
def broken(words):
    raise ValueError(words)
try:
    broken("{WORDS}")
except ValueError as error:
    error.add_note("{WORDS}")
    logger.error("test.failed id=%s", "{WORDS}", exc_info=error, extra={{"person": "{WORDS}"}})
logger.error("test.away id=%s", "{WORDS}")
logging.getLogger("somebody").error("{WORDS}")
sentry_sdk.flush(10)
"""


@contextmanager
def sentry() -> Iterator[tuple[str, list[bytes]]]:
    """An address to report to, and what arrives there."""
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://key@127.0.0.1:{server.server_port}/1", got
    finally:
        server.shutdown()
        server.server_close()


def reported() -> list[dict[str, Any]]:
    with sentry() as (dsn, got):
        environment = {**os.environ, "SENTRY_DSN": dsn}
        command = [sys.executable, "-c", FAULTS]
        subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=60, check=True)
    texts = [gzip.decompress(one) if one[:2] == b"\x1f\x8b" else one for one in got]
    assert not any(WORDS.encode() in text for text in texts)
    parts = [json.loads(line) for text in texts for line in text.splitlines()]
    return [part for part in parts if "logger" in part]


def test_an_error_arrives_with_type_and_place_and_without_words() -> None:
    failed, away, foreign = reported()
    (error,) = failed["exception"]["values"]
    assert (error["type"], error["value"]) == ("ValueError", "")
    assert [frame["function"] for frame in error["stacktrace"]["frames"]] == ["<module>", "broken"]
    assert all("vars" not in frame for frame in error["stacktrace"]["frames"])
    assert [one.get("message") for one in (failed, away, foreign)] == ["test.failed", "test.away", None]


@pytest.mark.parametrize(
    ("source", "name", "kept"),
    [("url", f"/p/{WORDS}", None), ("route", "/p/{token}/", "/p/{token}/"), ("task", "durable.look", "durable.look")],
)
def test_an_address_that_leads_nowhere_is_not_told(source: str, name: str, kept: str | None) -> None:
    told = only_where({"transaction": name, "transaction_info": {"source": source}}, None)
    assert told.get("transaction") == kept
    assert WORDS not in json.dumps(told)
