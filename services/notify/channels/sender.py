"""What every channel outside the application can do: send one message to one address, and say truthfully what became
of it.

A sender knows one provider's documented interface. It never tries again, waits, counts or chooses by itself: when to
try again, whose turn it is and what comes next is decided by whoever calls it, from what it said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from shaoyin.adapters.words import Language
from shaoyin.domain.alert import Level

Became = Literal["delivered", "accepted", "retry", "quota", "refused", "bad_key", "unknown_address"]
"""What became of one try.

delivered: the channel confirmed that the person's device or mailbox has it.
accepted: the provider took it in its own body's words and will say no more, or says more later.
retry: it may work later (cut, slow, the provider's own trouble).
quota: the provider says that too much was sent under this key or to this person; later it may work.
refused: this message will never be taken (forbidden content, too long, a template it does not have).
bad_key: nothing works under this key until an operator mends it.
unknown_address: nothing works at this address until the person gives another.
"""
GOOD: frozenset[Became] = frozenset({"delivered", "accepted"})
LATER: frozenset[Became] = frozenset({"retry", "quota"})
NEVER_LEFT = frozenset({"no_connection", "name_not_found", "certificate", "not_public"})
"""Codes of a try after which nothing can have reached the provider."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address: an alert, or a digest of several.

    `message_id` stays the same over every try, so that a provider which knows it drops the repeat. `short` is the
    whole matter in one line without the link. It is worth nothing after `useful_until`. `link` opens the case, and
    `act_link` offers `act_text`, where the message is an alert that asks for something.

    What follows is for channels that send no free text but fill a registered template, whose name here is `template`.
    `due` is the deadline as it is read; a digest has a `count` above one and neither number nor place.
    """

    message_id: str
    title: str
    body: str
    short: str
    link: str
    level: Level
    useful_until: datetime
    language: Language = "zh-CN"
    act_text: str | None = None
    act_link: str | None = None
    template: str = "alert"
    number: str | None = None
    place: str | None = None
    category: str | None = None
    due: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Said:
    """What became of one try. `code` is the provider's own (`45009`, `isv.BUSINESS_LIMIT_CONTROL`) or ours
    (`http_500`, `timeout`, `cut`, `not_json`); it holds no address, no key and no text of the message.

    `retry_after` is given where the provider said how long; `receipt` is its id for the message.
    """

    became: Became
    code: str
    retry_after: timedelta | None = None
    receipt: str | None = None


def may_have_gone(said: Said) -> bool:
    """Cut, slow, or answered by something that says nothing of the message: nobody knows whether it went out."""
    return said.became == "retry" and said.code not in NEVER_LEFT


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `most` messages within any `within`, counted under `key` over all replicas. `key` holds no secret and no
    address: a provider's name and a hash.
    """

    key: str
    most: int
    within: timedelta


class Sender(Protocol):
    @property
    def name(self) -> str:
        """As it is written in preferences, deliveries and metrics: `wecom_app`, `sms_aliyun`, `web_push`."""

    def quotas(self, address: str) -> Sequence[Quota]:
        """All that count for a message to this address; each must have room before `send`."""

    async def send(self, message: Message, address: str) -> Said:
        """One try, at most 10 s. Raises nothing that a provider or the network can cause: that is said."""

    async def close(self) -> None:
        """Ends its connections; afterwards it sends nothing more."""
