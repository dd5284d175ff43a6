"""What the alert's document says of each way it was tried, and a try written into it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from services.notify.alert_documents import IN_APP
from shaoyin.adapters.mongo import Document
from shaoyin.contracts.deliveries import Outcome
from shaoyin.domain.ringing import Leg, SoFar, State

STATES: Mapping[str, State] = {"delivered": "good", "accepted": "good", "retry": "later", "failed": "never"}


class Attempt(NamedTuple):
    """One try of one leg, as it is kept: with the provider's code, without address, key or text."""

    leg: Leg
    at: datetime
    outcome: Outcome
    code: str
    next_at: datetime | None = None
    receipt: str | None = None


def so_far(document: Document) -> dict[Leg, SoFar]:
    """Of every leg but the inbox, which does not ring."""
    return {
        Leg(each["channel"], each.get("to")): SoFar(
            STATES[each["state"]], len(each["attempts"]), each["attempts"][-1]["next_at"]
        )
        for each in document["deliveries"]
        if each["channel"] != IN_APP
    }


def with_attempt(deliveries: Sequence[Document], attempt: Attempt) -> list[Document]:
    """The log with one try more; the state of a leg is that of its last try."""
    leg, new = attempt.leg, _written(attempt)
    found = [each for each in deliveries if (each["channel"], each.get("to")) == leg]
    tries = [*found[0]["attempts"], new] if found else [new]
    line = {"channel": leg.channel, "to": leg.to, "state": attempt.outcome, "attempts": tries}
    if found:
        return [line if each is found[0] else each for each in deliveries]
    return [*deliveries, line]


def _written(attempt: Attempt) -> Document:
    written = {"at": attempt.at, "outcome": attempt.outcome, "code": attempt.code, "next_at": attempt.next_at}
    return written if attempt.receipt is None else written | {"receipt": attempt.receipt}
