"""Typed readers of the environment, `.env` and `NAME_FILE`; a wrong value is refused with its name.

Read once, by `settings.py` alone.
"""

import os
import secrets
from base64 import urlsafe_b64encode
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit


class BadSetting(SystemExit):
    """A setting that stops the start; printed as one sentence that names it."""

    def __init__(self, name: str, rule: str) -> None:
        super().__init__(f"{name} {rule}")


def text(name: str, default: str = "") -> str:
    """The value of NAME, or the content of the file that NAME_FILE points at."""
    if value := os.environ.get(name, ""):
        return value
    if path := os.environ.get(f"{name}_FILE", ""):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
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


def url(name: str, default: str, schemes: tuple[str, ...]) -> str:
    value = text(name, default)
    if value and (urlsplit(value).scheme not in schemes or "://" not in value):
        raise BadSetting(name, f"must be a URL starting with {' or '.join(s + '://' for s in schemes)}")
    return value


def origin(name: str, default: str) -> str:
    """An http(s) address without a path, as people and machines reach this portal."""
    value = url(name, default, ("http", "https")).rstrip("/")
    parts = urlsplit(value)
    try:
        usable = bool(parts.hostname) and not (parts.query or parts.fragment or parts.path) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise BadSetting(name, "must be an address such as https://privacy.example.com, without a path")
    return value


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(part.strip()) for part in text(name).split(",") if part.strip()]
    except ValueError:
        raise BadSetting(name, "must list addresses or networks, such as 10.0.0.0/8, separated by commas") from None


def words(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def secret(name: str, kept_in: Path | None) -> str:
    """A secret from the environment, or (embedded default) made once and kept in a file of mode 0600."""
    if value := text(name):
        if len(value) < 32:
            raise BadSetting(name, "must be at least 32 characters long")
        return value
    if kept_in is None:
        raise BadSetting(name, "must be set when DATABASE_URL is set (or give it as a file with " + name + "_FILE)")
    path = kept_in / name.lower()
    fresh = urlsafe_b64encode(secrets.token_bytes(48)).decode()
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        if not path.exists():
            draft.touch(mode=0o600)
            draft.write_text(fresh, encoding="ascii")
            try:
                # A hard link appears whole or not at all, and never replaces what another process made first.
                os.link(draft, path)
            except FileExistsError:
                return path.read_text(encoding="ascii").strip()
            finally:
                draft.unlink()
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise BadSetting("PORTAL_DATA_DIR", f"must be a folder this user can write: {error.strerror}") from None


def data_folder(name: str, default: Path) -> Path:
    path = Path(text(name, str(default))).absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(name, f"must be a folder this user can write: {error.strerror}") from None
    return path
