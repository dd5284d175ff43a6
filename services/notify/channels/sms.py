"""What both SMS providers have in common: numbers of mainland China, signatures, and receipts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from services.notify.channels.keys import WrongKey
from services.notify.channels.sender import Said

NOT_A_MOBILE = Said("unknown_address", "number_form")
_MOBILE = re.compile(r"(?:\+?86)?(1[3-9][0-9]{9})")
_RECEIPT = re.compile(r"[0-9A-Za-z:^_-]{1,64}")
_SIGN_NAME = re.compile(r"[^\s【】\[\]]{2,20}")


def check_sign_name(setting: str, sign_name: str) -> None:
    if _SIGN_NAME.fullmatch(sign_name) is None:
        must = "须为已审核的签名,不带【】 / must be the approved signature without its brackets"
        raise WrongKey(setting, must)


def mobile_in(address: str) -> str | None:
    """Its eleven digits; None where it is no mobile number of mainland China, or more than one."""
    found = _MOBILE.fullmatch(address)
    return found.group(1) if found else None


def receipt_in(value: object, mobile: str) -> str | None:
    if not isinstance(value, str) or _RECEIPT.fullmatch(value) is None or mobile in value:
        return None
    return value


@runtime_checkable
class TellsAfterwards(Protocol):
    async def receipt(self, message_id: str, address: str, sent_at: datetime, serial: str | None = None) -> Said | None:
        """What became of it afterwards, `serial` being the receipt of the try, where that was not cut. None where the
        provider tells nothing of such a message; `retry` where it could not be asked.
        """


def could_not_ask(said: Said) -> Said:
    """Why the question failed says nothing of the message that it was about."""
    return replace(said, became="retry")


def of_the_provider(said: Said) -> Said:
    """Where there is no interface at the address that we call, that says nothing of anybody's number."""
    return replace(said, became="retry") if said.became == "unknown_address" else said
