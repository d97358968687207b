"""Whether an address leads away from this portal."""

from urllib.parse import urlsplit

_LOOPBACK = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}
_IMPLIED = {"http": 80, "https": 443}


def leads_elsewhere(url: str, home: str) -> bool:
    """False for no address, and for one of `home`'s host and port, by any name of this machine itself."""
    return bool(url) and _place(url) != _place(home)


def _place(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    return "localhost" if host in _LOOPBACK else host, parts.port or _IMPLIED.get(parts.scheme)
