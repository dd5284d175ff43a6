"""A provider under TLS: an authority of its own, and certificates for the names that it is asked for."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from shaoyin.adapters.clock import SystemClock

TAKEN = b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n"


@dataclass
class Tls:
    """Keeps connections open. `hosts` are the names that requests were for, `connections` how often it was reached."""

    folder: Path
    hosts: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    _open: list[asyncio.StreamWriter] = field(default_factory=list)

    def context(self, name: str) -> ssl.SSLContext:
        """Of a server with a certificate for `name` alone."""
        certificate, key = signed(name)
        held = self.folder / f"{name}.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        held.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
        (self.folder / "trusted.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(held)
        return context

    @property
    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "trusted.pem"))

    async def cut(self) -> None:
        for writer in self._open:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
                await reader.readexactly(int(lines.get("content-length", "0")))
                self.hosts.append(lines["host"].partition(":")[0])
                writer.write(TAKEN)
        writer.close()


def signed(name: str) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    """For an hour, by itself."""
    key, now = generate_private_key(SECP256R1()), SystemClock().now()
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5)).not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )  # fmt: skip
    return made.sign(key, SHA256()), key


@asynccontextmanager
async def tls_running(folder: Path, name: str) -> AsyncIterator[Tls]:
    tls = Tls(folder)
    server = await asyncio.start_server(tls.serve, "127.0.0.1", 0, ssl=tls.context(name))
    tls.port = server.sockets[0].getsockname()[1]
    try:
        yield tls
    finally:
        server.close()
        await tls.cut()
