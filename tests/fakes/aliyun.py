"""Aliyun's SMS service: checks the V3 signature, the template's parameters and its limits on one number."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl

from shaoyin.adapters.clock import Clock
from tests.fakes.chat import Window, said
from tests.fakes.provider import Asked

KEY_ID, SECRET = "LTAI5tExampleExample0001", "s3cr3t" * 5
SIGN_NAME = "哨音街道"
TEMPLATES = {
    "SMS_100000001": {"number", "place", "category", "due", "code"},
    "SMS_100000002": {"count", "code"},
    "SMS_100000003": {"title", "number"},
}
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BEIJING = timezone(timedelta(hours=8))
_AUTHORIZATION = re.compile(r"ACS3-HMAC-SHA256 Credential=(\w+),SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})")


@dataclass
class Sent:
    mobile: str
    template: str
    parameters: dict[str, str]
    out_id: str
    at: datetime
    biz_id: str
    status: int = 1
    err_code: str | None = None


@dataclass
class Aliyun:
    """`refusing` is the Code of every message from now on; `arrives`: carriers deliver it at once."""

    clock: Clock
    refusing: str | None = None
    arrives: bool = False
    sent: list[Sent] = field(default_factory=list)
    _nonces: set[str] = field(default_factory=set)
    _natural: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    _days: dict[str, Window] = field(default_factory=dict)

    @property
    def received(self) -> list[str]:
        return [json.dumps(each.parameters, ensure_ascii=False) for each in self.sent]

    def takes(self, asked: Asked) -> bytes:
        if wrong := self._wrong(asked):
            return wrong
        form = dict(parse_qsl(asked.body.decode(), keep_blank_values=True, strict_parsing=True))
        match asked.headers["x-acs-action"]:
            case "SendSms":
                return self._sends(form)
            case "QuerySendDetails":
                return self._tells(form)
            case _:
                return _gateway(404, "InvalidAction.NotFound")

    def _wrong(self, asked: Asked) -> bytes | None:
        found = _AUTHORIZATION.fullmatch(asked.headers.get("authorization", ""))
        if found is None:
            return _gateway(400, "IncompleteSignature")
        key_id, names, signature = found.groups()
        if key_id != KEY_ID:
            return _gateway(404, "InvalidAccessKeyId.NotFound")
        at = datetime.fromisoformat(asked.headers["x-acs-date"])
        if abs(at - self.clock.now()) > timedelta(minutes=15):
            return _gateway(400, "InvalidTimeStamp.Expired")
        if not hmac.compare_digest(signature, _signature(asked, names.split(";"))):
            return _gateway(400, "SignatureDoesNotMatch")
        nonce = asked.headers["x-acs-signature-nonce"]
        if nonce in self._nonces:
            return _gateway(400, "SignatureNonceUsed")
        self._nonces.add(nonce)
        if asked.headers["x-acs-version"] != "2017-05-25" or asked.method != "POST":
            return _gateway(404, "InvalidAction.NotFound")
        return None

    def _sends(self, form: dict[str, str]) -> bytes:
        mobile = form.get("PhoneNumbers", "")
        refused = self.refusing or _refused(form) or self._over_limit(mobile)
        if refused is not None:
            code, _, message = refused.partition(" ")
            return said(Code=code, Message=message or "refused", RequestId="R-1")
        biz_id, parameters = f"90061974693649844{len(self.sent) + 1}^0", json.loads(form["TemplateParam"])
        sent = Sent(mobile, form["TemplateCode"], parameters, form.get("OutId", ""), self.clock.now(), biz_id)
        if self.arrives:
            sent.status, sent.err_code = 3, "DELIVERED"
        self.sent.append(sent)
        return said(Code="OK", Message="OK", RequestId="R-1", BizId=biz_id)

    def _over_limit(self, mobile: str) -> str | None:
        """Minutes and hours are those of Aliyun's clock; a day is any 24 hours."""
        now = self.clock.now()
        for name, length, most in (("分钟级", 60, 1), ("小时级", 3600, 5)):
            window = (mobile, name, int(now.timestamp()) // length)
            if self._natural[window] >= most:
                return f"isv.BUSINESS_LIMIT_CONTROL 触发{name}流控Permits:{most}"
        if not self._days.setdefault(mobile, Window(10, DAY)).take(now):
            return "isv.BUSINESS_LIMIT_CONTROL 触发天级流控Permits:10"
        for name, length in (("分钟级", 60), ("小时级", 3600)):
            self._natural[mobile, name, int(now.timestamp()) // length] += 1
        return None

    def _tells(self, form: dict[str, str]) -> bytes:
        if not form.get("PageSize") or not form.get("CurrentPage") or len(form.get("SendDate", "")) != 8:
            return said(Code="isv.INVALID_PARAMETERS", Message="参数异常", RequestId="R-2")
        asked_for = [
            {"OutId": each.out_id, "SendStatus": each.status, "ErrCode": each.err_code, "PhoneNum": each.mobile}
            for each in self.sent
            if form.get("BizId", each.biz_id) == each.biz_id
            and each.mobile == form["PhoneNumber"]
            and f"{each.at.astimezone(BEIJING):%Y%m%d}" == form["SendDate"]
        ]
        return said(
            Code="OK", Message="OK", RequestId="R-2", TotalCount=str(len(asked_for)),
            SmsSendDetailDTOs={"SmsSendDetailDTO": asked_for},
        )  # fmt: skip


def _gateway(status: int, code: str) -> bytes:
    return said(status, RequestId="R-0", HostId="dysmsapi.aliyuncs.com", Code=code, Message="refused", Recommend="…")


def _signature(asked: Asked, names: list[str]) -> str:
    """The canonical request as it came in: what is not signed, is not believed."""
    must = {"host", "content-type"} | {name for name in asked.headers if name.startswith("x-acs-")}
    hashed = hashlib.sha256(asked.body).hexdigest()
    if set(names) != must or names != sorted(names) or asked.headers["x-acs-content-sha256"] != hashed:
        return ""
    path, _, query = asked.target.partition("?")
    canonical = f"{asked.method}\n{path}\n{query}\n"
    for name in names:
        canonical += f"{name}:{asked.headers[name]}\n"
    canonical += f"\n{';'.join(names)}\n{hashed}"
    told = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    return hmac.digest(SECRET.encode(), told.encode(), "sha256").hex()


def _refused(form: dict[str, str]) -> str | None:
    if re.fullmatch(r"1\d{10}", form.get("PhoneNumbers", "")) is None:
        return "isv.MOBILE_NUMBER_ILLEGAL"
    if form.get("SignName") != SIGN_NAME:
        return "isv.SMS_SIGNATURE_ILLEGAL"
    wanted = TEMPLATES.get(form.get("TemplateCode", ""))
    if wanted is None:
        return "isv.SMS_TEMPLATE_ILLEGAL"
    parameters = json.loads(form.get("TemplateParam", "{}"))
    if not all(isinstance(value, str) for value in parameters.values()):
        return "isv.INVALID_JSON_PARAM"
    if not wanted <= set(parameters):
        return "isv.TEMPLATE_MISSING_PARAMETERS"
    if any("://" in value for value in parameters.values()):
        return "isv.PARAM_NOT_SUPPORT_URL"
    return "isv.PARAM_LENGTH_LIMIT" if any(len(value) > 35 for value in parameters.values()) else None
