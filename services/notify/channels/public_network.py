"""Connections to addresses that somebody else gave: to public addresses only.

The check sits where the connection is made: a name is resolved there, every answer is checked, and the connection goes
to a checked answer. A name that resolves differently a moment later (rebinding) gains nothing, and since the URL keeps
its name, connections are shared and certificates verified by name.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpcore
import httpx

from services.notify.channels.calls import AT_ONCE, WITHIN, NotCalled
from services.notify.channels.safe_address import is_public
from services.notify.channels.sender import Said

RESOLVED_WITHIN = 3.0
"""Seconds."""
IP = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[IP]]]
Options = Iterable[httpcore.SOCKET_OPTION]


async def resolved(host: str, port: int) -> list[IP]:
    """By the machine's resolver, in the order that it prefers; empty where there is no such name."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVED_WITHIN):
            answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers]


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """Raises NotCalled instead of connecting inwards."""

    def __init__(self, resolve: Resolve = resolved, may: Callable[[IP], bool] = is_public) -> None:
        self._resolve, self._may = resolve, may
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None,  # noqa: ASYNC109 (httpcore's own)
        local_address: str | None = None, socket_options: Options | None = None,
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        """To the first answer that can be reached, each in its share of the time."""
        found = await self._resolve(host, port)
        if not found:
            raise NotCalled(Said("retry", "name_not_found"))
        if not all(map(self._may, found)):
            raise NotCalled(Said("unknown_address", "address_not_public"))
        share = None if timeout is None else timeout / len(found)
        *others, last = map(str, found)
        for ip in others:
            try:
                return await self._network.connect_tcp(ip, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(last, port, share, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


class _Transport(httpx.AsyncHTTPTransport):
    """httpx lets its network be chosen only by the pool beneath it."""

    def __init__(self, network: PublicNetwork, verify: ssl.SSLContext | bool) -> None:
        super().__init__()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(verify, trust_env=False), network_backend=network,
            max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE, keepalive_expiry=5.0,
        )  # fmt: skip


def client_of_public(network: PublicNetwork | None = None, verify: ssl.SSLContext | bool = True) -> httpx.AsyncClient:
    """Bounded as `client_of`; it too follows no redirect and reads no proxy from the environment."""
    transport = _Transport(network or PublicNetwork(), verify)
    return httpx.AsyncClient(
        transport=transport, timeout=WITHIN.total_seconds(), trust_env=False, follow_redirects=False
    )
