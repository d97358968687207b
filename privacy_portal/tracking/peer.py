"""The caller's address (contract T9): X-Forwarded-For is believed only from TRUSTED_PROXIES."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Networks = list[IPv4Network | IPv6Network]


def address_in(text: str) -> IPv4Address | IPv6Address:
    """ValueError for what is none. A socket for both families names an IPv4 address as one of IPv6."""
    found = ip_address(text)
    return getattr(found, "ipv4_mapped", None) or found


def is_among(address: str, trusted: Networks) -> bool:
    """False for what is no address, too."""
    try:
        return _is_in(address, trusted)
    except ValueError:
        return False


def caller_address(peer: str, forwarded: str, trusted: Networks) -> str:
    """Walk from the peer outwards for as long as a hop is a trusted proxy. A malformed hop ends the walk."""
    address = peer
    for hop in [*reversed([_without_port(part.strip()) for part in forwarded.split(",") if part.strip()]), ""]:
        try:
            address = str(address_in(address))
            if not _is_in(address, trusted):
                return address
            ip_address(hop)
        except ValueError:
            return address
        address = hop
    return address


def _without_port(hop: str) -> str:
    """Some proxies add it: 203.0.113.9:4711, [2001:db8::7]:4711."""
    if hop[:1] == "[":
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _is_in(address: str, trusted: Networks) -> bool:
    found = address_in(address)
    return any(found in network for network in trusted)
