"""Connections to addresses that somebody else gave: to public addresses only.

The check sits where the connection is made: a name is resolved there, every answer is checked, and the connection goes
to a checked answer. A name that resolves differently a moment later (rebinding) gains nothing, and since the URL keeps
its name, connections are shared and certificates verified by name.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx

from services.notify.channels.calls import NotCalled, client_of
from services.notify.channels.safe_address import is_public
from services.notify.channels.sender import Said

RESOLVED_WITHIN = 3.0
"""Seconds."""
IP = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[IP]]]


async def resolved(host: str, port: int) -> list[IP]:
    """By the machine's resolver, in the order that it prefers; empty where there is no such name."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVED_WITHIN):
            answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]


class PublicNetwork:
    """Where a name leads, if that is outside."""

    def __init__(self, resolve: Resolve = resolved, may: Callable[[IP], bool] = is_public) -> None:
        self._resolve, self._may = resolve, may

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """In the order in which to try. Raises NotCalled instead of leading inwards."""
        found = await self._resolve(host, port)
        if not found:
            raise NotCalled(Said("retry", "name_not_found"))
        if not all(map(self._may, found)):
            raise NotCalled(Said("unknown_address", "address_not_public"))
        return [str(each) for each in found]


def client_of_public(network: PublicNetwork | None = None, verify: ssl.SSLContext | None = None) -> httpx.AsyncClient:
    """Bounded as `client_of`, which it is."""
    return client_of("", addresses=(network or PublicNetwork()).addresses, verify=verify)
