"""A test message of a person to himself: by the channel's own way and quotas, and what became of it said as it is."""

from __future__ import annotations

import hashlib
import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.notify.addresses import ADDRESS_OF, WEB_PUSH, personal
from services.notify.channels.sender import Message, Quota, Said, Sender
from services.notify.delivery_words import channel_name, reason, word
from services.notify.preferences import Preference, Preferences
from services.notify.ringing.quotas import Quotas
from shaoyin.adapters.clock import Clock
from shaoyin.adapters.problem import FieldError, field_errors, invalid
from shaoyin.adapters.rate_limits import too_many
from shaoyin.adapters.words import Language

TESTS_AT_MOST, WITHIN = 5, timedelta(minutes=10)
USEFUL_FOR = timedelta(minutes=10)
SHUT_FOR = timedelta(minutes=1)
"""Where a provider says that it was too much, and not for how long."""


class Wanted(BaseModel):
    """One of the channels that `GET /api/preferences` lists as `set_up`."""

    model_config = ConfigDict(extra="forbid")

    channel: Annotated[str, Field(min_length=1, max_length=100)]


@dataclass(frozen=True)
class TryChannel:
    """`link` is where the page of deliveries is."""

    senders: Mapping[str, Sender]
    preferences: Preferences
    quotas: Quotas
    clock: Clock
    link: str

    async def send(self, person: str, raw: Mapping[str, object], language: Language) -> dict[str, object]:
        """One try an address of his own. Raises Problem: 422 what cannot be tried, 429 too many; StoreDown."""
        channel = self._channel(raw)
        preference = (await self.preferences.of([person]))[person]
        addresses = _addresses(channel, preference)
        if not addresses:
            raise invalid([FieldError("channel", "no_address", {"key": ADDRESS_OF.get(channel, WEB_PUSH)})])
        await self._count(person)
        message = self._message(language)
        tries = [await self._try(channel, preference, each, message) for each in addresses.items()]
        return {
            "channel": channel, "channel_name": channel_name(channel, language),
            "tries": [_shown(channel, to, said, language) for to, said in tries],
        }  # fmt: skip

    def _channel(self, raw: Mapping[str, object]) -> str:
        try:
            channel = Wanted.model_validate(raw).channel
        except ValidationError as wrong:
            raise invalid(field_errors(wrong)) from wrong
        known = personal(self.senders)
        if channel not in known:
            params = {"channel": channel, "set_up": frozenset(known) or None}
            raise invalid([FieldError("channel", "channel_not_set_up", params)])
        return channel

    async def _count(self, person: str) -> None:
        """Over all replicas. Raises Problem 429."""
        own = Quota(f"test:{hashlib.sha256(person.encode()).hexdigest()[:32]}", TESTS_AT_MOST, WITHIN)
        token = secrets.token_hex(8)
        await self._taken([own], token)
        await self.quotas.settle([own], token)

    async def _taken(self, quotas: Sequence[Quota], token: str) -> None:
        wait = await self.quotas.take(quotas, token) if quotas else None
        if wait is not None:
            raise too_many(math.ceil(wait.total_seconds()))

    async def _try(
        self, channel: str, preference: Preference, way: tuple[str | None, str], message: Message
    ) -> tuple[str | None, Said]:
        """It counts as any message does, so that no test takes the room of an alert twice."""
        to, address = way
        sender, token = self.senders[channel], secrets.token_hex(8)
        quotas = sender.quotas(address)
        await self._taken(quotas, token)
        said = await sender.send(message, address)
        if quotas:
            await self.quotas.settle(quotas, token)
        if quotas and said.became == "quota":
            await self.quotas.shut(quotas, said.retry_after or SHUT_FOR)
        if said.became == "unknown_address" and to is not None:
            await self.preferences.drop_subscription(preference.person, to)
        return to, said

    def _message(self, language: Language) -> Message:
        title, body = (word(f"test.{part}", language) or "" for part in ("title", "body"))
        return Message(
            message_id=f"t{secrets.token_hex(12)}", title=title, body=body, short=title, link=self.link, level="act",
            useful_until=self.clock.now() + USEFUL_FOR, language=language,
        )  # fmt: skip


def _addresses(channel: str, preference: Preference) -> dict[str | None, str]:
    """By the browser's id, where there may be several."""
    if channel == WEB_PUSH:
        return dict(preference.subscriptions.items())
    address = preference.addresses.get(ADDRESS_OF[channel])
    return {} if address is None else {None: address}


def _shown(channel: str, to: str | None, said: Said, language: Language) -> dict[str, object]:
    wait = said.retry_after
    return {
        "to": to, "became": said.became, "code": said.code, "said": reason(channel, said.became, said.code, language),
        "retry_after_seconds": None if wait is None else math.ceil(wait.total_seconds()),
    }  # fmt: skip
