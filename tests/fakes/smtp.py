"""A mail server on a local port: TLS, STARTTLS, sign-in, mailboxes, greylisting, and every reply it can fail with."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as LINES

from shaoyin.adapters.clock import Clock

USERNAME, PASSWORD = "alerts@shaoyin.example", "pa55-word"
CUT, SILENT = "cut", "silent"
REJOINS_AFTER = timedelta(minutes=5)


@dataclass
class Smtp:
    """`failing`: what is said instead at `banner`, `.` (a letter's end), `EHLO` or any other command."""

    clock: Clock
    mailboxes: set[str] = field(default_factory=lambda: {"anon01@shaoyin.example"})
    failing: Mapping[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    offers_starttls: bool = True
    offers_auth: bool = True
    greylists: bool = False
    received: list[EmailMessage] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    in_the_clear: list[str] = field(default_factory=list)
    port: int = 0
    _seen: dict[str, datetime] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            await Visit(self, reader, writer).goes()
        writer.close()

    def rejoins(self, mailbox: str) -> bool:
        first = self._seen.setdefault(mailbox, self.clock.now())
        return self.clock.now() - first >= REJOINS_AFTER


class Visit:
    def __init__(self, smtp: Smtp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.smtp, self.reader, self.writer = smtp, reader, writer
        self.signed_in = self.greeted = False
        self.sender, self.to = "", ""

    @property
    def secret(self) -> bool:
        return self.writer.get_extra_info("sslcontext") is not None

    async def goes(self) -> None:
        await self.says("banner", "220 mail.shaoyin.example ESMTP")
        while True:
            line = (await self.reader.readuntil(b"\r\n")).decode().rstrip("\r\n")
            verb = line.split(" ")[0].upper()
            self.smtp.asked.append(line)
            if not self.secret:
                self.smtp.in_the_clear.append(line)
            await self.says(verb, await self.answer(verb, line))
            if verb == "QUIT":
                return

    async def says(self, step: str, usual: str) -> None:
        said = self.smtp.failing.get(step, usual)
        if said == CUT:
            raise ConnectionResetError
        if said == SILENT:
            await self.reader.read()
            raise ConnectionResetError
        if said:
            self.writer.write(said.replace("\n", "\r\n").encode() + b"\r\n")
            await self.writer.drain()

    async def answer(self, verb: str, line: str) -> str:
        match verb:
            case "EHLO":
                self.greeted = True
                return self.offers()
            case "STARTTLS" if self.smtp.tls is not None and not self.secret and verb not in self.smtp.failing:
                await self.says(verb, "220 2.0.0 ready")
                await self.writer.start_tls(self.smtp.tls)
                self.greeted = False
                return ""
            case "AUTH":
                return await self.signs_in(line)
            case "MAIL" if self.greeted and (self.signed_in or not self.smtp.offers_auth):
                self.sender = line[len("MAIL FROM:<") :].partition(">")[0]
                return "250 2.1.0 ok"
            case "MAIL":
                return "530 5.7.0 Authentication required"
            case "RCPT" if self.sender:
                return self.takes(line[len("RCPT TO:<") :].partition(">")[0])
            case "DATA" if self.to:
                return await self.reads()
            case "QUIT":
                return "221 2.0.0 bye"
            case _:
                return "503 5.5.1 bad sequence of commands"

    def offers(self) -> str:
        lines = ["mail.shaoyin.example", "SIZE 1000000", "8BITMIME"]
        if self.smtp.tls is not None and self.smtp.offers_starttls and not self.secret:
            lines.append("STARTTLS")
        if self.smtp.offers_auth:
            lines.append("AUTH PLAIN")
        return "\n".join([*(f"250-{each}" for each in lines[:-1]), f"250 {lines[-1]}"])

    async def signs_in(self, line: str) -> str:
        told = line.split(" ")[2]
        self.signed_in = base64.b64decode(told).split(b"\0")[1:] == [USERNAME.encode(), PASSWORD.encode()]
        return "235 2.7.0 welcome" if self.signed_in else f"535 5.7.8 no {USERNAME} with this password"

    def takes(self, mailbox: str) -> str:
        if mailbox not in self.smtp.mailboxes:
            return f"550 5.1.1 <{mailbox}>: no such user"
        if self.smtp.greylists and not self.smtp.rejoins(mailbox):
            return f"451 4.7.1 <{mailbox}>: greylisted, come again"
        self.to = mailbox
        return "250 2.1.5 ok"

    async def reads(self) -> str:
        if "DATA" in self.smtp.failing:
            return ""
        await self.says("DATA", "354 go on")
        raw = b""
        while (line := await self.reader.readuntil(b"\r\n")) != b".\r\n":
            raw += line[1:] if line.startswith(b"..") else line
        letter = message_from_bytes(raw, policy=LINES)
        assert isinstance(letter, EmailMessage)
        if "." not in self.smtp.failing or self.smtp.failing["."] == CUT:
            self.smtp.received.append(letter)
        await self.says(".", f"250 2.0.0 queued for {self.to}")
        return ""


@asynccontextmanager
async def smtp_running(smtp: Smtp, *, from_the_first_byte: bool = False) -> AsyncIterator[Smtp]:
    context = smtp.tls if from_the_first_byte else None
    server = await asyncio.start_server(smtp.serve, "127.0.0.1", 0, ssl=context)
    smtp.port = server.sockets[0].getsockname()[1]
    try:
        yield smtp
    finally:
        server.close()
