"""What both SMS providers have in common: numbers of mainland China, how often one may be written to, and receipts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from services.notify.channels.codes import counted_under
from services.notify.channels.keys import WrongKey
from services.notify.channels.sender import Quota, Said

NOT_A_MOBILE = Said("unknown_address", "number_form")
A_DAY = timedelta(days=1)
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_RECEIPT = re.compile(r"[0-9A-Za-z:^_-]{1,64}")
_SIGN_NAME = re.compile(r"[^\s【】\[\]]{2,20}")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many messages one number may get within each time, and all numbers together in a day.

    The provider's console changes what it allows to one number; the day's sum is the operator's own, for the bill.
    """

    to_one: Sequence[tuple[int, timedelta]]
    a_day: int = 1000


def check_limits(setting: str, limits: Limits) -> None:
    most = [limits.a_day, *(count for count, _ in limits.to_one)]
    if min(most) < 1 or any(within <= timedelta() for _, within in limits.to_one):
        raise WrongKey(setting, "须为正数 / must be positive numbers")


def check_sign_name(setting: str, sign_name: str) -> None:
    if _SIGN_NAME.fullmatch(sign_name) is None:
        must = "须为已审核的签名,不带【】 / must be the approved signature without its brackets"
        raise WrongKey(setting, must)


def quotas_of(limits: Limits, channel: str, secret: str, mobile: str) -> Sequence[Quota]:
    one, all_numbers = counted_under(channel, secret, mobile), counted_under(channel, secret)
    to_one = [Quota(f"{one}:{int(within.total_seconds())}", most, within) for most, within in limits.to_one]
    return *to_one, Quota(f"{all_numbers}:day", limits.a_day, A_DAY)


def mobile_in(address: str) -> str | None:
    """Its eleven digits; None where it is no mobile number of mainland China, or more than one."""
    found = _MOBILE.fullmatch(address)
    return found.group(1) if found else None


def receipt_in(value: object, mobile: str) -> str | None:
    if not isinstance(value, str) or _RECEIPT.fullmatch(value) is None or mobile in value:
        return None
    return value


class TellsAfterwards(Protocol):
    async def receipt(self, message_id: str, address: str, sent_at: datetime, serial: str | None = None) -> Said | None:
        """What became of it afterwards, `serial` being the receipt of the try, where that was not cut. None where the
        provider tells nothing of such a message.
        """


def of_the_provider(said: Said) -> Said:
    """Where there is no interface at the address that we call, that says nothing of anybody's number."""
    return replace(said, became="retry") if said.became == "unknown_address" else said
