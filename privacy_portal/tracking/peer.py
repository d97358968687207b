"""The caller's address (contract T9): X-Forwarded-For is believed only from TRUSTED_PROXIES."""

from ipaddress import IPv4Network, IPv6Network, ip_address


def caller_address(peer: str, forwarded: str, trusted: list[IPv4Network | IPv6Network]) -> str:
    """Walk from the peer outwards for as long as a hop is a trusted proxy. A malformed hop ends the walk."""
    address = peer
    for hop in [*reversed([part.strip() for part in forwarded.split(",") if part.strip()]), ""]:
        try:
            current = ip_address(address)
            if not any(current in network for network in trusted):
                return address
            ip_address(hop)
        except ValueError:
            return address
        address = hop
    return address
