"""Ports: which are free, and who must be told when one is not."""

import random
import socket
from pathlib import Path

from deploy.local.trouble import PortInUse

LOOPBACK = "127.0.0.1"
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on, below those the system gives to outgoing connections.

    A port from the system's own range can be taken by somebody's connection while an engine is down, and a client
    that knocks on it again and again can end up connected to itself (TCP simultaneous open, RFC 9293 3.5).
    """
    candidates = range(_LOWEST, _first_outgoing_port())
    found: list[int] = []
    for port in random.sample(candidates, len(candidates)):
        if is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise OSError(f"no {count} free ports between {candidates.start} and {candidates.stop}")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def claim(engine: str, port: int, variable: str) -> None:
    """Raises PortInUse, which names the port and the variable to set, when somebody else listens there."""
    if not is_free(port):
        raise PortInUse(engine, port, variable)


def _first_outgoing_port() -> int:
    return int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 32_768
