"""The tries of an answer, as its document keeps them: by which channel, when, and what the provider said of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from services.notify.channels.sender import GOOD, Said, may_have_gone
from services.notify.ringing.log import STATES
from shaoyin.adapters.mongo import Document
from shaoyin.contracts.deliveries import Outcome
from shaoyin.domain.ringing import Leg, SoFar

NO_CONSENT_LEFT = "43101"
"""WeChat's own count is lower than ours: whoever tapped has refused, or a consent was used up elsewhere."""


class Try(NamedTuple):
    """`unsure_at`: it may have gone out all the same, for the answer to it was lost; when, by the real clock, as the
    provider would know it.
    """

    channel: str
    at: datetime
    outcome: Outcome
    code: str
    next_at: datetime | None = None
    unsure_at: datetime | None = None


def with_try(deliveries: Sequence[Document], new: Try) -> list[Document]:
    """The state of a channel is that of its last try."""
    written: Document = {"at": new.at, "outcome": new.outcome, "code": new.code, "next_at": new.next_at}
    if new.unsure_at is not None:
        written["unsure_at"] = new.unsure_at
    found = [each for each in deliveries if each["channel"] == new.channel]
    attempts = [*found[0]["attempts"], written] if found else [written]
    line = {"channel": new.channel, "state": new.outcome, "attempts": attempts}
    if found:
        return [line if each is found[0] else each for each in deliveries]
    return [*deliveries, line]


def so_far(deliveries: Sequence[Document]) -> dict[Leg, SoFar]:
    return {
        Leg(each["channel"]): SoFar(STATES[each["state"]], len(each["attempts"]), each["attempts"][-1]["next_at"])
        for each in deliveries
    }


def attempts_by(channel: str, deliveries: Sequence[Document]) -> Sequence[Document]:
    return next((each["attempts"] for each in deliveries if each["channel"] == channel), ())


def unsure_since(channel: str, deliveries: Sequence[Document]) -> datetime | None:
    """When the last message by it may have gone out, where nobody knows whether it did."""
    for attempt in reversed(attempts_by(channel, deliveries)):
        if attempt.get("unsure_at") is not None:
            at: datetime = attempt["unsure_at"]
            return at
    return None


def certainly_not_sent(channel: str, deliveries: Sequence[Document]) -> bool:
    """None of the tries can have gone out, so what it would have used up is still there."""
    attempts = attempts_by(channel, deliveries)
    return not any(each.get("unsure_at") or each["code"] == NO_CONSENT_LEFT for each in attempts)


def made_of(channel: str, said: Said, at: datetime, began_at: datetime) -> Try:
    """What may work later is said to have failed, until it is known when to try again. Cut, slow, or answered by
    something that says nothing of the message: that is unsure, since it began (by the real clock).
    """
    if said.became in GOOD:
        return Try(channel, at, "delivered" if said.became == "delivered" else "accepted", said.code)
    return Try(channel, at, "failed", said.code, unsure_at=began_at if may_have_gone(said) else None)
