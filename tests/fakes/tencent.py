"""Tencent Cloud's SMS service: checks the TC3 signature, the template's parameters and its limits on one number."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from shaoyin.adapters.clock import Clock
from tests.fakes.chat import said
from tests.fakes.provider import Asked

SECRET_ID, SECRET_KEY = "AKID" + "Example1" * 4, "k3yk3yk3" * 4
APP_ID, SIGN_NAME = "1400006666", "哨音街道"
TEMPLATES = {"1000001": 5, "1000002": 2, "1000003": 4}
BEIJING = timezone(timedelta(hours=8))
LONGEST = 12
_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256 Credential=(\w+)/(\d{4}-\d\d-\d\d)/(\w+)/tc3_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)


@dataclass
class Sent:
    number: str
    template: str
    parameters: list[str]
    session: str
    serial: str
    at: datetime
    report: str | None = None


@dataclass
class Tencent:
    """`refusing` is the Code of every number from now on; `arrives`: carriers deliver at once. `hands_back`: whether
    SessionContext comes with receipts.
    """

    clock: Clock
    refusing: str | None = None
    arrives: bool = False
    hands_back: bool = True
    sent: list[Sent] = field(default_factory=list)
    _days: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def received(self) -> list[str]:
        return [json.dumps(each.parameters, ensure_ascii=False) for each in self.sent]

    def takes(self, asked: Asked) -> bytes:
        wrong = self._wrong(asked)
        if wrong is not None:
            return _error(wrong)
        body = json.loads(asked.body)
        match asked.headers["x-tc-action"]:
            case "SendSms":
                return self._sends(body)
            case "PullSmsSendStatusByPhoneNumber":
                return self._tells(body)
            case _:
                return _error("InvalidAction")

    def _wrong(self, asked: Asked) -> str | None:
        found = _AUTHORIZATION.fullmatch(asked.headers.get("authorization", ""))
        if found is None:
            return "AuthFailure.InvalidAuthorization"
        secret_id, day, service, names, signature = found.groups()
        if secret_id != SECRET_ID:
            return "AuthFailure.SecretIdNotFound"
        at = datetime.fromtimestamp(int(asked.headers["x-tc-timestamp"]), UTC)
        if abs(at - self.clock.now()) > timedelta(minutes=5):
            return "AuthFailure.SignatureExpire"
        if (day, service) != (f"{at:%Y-%m-%d}", "sms") or not {"content-type", "host"} <= set(names.split(";")):
            return "AuthFailure.SignatureFailure"
        own = _signature(asked, names.split(";"), day)
        if not hmac.compare_digest(own, signature):
            return "AuthFailure.SignatureFailure"
        if asked.headers.get("x-tc-version") != "2021-01-11" or not asked.headers.get("x-tc-region"):
            return "NoSuchVersion"
        return None

    def _sends(self, body: dict[str, Any]) -> bytes:
        if body.get("SmsSdkAppId") != APP_ID:
            return _error("UnauthorizedOperation.SmsSdkAppIdVerifyFail")
        (number,) = body["PhoneNumberSet"]
        code = self.refusing or _refused(number, body) or self._over_limit(number, body)
        if code is not None:
            return _status(number, code, "")
        serial = f"5000:1045710669157053657849499{len(self.sent)}"
        self.sent.append(
            Sent(
                number, body["TemplateId"], body["TemplateParamSet"], body.get("SessionContext", ""), serial,
                self.clock.now(), "SUCCESS" if self.arrives else None,
            )
        )  # fmt: skip
        return _status(number, "Ok", serial)

    def _over_limit(self, number: str, body: dict[str, Any]) -> str | None:
        now = self.clock.now()
        alike = [each for each in self.sent if (each.number, each.parameters) == (number, body["TemplateParamSet"])]
        if alike and now - alike[-1].at < timedelta(seconds=30):
            return "LimitExceeded.PhoneNumberThirtySecondLimit"
        day = (number, f"{now.astimezone(BEIJING):%Y%m%d}")
        if self._days[day] >= 2:
            return "LimitExceeded.PhoneNumberDailyLimit"
        self._days[day] += 1
        return None

    def _tells(self, body: dict[str, Any]) -> bytes:
        if body["Offset"] != 0 or not 0 < body["Limit"] <= 100 or body["SmsSdkAppId"] != APP_ID:
            return _error("InvalidParameterValue.LimitVerifyFail")
        told = [
            {
                "SerialNo": each.serial, "PhoneNumber": each.number, "ReportStatus": each.report,
                "SessionContext": each.session if self.hands_back else "", "Description": "DELIVRD",
            }
            for each in self.sent
            if each.number == body["PhoneNumber"] and each.report and each.at.timestamp() >= body["BeginTime"]
        ]  # fmt: skip
        return said(Response={"PullSmsSendStatusSet": told, "RequestId": "r-2"})


def _error(code: str) -> bytes:
    return said(Response={"Error": {"Code": code, "Message": "refused"}, "RequestId": "r-0"})


def _status(number: str, code: str, serial: str) -> bytes:
    status = {
        "SerialNo": serial, "PhoneNumber": number, "Fee": int(code == "Ok"), "SessionContext": "", "Code": code,
        "Message": f"about {number}", "IsoCode": "CN",
    }  # fmt: skip
    return said(Response={"SendStatusSet": [status], "RequestId": "r-1"})


def _signature(asked: Asked, names: list[str], day: str) -> str:
    path, _, query = asked.target.partition("?")
    signed = "".join(f"{name}:{asked.headers[name].lower()}\n" for name in names)
    hashed = hashlib.sha256(asked.body).hexdigest()
    canonical = "\n".join([asked.method, path, query, signed, ";".join(names), hashed])
    told = "\n".join([
        "TC3-HMAC-SHA256", asked.headers["x-tc-timestamp"], f"{day}/sms/tc3_request",
        hashlib.sha256(canonical.encode()).hexdigest(),
    ])  # fmt: skip
    date_key = hmac.new(b"TC3" + SECRET_KEY.encode(), day.encode(), hashlib.sha256).digest()
    service_key = hmac.new(date_key, b"sms", hashlib.sha256).digest()
    return hmac.new(
        hmac.new(service_key, b"tc3_request", hashlib.sha256).digest(), told.encode(), hashlib.sha256
    ).hexdigest()


def _refused(number: str, body: dict[str, Any]) -> str | None:
    if re.fullmatch(r"\+861\d{10}", number) is None:
        return "InvalidParameterValue.IncorrectPhoneNumber"
    if body.get("SignName") != SIGN_NAME:
        return "FailedOperation.SignatureIncorrectOrUnapproved"
    wanted, given = TEMPLATES.get(body.get("TemplateId", "")), body.get("TemplateParamSet", [])
    if wanted is None:
        return "FailedOperation.TemplateUnapprovedOrNotExist"
    if len(given) != wanted:
        return "FailedOperation.TemplateParamSetNotMatchApprovedTemplate"
    if any("://" in value for value in given):
        return "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter"
    over = any(len(value) > LONGEST for value in given)
    return "InvalidParameterValue.TemplateParameterLengthLimit" if over else None
