"""The embedded broker shows a worker whole messages only, and lets it stop soon."""

import socket
import threading
import time
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from privacy_portal.celery import app


def test_a_message_is_never_seen_half_written(tmp_path: Path) -> None:
    options = {"data_folder_in": tmp_path, "data_folder_out": tmp_path, "control_folder": tmp_path / "control"}
    messages, seen = 300, []
    with (
        Connection("filesystem://", transport_options=options) as sender,
        Connection("filesystem://", transport_options=options) as taker,
    ):
        assert type(sender.transport).__module__ == "privacy_portal.durable.folder", app.main
        put, get = sender.channel()._put, taker.channel()._get

        def send() -> None:
            for number in range(messages):
                put("bells", {"number": number, "padding": "x" * 50_000})

        sending = threading.Thread(target=send)
        sending.start()
        while len(seen) < messages and (sending.is_alive() or any(tmp_path.glob("*.msg"))):
            seen += taken(get)
        sending.join()
    assert sorted(seen) == list(range(messages))


def test_who_waits_for_a_message_comes_back_often(tmp_path: Path) -> None:
    """A worker asks for two seconds, and looks only between two turns whether it is to stop."""
    options = {"data_folder_in": tmp_path, "data_folder_out": tmp_path, "control_folder": tmp_path / "control"}
    with Connection("filesystem://", transport_options={**options, "polling_interval": 0.05}) as taker:
        with taker.SimpleQueue("bells"):
            began = time.monotonic()
            with pytest.raises(socket.timeout):
                taker.drain_events(timeout=2.0)
    assert time.monotonic() - began < 1


def taken(get: Any) -> list[int]:
    try:
        return [get("bells")["number"]]
    except Empty:
        return []
