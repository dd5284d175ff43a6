"""A letter by the community's own mail server: SMTP with TLS, to one mailbox."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import formataddr
from ipaddress import ip_address
from typing import Literal

from aiosmtplib import SMTP, SMTPException
from pydantic import SecretStr

from services.notify.channels.calls import WITHIN
from services.notify.channels.codes import counted_under
from services.notify.channels.keys import WrongKey, given
from services.notify.channels.letter import Envelope, letter_of
from services.notify.channels.limits import Limits, check_limits, quotas_of
from services.notify.channels.mail_words import NO_AUTH, NO_STARTTLS, TAKEN, meaning
from services.notify.channels.robots import TOO_LONG
from services.notify.channels.sender import Message, Quota, Said
from shaoyin.adapters.clock import Clock, SystemClock

_LABEL = r"[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?"
_ATOM = r"[0-9A-Za-z!#$%&'*+/^_`{|}~-]+"
MAILBOX = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
"""RFC 5321, 4.1.2, without quotes; and without = and ?, which could begin an encoded word."""
LONGEST_MAILBOX = 254
"""RFC 5321, 4.5.3.1.3, without its brackets."""
AT_ONCE = 5
"""Connections to the server; most refuse more of one sender."""
OWN = Limits(((30, timedelta(hours=1)),))


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`security`: `tls` from the first byte (port 465), `starttls` (587), `none` only to this machine. Without a
    `username` nobody signs in.
    """

    host: str
    port: int
    sender: str
    sender_name: str = "哨音"
    username: str = ""
    password: SecretStr | None = None
    security: Literal["tls", "starttls", "none"] = "tls"
    limits: Limits = OWN


class Mail:
    """The address is a mailbox. The message's id is the same over every try, so that a mailbox shows a repeat once."""

    name = "mail"

    def __init__(
        self, settings: MailSettings, *, trusted: ssl.SSLContext | None = None, clock: Clock | None = None
    ) -> None:
        _check(settings)
        self._settings = settings
        self._password = given("mail_password", settings.password or SecretStr("")) if settings.username else ""
        self._secret = self._password or settings.host
        self._trusted = trusted or ssl.create_default_context()
        self._clock = clock or SystemClock()
        self._at_once = asyncio.Semaphore(AT_ONCE)

    def quotas(self, address: str) -> Sequence[Quota]:
        return quotas_of(self._settings.limits, self.name, self._secret, address.lower()) if is_mailbox(address) else ()

    async def send(self, message: Message, address: str) -> Said:
        if not is_mailbox(address):
            return Said("unknown_address", "mailbox_form")
        letter = letter_of(message, self._envelope(message.message_id, address), self._clock.now())
        if letter is None:
            return TOO_LONG
        client = self._client()
        try:
            async with asyncio.timeout(WITHIN.total_seconds()), self._at_once:
                said = await self._sent(client, letter, address)
        except (SMTPException, OSError, ValueError) as error:
            said = meaning(error)
        if said is TAKEN:
            await _parted(client)
        client.close()
        return said

    async def _sent(self, client: SMTP, letter: bytes, address: str) -> Said:
        """By steps of our own: nothing is said, and nobody signs in, before the connection is as it must be."""
        await client.connect()
        await client.ehlo()
        if self._settings.security == "starttls":
            if not client.supports_extension("starttls"):
                return NO_STARTTLS
            await client.starttls()
            await client.ehlo()
        if self._settings.username:
            if not client.supports_extension("auth"):
                return NO_AUTH
            await client.login(self._settings.username, self._password)
        await client.sendmail(self._settings.sender, [address], letter)
        return TAKEN

    def _client(self) -> SMTP:
        settings = self._settings
        return SMTP(
            hostname=settings.host, port=settings.port, timeout=WITHIN.total_seconds(), start_tls=False,
            use_tls=settings.security == "tls", tls_context=None if settings.security == "none" else self._trusted,
            local_hostname=_domain(settings.sender),
        )  # fmt: skip

    def _envelope(self, message_id: str, address: str) -> Envelope:
        unique = counted_under(self.name, self._secret, message_id, address.lower()).partition(":")[2]
        sender = self._settings.sender
        return Envelope(formataddr((self._settings.sender_name, sender)), address, f"<{unique}@{_domain(sender)}>")

    async def close(self) -> None:
        """Every try has a connection of its own."""


async def _parted(client: SMTP) -> None:
    """The letter is taken: whatever becomes of the farewell, it is not sent again."""
    with contextlib.suppress(SMTPException, OSError, ValueError):
        await client.quit(timeout=1)


def is_mailbox(address: str) -> bool:
    return len(address) <= LONGEST_MAILBOX and MAILBOX.fullmatch(address) is not None


def _domain(mailbox: str) -> str:
    return mailbox.rpartition("@")[2]


def _check(settings: MailSettings) -> None:
    if not settings.host.strip() or not 0 < settings.port < 65536:
        raise WrongKey("mail_host", "须有主机和端口 / must have a host and a port")
    if not is_mailbox(settings.sender):
        raise WrongKey("mail_sender", "须为邮箱地址 / must be a mailbox")
    if settings.security == "none" and not _here(settings.host):
        raise WrongKey("mail_security", "除本机外须用 tls 或 starttls / must be tls or starttls but to this machine")
    check_limits("mail_limits", settings.limits)


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
