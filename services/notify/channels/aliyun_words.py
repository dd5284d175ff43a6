"""What Aliyun's SMS service says, and what each of its codes means for us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import httpx

from services.notify.channels.calls import retry_after
from services.notify.channels.codes import NO_CODE, Names, name_in, number_in
from services.notify.channels.sender import Became, Said

MEANINGS = Names(
    {
        "isp.RAM_PERMISSION_DENY": "bad_key", "isv.OUT_OF_SERVICE": "bad_key", "isv.AMOUNT_NOT_ENOUGH": "bad_key",
        "isv.PRODUCT_UN_SUBSCRIPT": "bad_key", "isv.PRODUCT_UNSUBSCRIBE": "bad_key",
        "isv.ACCOUNT_NOT_EXISTS": "bad_key", "isv.ACCOUNT_ABNORMAL": "bad_key", "isv.DENY_IP_RANGE": "bad_key",
        "isv.SMS_SIGNATURE_ILLEGAL": "bad_key", "isv.SMS_SIGN_ILLEGAL": "bad_key",
        "isv.SIGN_STATE_ILLEGAL": "bad_key", "isv.SMS_SIGNATURE_SCENE_ILLEGAL": "bad_key",
        "isv.BUSINESS_LIMIT_CONTROL": "quota", "isv.DAY_LIMIT_CONTROL": "quota", "isv.MONTH_LIMIT_CONTROL": "quota",
        "isv.MOBILE_NUMBER_ILLEGAL": "unknown_address",
    },
    {
        "isp": "retry", "InternalError": "retry", "ServiceUnavailable": "retry", "SignatureNonceUsed": "retry",
        "Throttling": "quota",
        "SignatureDoesNotMatch": "bad_key", "IncompleteSignature": "bad_key", "InvalidAccessKeyId": "bad_key",
        "InvalidTimeStamp": "bad_key", "Forbidden": "bad_key", "NoPermission": "bad_key",
    },
)  # fmt: skip
SHUT_FOR = {"分钟级": timedelta(minutes=1), "小时级": timedelta(hours=1), "天级": timedelta(days=1)}
"""Which of its windows is full, Aliyun says in words: 触发小时级流控Permits:5."""
_BEST_FIRST: Mapping[int, Became] = {3: "delivered", 1: "accepted", 2: "refused"}
"""SendStatus: delivered, waits for its receipt, failed."""


def refusal(body: Mapping[str, object], code: str, headers: httpx.Headers) -> Said:
    said = MEANINGS.said(code)
    words = str(body.get("Message"))
    wait = next((wait for window, wait in SHUT_FOR.items() if window in words), None)
    return replace(said, retry_after=wait if said.became == "quota" and wait else retry_after(headers))


def receipt_of(body: Mapping[str, object], message_id: str) -> Said | None:
    """Of QuerySendDetails, by the id that went along with the message. A failure's code is the carrier's."""
    ours = {number_in(each, "SendStatus"): each for each in _details(body) if each.get("OutId") == message_id}
    for status, became in _BEST_FIRST.items():
        if status in ours:
            return Said(became, name_in(ours[status], "ErrCode") or f"send_status_{status}")
    return NO_CODE if ours else None


def _details(body: Mapping[str, object]) -> list[Mapping[str, object]]:
    within = body.get("SmsSendDetailDTOs")
    details = within.get("SmsSendDetailDTO") if isinstance(within, dict) else None
    return [each for each in details if isinstance(each, dict)] if isinstance(details, list) else []
