"""What must hold before anything is started; each refusal is one sentence."""

import errno
import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from privacy_portal.processes.database_file import remedy, unwritable


class CannotStart(Exception):
    """Why, in one sentence that says what to do."""


def check_folder() -> None:
    """The data folder takes a file, and so does the database's; what the last run left in the temp folder goes."""
    try:
        _take_a_file(Path(settings.DATA_DIR))
        shutil.rmtree(temp_folder(), ignore_errors=True)
        temp_folder().mkdir(mode=0o700, exist_ok=True)
        _take_a_file(temp_folder())
    except OSError as error:
        raise CannotStart(
            f"PORTAL_DATA_DIR must be a folder this user can write: {settings.DATA_DIR}: {error.strerror}"
        ) from None
    if path := unwritable():
        raise CannotStart(f"The database cannot be used: this user cannot write its file: {remedy(path)}")


def _take_a_file(folder: Path) -> None:
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"\0" * 65536)


def temp_folder() -> Path:
    """Where our processes put temporary files: on the data folder's file system, and under its protection."""
    return Path(settings.DATA_DIR) / "tmp"


def check_port() -> None:
    """Nobody else listens where the web process will."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(settings.HOST, settings.PORT, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotStart(_port_trouble(error)) from None


def _port_trouble(error: OSError) -> str:
    where = f"{settings.HOST}:{settings.PORT}"
    if error.errno == errno.EADDRINUSE:
        return f"Port {settings.PORT} is in use: stop what listens on {where}, or set PORT to another number."
    if error.errno == errno.EACCES:
        return f"PORT {settings.PORT} may not be used by this user: set PORT to a number above 1023."
    return f"HOST and PORT must name an address of this machine; {where} is none: {error.strerror}."


@contextmanager
def alone() -> Iterator[None]:
    """Hold the data folder: two portals in one would be two workers of one bell and two schedulers."""
    file = os.open(Path(settings.DATA_DIR) / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise CannotStart(
            f"Another Privacy Portal runs on {settings.DATA_DIR}: stop it, or set PORTAL_DATA_DIR to another folder."
        ) from None
    try:
        yield
    finally:
        os.close(file)
