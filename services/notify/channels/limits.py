"""How often one person may be written to, and all together, where the operator sets it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.notify.channels.codes import counted_under
from services.notify.channels.keys import WrongKey
from services.notify.channels.sender import Quota

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many messages one address may get within each time, and all addresses together in a day.

    What a provider allows to one address is changed in its console; the day's sum is the operator's own, for the bill.
    """

    to_one: Sequence[tuple[int, timedelta]]
    a_day: int = 1000


def check_limits(setting: str, limits: Limits) -> None:
    most = [limits.a_day, *(count for count, _ in limits.to_one)]
    if min(most) < 1 or any(within <= timedelta() for _, within in limits.to_one):
        raise WrongKey(setting, "须为正数 / must be positive numbers")


def quotas_of(limits: Limits, channel: str, secret: str, address: str) -> Sequence[Quota]:
    one, everybody = counted_under(channel, secret, address), counted_under(channel, secret)
    to_one = [Quota(f"{one}:{int(within.total_seconds())}", most, within) for most, within in limits.to_one]
    return *to_one, Quota(f"{everybody}:day", limits.a_day, A_DAY)
