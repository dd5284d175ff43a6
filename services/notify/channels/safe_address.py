"""Addresses that somebody else gave: what can be said of them before anybody connects.

What their names resolve to is checked where the connection is made, in `public_network.py`.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

PORT = 443
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""RFC 6052: an IPv4 address in its last 32 bits, which a translator would reach."""


def wrong_with(url: str, *, inside: bool = False) -> str | None:
    """What can be seen without resolving, or None. `inside`: configured for tests or a closed network."""
    try:
        read = httpx.URL(url)
        port = read.port
    except httpx.InvalidURL:
        return "address_not_readable"
    if not read.host or read.userinfo:
        return "address_not_readable"
    if read.scheme != "https" and not (inside and read.scheme == "http"):
        return "address_not_https"
    if inside:
        return None
    if port not in (None, PORT):
        return "address_port"
    ip = _as_ip(read.host)
    return "address_not_public" if ip is not None and not is_public(ip) else None


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    """No loopback, private, shared, link-local, metadata or multicast address, in whichever form it is written."""
    if isinstance(ip, IPv6Address):
        if ip in _TRANSLATED:
            return is_public(IPv4Address(int(ip) & 0xFFFFFFFF))
        carried = ip.ipv4_mapped or ip.sixtofour
        if carried is not None:
            return is_public(carried)
    return ip.is_global and not ip.is_multicast


def _as_ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
