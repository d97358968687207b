"""Typed readers of the environment, `.env` and `NAME_FILE`; a wrong value is refused with its name.

Read once, by `settings.py` alone.
"""

import io
import os
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

import dj_database_url
import dj_email_url
from dotenv.parser import parse_stream

from privacy_portal.disk import sync_folder

Read = TypeVar("Read")
SHORTEST_SECRET = 32
_LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
HOST_NAME = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*"
_ORIGIN = re.compile(rf"https?://(?:{HOST_NAME}\.?|\[[0-9a-f:.]+\])(?::[0-9]+)?", re.IGNORECASE)
_HOST = re.compile(rf"\*|\.?{_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\]", re.IGNORECASE)


class BadSetting(SystemExit):
    """A setting that stops the start; printed as one sentence that names it."""

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(f"{name} {rule}")


def take_in(default: Path) -> None:
    """Put what `.env`, or the file that PORTAL_ENV_FILE names, sets into the environment, where that sets nothing.

    A name is set by a value or by a NAME_FILE with something in it. Once it is taken in, the processes below have it
    from us: the file may be a pipe, or named as seen from our directory.
    """
    path = os.environ.get("PORTAL_ENV_FILE", "")
    lines = list(parse_stream(io.StringIO(_env_file(path, default))))
    if damaged := [line.original.line for line in lines if line.error]:
        raise BadSetting("PORTAL_ENV_FILE", f"must hold lines such as NAME=value: line {damaged[0]} cannot be read")
    settings = {line.key: line.value for line in lines if line.key}
    os.environ |= {name: value for name, value in settings.items() if value and not text(name)}
    os.environ["PORTAL_ENV_FILE"] = os.devnull


def _env_file(named: str, default: Path) -> str:
    """Its text. That there is no file of the usual name is no trouble; that there is none of a given name is."""
    path = Path(named or default)
    try:
        content = path.read_text(encoding="utf-8-sig")  # a byte-order mark is no part of the first name
        trouble = "no text" if "\0" in content else ""
    except UnicodeDecodeError:
        trouble = "not in UTF-8"
    except OSError as error:
        content, trouble = "", error.strerror or ""
        if isinstance(error, FileNotFoundError) and not named:
            return content
    if trouble:
        raise BadSetting("PORTAL_ENV_FILE", f"must be a text file that this user can read: {path}: {trouble}")
    return content


def text(name: str, default: str = "") -> str:
    """The value of NAME, or the content of the file that NAME_FILE points at. An empty one is none."""
    if value := os.environ.get(name, ""):
        return value
    if path := os.environ.get(f"{name}_FILE", ""):
        try:
            return Path(path).read_text(encoding="utf-8-sig").strip() or default
        except (OSError, UnicodeDecodeError) as error:
            raise BadSetting(f"{name}_FILE", f"cannot be read: {error.__class__.__name__}") from None
    return default


def whole_number(name: str, default: int, at_least: int = 1, at_most: int = 2**31) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or len(value) > 10 or not at_least <= int(value) <= at_most:
        raise BadSetting(name, f"must be a whole number from {at_least} to {at_most}")
    return int(value)


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value.upper() not in allowed:
        raise BadSetting(name, f"must be one of {', '.join(allowed)}")
    return value.upper()


def understood(name: str, value: str, read: Callable[[str], Read], rule: str) -> Read:
    """What `read`, of whichever library, makes of a value. Its own words about a bad one may quote a password."""
    try:
        return read(value)
    except (TypeError, ValueError):
        raise BadSetting(name, rule) from None


def url(name: str, default: str, schemes: tuple[str, ...]) -> str:
    value = text(name, default)
    rule = f"must be a URL starting with {' or '.join(s + '://' for s in schemes)}"
    if value and (understood(name, value, urlsplit, rule).scheme not in schemes or "://" not in value):
        raise BadSetting(name, rule)
    return value


def folder(name: str, default: Path) -> str:
    """The file:// URL of a folder of this machine; one that is not absolute would be another for each process."""
    value = url(name, default.as_uri(), ("file",))
    parts = urlsplit(value)
    if parts.netloc or parts.query or parts.fragment or not parts.path.startswith("/"):
        raise BadSetting(name, "must be a folder's address such as file:///srv/privacy-portal")
    return value


def server(name: str, default: str, schemes: tuple[str, ...], *, without_host: tuple[str, ...] = ()) -> str:
    """The URL of a server, by a host and perhaps a port; `without_host`: schemes that lead to none."""
    value = url(name, default, (*schemes, *without_host))
    if value and urlsplit(value).scheme not in without_host and not _names_a_server(urlsplit(value)):
        raise BadSetting(name, "must name a host, and a port from 1 to 65535 or none, as in " + schemes[0] + "://host")
    return value


def redis_server(name: str) -> str:
    """The URL of a Redis, with none but the parameters that its client knows; empty: there is none."""
    value = server(name, "", ("redis", "rediss"))
    if value:
        rule = "must have no other parameters than redis-py's, as in redis://host:6379/0?socket_timeout=2"
        understood(name, value, _connection_to_redis, rule)
    return value


def _connection_to_redis(url: str) -> None:
    """Made, and not opened. ValueError when its parameters are not the client's."""
    from redis import (
        ConnectionPool,
        RedisError,
    )  # a tenth of each process's start, which one without Redis need not take

    try:
        ConnectionPool.from_url(url).make_connection()
    except (AttributeError, RedisError) as error:
        raise ValueError from error


def broker(name: str, default: str, schemes: tuple[str, ...]) -> str:
    """Like `server`, or several separated by semicolons: kombu turns to the next when one is away."""
    value = url(name, default, ("filesystem", *schemes))
    for one in value.split(";"):
        if not one.startswith("filesystem://") and not _names_a_server(urlsplit(one)):
            raise BadSetting(name, "must name a host, and a port from 1 to 65535 or none, as in amqp://host")
    return value


def database(name: str) -> dict[str, Any]:
    """PostgreSQL as Django's settings want it, or nothing. Without a host it is the one of this machine's socket."""
    value = url(name, "", ("postgres", "postgresql"))
    rule = "must be an address such as postgres://user:password@host:5432/name"
    found: dict[str, Any] = dict(understood(name, value, dj_database_url.parse, rule)) if value else {}
    if found and (not found["NAME"] or urlsplit(value).port == 0):
        raise BadSetting(name, rule)
    if unknown := sorted(set(found.get("OPTIONS", {})) - _libpq_knows()) if found else []:
        raise BadSetting(name, f"must have no other parameters than PostgreSQL's: {unknown[0]} is none")
    return found


def _libpq_knows() -> set[str]:
    """The parameters of a connection, and Django's own. With any other none can be made, and the pool would wait."""
    from psycopg.pq import Conninfo  # a quarter of a second, which SQLite need not take

    return {"assume_role", "server_side_binding"} | {known.keyword.decode() for known in Conninfo.get_defaults()}


def mail(name: str) -> dict[str, Any]:
    """The server for outgoing mail as Django's settings want it."""
    value = server(name, "console://", ("smtp", "smtps", "submission"), without_host=("console",))
    return dict(understood(name, value, dj_email_url.parse, "must give its timeout in whole seconds"))


def origin(name: str, default: str) -> str:
    """An http(s) address without a path, as people and machines reach this portal.

    Names inside of container networks may have underscores. Of a user's name or password every link would tell.
    """
    value = url(name, default, ("http", "https")).rstrip("/")
    parts = urlsplit(value)
    if not _ORIGIN.fullmatch(value) or not _names_a_server(parts) or not _is_host(parts.hostname or ""):
        raise BadSetting(name, "must be an address such as https://privacy.example.com, without a path")
    return f"{parts.scheme}://{parts.netloc}"  # the scheme in lower case, however it was written


def _is_host(host: str) -> bool:
    """Browsers read what ends in a number, or stands in brackets, as an address or not at all."""
    try:
        is_address = ":" in host or host.rstrip(".").rpartition(".")[2].isdigit()
        return not is_address or bool(ip_address(host))
    except ValueError:
        return False


def _names_a_server(parts: SplitResult) -> bool:
    """Redis counts its databases: one of another name would silently be the first."""
    try:
        is_there = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_there and (parts.scheme not in ("redis", "rediss") or bool(re.fullmatch("/*[0-9]*", parts.path)))


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    rule = "must list addresses or networks, such as 10.0.0.0/8, separated by commas"
    return [understood(name, part, ip_network, rule) for part in _listed(name, text(name), rule)]


def host_names(name: str, default: str) -> list[str]:
    """Names and addresses as they stand in a Host header, without port; `.example.com`: every name below, too."""
    rule = "must list the host names this portal answers to, separated by commas"
    names = _listed(name, text(name, default), rule)
    if not names or not all(map(_HOST.fullmatch, names)):
        raise BadSetting(name, rule)
    return names


def _listed(name: str, value: str, rule: str) -> list[str]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    if value and not parts:
        raise BadSetting(name, rule)
    return parts


def secret(name: str, kept_in: Path | None) -> str:
    """A secret from the environment, or (embedded default) made once and kept in a file of mode 0600."""
    if value := text(name):
        if len(value) < SHORTEST_SECRET:
            raise BadSetting(name, f"must be at least {SHORTEST_SECRET} characters long")
        return value
    if kept_in is None:
        raise BadSetting(name, "must be set when DATABASE_URL is set (or give it as a file with " + name + "_FILE)")
    path = kept_in / name.lower()
    try:
        kept = path.read_text(encoding="ascii").strip() if path.exists() else _make(path)
    except OSError as error:
        raise BadSetting("PORTAL_DATA_DIR", f"must be a folder this user can write: {error.strerror}") from None
    except UnicodeDecodeError:
        kept = ""
    if len(kept) < SHORTEST_SECRET:
        raise BadSetting(name, f"is damaged in {path}: put the file of your backup in its place")
    return kept


def secret_list(name: str, kept_in: Path | None) -> list[str]:
    """Several secrets, separated by commas. Each is looked at: what an empty one encrypted anyone could read."""
    each = [one.strip() for one in secret(name, kept_in).split(",")]
    if min(map(len, each)) < SHORTEST_SECRET or any("\n" in one for one in each):
        rule = f"must list keys of at least {SHORTEST_SECRET} characters each, separated by commas, in one line"
        raise BadSetting(name, rule)
    return each


def _make(path: Path) -> str:
    """On disk before anything is encrypted with it: an empty file, which a loss of power may leave, is a key too."""
    fresh = urlsafe_b64encode(secrets.token_bytes(48))
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(fresh)
            file.flush()
            os.fsync(file.fileno())
        # A hard link appears whole or not at all, and never replaces what another process made first.
        with suppress(FileExistsError):
            os.link(draft, path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)
    return path.read_text(encoding="ascii").strip()


def data_folder(name: str, default: Path) -> Path:
    path = Path(text(name, str(default))).absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(name, f"must be a folder this user can write: {error.strerror}") from None
    return path
