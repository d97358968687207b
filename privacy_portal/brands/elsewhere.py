"""Whether an address leads away from this portal, as far as it shows. A name that only leads here in the end is found
at the door (tracking/homecoming.py)."""

import socket
from contextlib import suppress
from ipaddress import IPv4Address, ip_address
from urllib.parse import urlsplit

_IMPLIED = {"http": 80, "https": 443}


def leads_elsewhere(url: str, home: str) -> bool:
    """False for no address, and for one of `home`'s host and port, by any name of this machine itself."""
    return bool(url) and _place(url) != _place(home)


def _place(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    return _machine((parts.hostname or "").rstrip(".")), parts.port or _IMPLIED.get(parts.scheme)


def _machine(host: str) -> str:
    """However an address of this machine is spelled: 127.1, 0x7f.1, 2130706433, ::ffff:127.0.0.1."""
    address = None
    with suppress(ValueError):
        address = ip_address(host)
        address = getattr(address, "ipv4_mapped", None) or address
    with suppress(OSError):
        address = address or IPv4Address(socket.inet_aton(host))
    is_here = host == "localhost" or (address is not None and (address.is_loopback or address.is_unspecified))
    return "localhost" if is_here else str(address or host)
