"""Asks a Kafka broker who is in its cluster, in one round trip and without a client library."""

import socket
import struct
from dataclasses import dataclass

_METADATA, _VERSION = 3, 2
_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """The brokers that take work now, by port; a broker still starting, or fenced, is not among them."""

    ports: frozenset[int]


def cluster(host: str, port: int) -> Cluster | None:
    """None when nobody answers there, or not as a broker does."""
    try:
        with socket.create_connection((host, port), timeout=_SECONDS) as line:
            line.sendall(_question())
            return _brokers(_received(line))
    except (OSError, struct.error, UnicodeDecodeError):
        return None


def _question() -> bytes:
    """A Metadata request, version 2, for no topic (KIP-4): header, then an empty list."""
    body = struct.pack(">hhih", _METADATA, _VERSION, 1, -1) + struct.pack(">i", 0)
    return struct.pack(">i", len(body)) + body


def _received(line: socket.socket) -> bytes:
    (size,) = struct.unpack(">i", _exactly(line, 4))
    return _exactly(line, size)


def _exactly(line: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        more = line.recv(size - len(parts))
        if not more:
            raise ConnectionError("closed in the middle of an answer")
        parts += more
    return parts


def _brokers(answer: bytes) -> Cluster:
    """After the correlation id: a list of node id, host, port and rack (a string that may be null)."""
    (count,) = struct.unpack_from(">i", answer, 4)
    at, ports = 8, set()
    for _ in range(count):
        at = _after_string(answer, at + 4)
        ports.add(struct.unpack_from(">i", answer, at)[0])
        at = _after_string(answer, at + 4)
    return Cluster(frozenset(ports))


def _after_string(answer: bytes, at: int) -> int:
    length = int.from_bytes(answer[at : at + 2], signed=True)
    return at + 2 + max(length, 0)
