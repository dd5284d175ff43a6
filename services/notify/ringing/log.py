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


class Asking(NamedTuple):
    """By what a provider knows the message of the last try: our id for it, when it went by the real clock, and the
    provider's id where it gave one. Asked at `ask_at` what became of it, or before it is sent again.
    """

    message_id: str
    sent_at: datetime
    serial: str | None = None
    ask_at: datetime | None = None
    asked: int = 0


class Attempt(NamedTuple):
    """One try of one leg, as it is kept: with the provider's code, without address, key or text.

    `afterwards`: nothing was sent; it is what the provider said later of the try before.
    """

    leg: Leg
    at: datetime
    outcome: Outcome
    code: str
    next_at: datetime | None = None
    receipt: str | None = None
    asking: Asking | None = None
    afterwards: bool = False


def so_far(deliveries: Sequence[Document]) -> dict[Leg, SoFar]:
    """Of every leg but the inbox, which does not ring."""
    return {
        Leg(each["channel"], each.get("to")): SoFar(
            STATES[each["state"]], len(each["attempts"]), each["attempts"][-1]["next_at"],
            (each.get("asking") or {}).get("ask_at"),
        )
        for each in deliveries
        if each["channel"] != IN_APP
    }  # fmt: skip


def with_attempt(deliveries: Sequence[Document], attempt: Attempt) -> list[Document]:
    """The log with one try more; the state of a leg is that of its last try."""
    leg, found = attempt.leg, _line(deliveries, attempt.leg)
    tries = [] if found is None else found["attempts"]
    line = {
        "channel": leg.channel, "to": leg.to, "state": attempt.outcome, "attempts": [*tries, _written(attempt)],
        **_asking(attempt.asking),
    }  # fmt: skip
    return [*deliveries, line] if found is None else [line if each is found else each for each in deliveries]


def with_asking(deliveries: Sequence[Document], leg: Leg, asking: Asking) -> list[Document]:
    """The log after a question that nobody could answer yet."""
    found = _line(deliveries, leg)
    return [each if each is not found else each | _asking(asking) for each in deliveries]


def asking_of(deliveries: Sequence[Document], leg: Leg) -> Asking | None:
    line = _line(deliveries, leg)
    return None if line is None or line.get("asking") is None else Asking(**line["asking"])


def _line(deliveries: Sequence[Document], leg: Leg) -> Document | None:
    return next((each for each in deliveries if (each["channel"], each.get("to")) == leg), None)


def _asking(asking: Asking | None) -> Document:
    return {} if asking is None else {"asking": asking._asdict()}


def _written(attempt: Attempt) -> Document:
    written: Document = {
        "at": attempt.at, "outcome": attempt.outcome, "code": attempt.code, "next_at": attempt.next_at,
    }  # fmt: skip
    if attempt.receipt is not None:
        written["receipt"] = attempt.receipt
    if attempt.afterwards:
        written["afterwards"] = True
    return written
