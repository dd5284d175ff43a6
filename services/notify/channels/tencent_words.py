"""What Tencent Cloud's SMS service says, and what each of its codes means for us."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from services.notify.channels.codes import NO_CODE, Names, name_in
from services.notify.channels.sender import Said

MEANINGS = Names(
    {
        "LimitExceeded.PhoneNumberCountLimit": "refused", "LimitExceeded.AppCountryOrRegionInBlacklist": "refused",
        "FailedOperation.PhoneNumberInBlacklist": "unknown_address",
        "FailedOperation.PhoneNumberParseFail": "unknown_address",
        "InvalidParameterValue.IncorrectPhoneNumber": "unknown_address",
        "FailedOperation.InsufficientBalanceInSmsPackage": "bad_key", "FailedOperation.MissingSignature": "bad_key",
        "FailedOperation.SignatureIncorrectOrUnapproved": "bad_key", "FailedOperation.SignIdNotExist": "bad_key",
        "InternalError.RequestTimeException": "bad_key", "InternalError.SigFieldMissing": "bad_key",
        "InternalError.SigVerificationFail": "bad_key", "InvalidParameter.AppidAndBizId": "bad_key",
        "InvalidParameterValue.SdkAppIdNotExist": "bad_key",
    },
    {
        "InternalError": "retry", "ResourceUnavailable": "retry", "ServiceUnavailable": "retry",
        "LimitExceeded": "quota", "RequestLimitExceeded": "quota",
        "AuthFailure": "bad_key", "UnauthorizedOperation": "bad_key",
    },
    waits={
        "LimitExceeded.PhoneNumberThirtySecondLimit": timedelta(seconds=30),
        "LimitExceeded.PhoneNumberOneHourLimit": timedelta(hours=1),
        "LimitExceeded.PhoneNumberDailyLimit": timedelta(days=1),
        "LimitExceeded.PhoneNumberSameContentDailyLimit": timedelta(days=1),
        "LimitExceeded.AppDailyLimit": timedelta(days=1),
        "LimitExceeded.AppMainlandChinaDailyLimit": timedelta(days=1),
    },
)  # fmt: skip


def response_in(body: Mapping[str, object]) -> Mapping[str, object] | Said:
    """What is in `Response`, where that is no `Error`."""
    response = body.get("Response")
    if not isinstance(response, dict):
        return NO_CODE
    error = response.get("Error")
    if error is None:
        return response
    code = name_in(error, "Code") if isinstance(error, dict) else None
    return NO_CODE if code is None else MEANINGS.said(code)


def objects_in(response: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    listed = response.get(name)
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def receipt_of(response: Mapping[str, object], message_id: str, serial: str | None) -> Said | None:
    """Of PullSmsSendStatusByPhoneNumber. It tells of a message only when the carrier has, and hands our id back only to
    accounts for which Tencent has opened that: otherwise it is found by its serial number.
    """
    for each in objects_in(response, "PullSmsSendStatusSet"):
        ours = each.get("SessionContext") == message_id
        if not ours and (serial is None or each.get("SerialNo") != serial):
            continue
        match each.get("ReportStatus"):
            case "SUCCESS":
                return Said("delivered", "SUCCESS")
            case "FAIL":
                return Said("refused", "FAIL")
    return None
