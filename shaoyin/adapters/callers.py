"""From which network a call comes: the peer's address, or what a trusted proxy says of the one before it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.types import Scope

from shaoyin.adapters.limits import Network

HOPS_AT_MOST = 10
KEPT = 20_000
NARROW = {4: 32, 6: 64}
WIDE = {4: 24, 6: 48}
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """`narrow` is one IPv4 address or one IPv6 /64, as a household or office has it; `wide` the /24 or /48 around."""

    narrow: str
    wide: str


class Callers:
    """An address in `X-Forwarded-For` counts only where a trusted proxy has written it, so it is read from the right.

    None for a call of this very machine, and where a trusted proxy does not say for whom it calls: one limit for
    everybody behind it would lock a town out.
    """

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)
        self._trusts = lru_cache(KEPT)(self._is_trusted)
        self._caller = lru_cache(KEPT)(_caller_of)
        self._warned = False

    def of(self, scope: Scope) -> Caller | None:
        client = scope.get("client")
        if not client:
            return None
        peer: str = client[0]
        if not self._trusts(peer):
            return self._caller(peer)
        for hop in _hops(scope["headers"]):
            if not self._trusts(hop):
                return self._caller(hop)
        self._warn_once(peer)
        return None

    def _is_trusted(self, said: str) -> bool:
        """What is no address is trusted as little as a stranger's."""
        address = _address(said)
        return address is not None and any(address in network for network in self._trusted)

    def _warn_once(self, peer: str) -> None:
        if not self._warned and self._caller(peer) is not None:
            self._warned = True
            log.warning("the trusted proxy %s does not say whose calls it passes on: they are not limited", peer)


def _hops(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """The nearest first."""
    said = [value for name, value in headers if name == b"x-forwarded-for"]
    if not said:
        return []
    parts = b",".join(said).decode("latin-1").rsplit(",", HOPS_AT_MOST)
    return [hop for part in reversed(parts[-HOPS_AT_MOST:]) if (hop := part.strip())]


def _address(said: str) -> IPv4Address | IPv6Address | None:
    """With or without a port or a zone; an IPv4 address written as IPv6 is IPv4."""
    bare = said.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def _caller_of(said: str) -> Caller | None:
    """An address that nobody can read is a network of its own: all who send such are limited together."""
    address = _address(said)
    if address is None:
        return Caller("unreadable", "unreadable")
    if address.is_loopback:
        return None
    narrow, wide = (ip_network((address, length[address.version]), strict=False) for length in (NARROW, WIDE))
    return Caller(str(narrow), str(wide))
