"""Addresses that somebody else gave: only https to the public network, and connected to as they were checked.

A name is resolved once, every answer is checked, and the connection goes to a checked answer: a name that resolves
differently a moment later (rebinding) gains nothing.
"""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from services.notify.channels.sender import Said

PORT = 443
RESOLVED_WITHIN = 3.0
"""Seconds."""
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


async def request_to(
    client: httpx.AsyncClient, url: str, content: bytes, headers: dict[str, str], *, inside: bool = False
) -> httpx.Request | Said:
    """A POST to the checked address, with the name kept for TLS and for the Host header; or why there is none."""
    if wrong := wrong_with(url, inside=inside):
        return Said("unknown_address", wrong)
    read = httpx.URL(url)
    if inside:
        return client.build_request("POST", read, content=content, headers=headers)
    found = await _resolved(read.host)
    if not found:
        return Said("retry", "name_not_found")
    if not all(is_public(ip) for ip in found):
        return Said("unknown_address", "address_not_public")
    return client.build_request(
        "POST", read.copy_with(host=str(found[0])), content=content,
        headers={**headers, "Host": read.netloc.decode()}, extensions={"sni_hostname": read.raw_host.decode()},
    )  # fmt: skip


async def _resolved(host: str) -> list[IPv4Address | IPv6Address]:
    ip = _as_ip(host)
    if ip is not None:
        return [ip]
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVED_WITHIN):
            answers = await loop.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]


def _as_ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
