"""An SMS by Aliyun (阿里云短信服务), from a registered signature and template."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import httpx
from pydantic import SecretStr

from services.notify.channels.aliyun_call import KEY_ID, SECRET, Action, Keys, signed_request
from services.notify.channels.aliyun_words import receipt_of, refusal
from services.notify.channels.calls import Answer, answered, meaning_of_status, object_in
from services.notify.channels.codes import NO_CODE, name_in
from services.notify.channels.keys import of_form
from services.notify.channels.limits import Limits, check_limits, quotas_of
from services.notify.channels.robots import client_for
from services.notify.channels.sender import Message, Quota, Said
from services.notify.channels.sms import (
    NOT_A_MOBILE,
    check_sign_name,
    could_not_ask,
    mobile_in,
    of_the_provider,
    receipt_in,
)
from services.notify.channels.templates import NO_TEMPLATE, Template, check_templates, filled
from shaoyin.adapters.clock import Clock, SystemClock

HOST = "https://dysmsapi.aliyuncs.com"
VERSION = "2017-05-25"
BEIJING = timezone(timedelta(hours=8))
TEMPLATE, PARAMETER = re.compile(r"SMS_[0-9]{6,12}"), re.compile(r"[A-Za-z][0-9A-Za-z_]{0,19}")
AS_DOCUMENTED = Limits(((1, timedelta(minutes=1)), (5, timedelta(hours=1)), (10, timedelta(days=1))))
"""Aliyun's own for verification codes. It allows 50 a day of a notice's template; the carriers allow fewer."""


@dataclass(frozen=True, slots=True)
class AliyunSettings:
    """`longest`: characters that Aliyun takes for a parameter of the kind 其他."""

    access_key_id: str
    access_key_secret: SecretStr
    sign_name: str
    templates: Mapping[str, Template]
    limits: Limits = AS_DOCUMENTED
    longest: int = 35
    base_url: str = HOST


class SmsAliyun:
    """The address is a mobile number. The number stays in the body of what is asked, and out of all that is said."""

    name = "sms_aliyun"

    def __init__(
        self, settings: AliyunSettings, *, client: httpx.AsyncClient | None = None, clock: Clock | None = None
    ) -> None:
        self._keys = _keys(settings)
        check_sign_name("sms_aliyun_sign_name", settings.sign_name)
        check_templates("sms_aliyun_templates", settings.templates, "alert", TEMPLATE, PARAMETER)
        check_limits("sms_aliyun_limits", settings.limits)
        self._settings = settings
        self._client = client or client_for("sms_aliyun_url", settings.base_url)
        self._clock = clock or SystemClock()

    @property
    def template_ids(self) -> Mapping[str, str]:
        """By our names of them."""
        return {name: template.code for name, template in self._settings.templates.items()}

    def quotas(self, address: str) -> Sequence[Quota]:
        mobile = mobile_in(address)
        return () if mobile is None else quotas_of(self._settings.limits, self.name, self._keys.secret, mobile)

    async def send(self, message: Message, address: str) -> Said:
        mobile, template = mobile_in(address), self._settings.templates.get(message.template)
        if mobile is None:
            return NOT_A_MOBILE
        if template is None:
            return NO_TEMPLATE
        parameters = filled(template, message, lambda _: self._settings.longest)
        if isinstance(parameters, Said):
            return parameters
        body = await self._asked("SendSms", {
            "PhoneNumbers": mobile, "SignName": self._settings.sign_name, "TemplateCode": template.code,
            "TemplateParam": json.dumps(parameters, ensure_ascii=False), "OutId": message.message_id,
        })  # fmt: skip
        return body if isinstance(body, Said) else Said("accepted", "OK", receipt=receipt_in(body.get("BizId"), mobile))

    async def receipt(self, message_id: str, address: str, sent_at: datetime, serial: str | None = None) -> Said | None:
        """None where Aliyun knows of no such message on that day, in Beijing: it was not sent."""
        mobile = mobile_in(address)
        if mobile is None:
            return NOT_A_MOBILE
        form = {"PhoneNumber": mobile, "SendDate": sent_at.astimezone(BEIJING).strftime("%Y%m%d")}
        if serial is not None:
            form["BizId"] = serial
        body = await self._asked("QuerySendDetails", {**form, "PageSize": "50", "CurrentPage": "1"})
        return could_not_ask(body) if isinstance(body, Said) else receipt_of(body, message_id)

    async def _asked(self, action: str, form: Mapping[str, str]) -> Mapping[str, object] | Said:
        """The body where its Code is OK."""
        at = self._clock.now()
        answer = await answered(
            self._client, signed_request(self._client, self._keys, Action(action, VERSION), form, at)
        )
        return answer if isinstance(answer, Said) else _meant(answer)

    async def close(self) -> None:
        await self._client.aclose()


def _keys(settings: AliyunSettings) -> Keys:
    of_id = "须为 AccessKey ID / must be the id of an access key"
    must_be = "须为 30 位 AccessKey Secret / must be the access key's secret of 30 characters"
    return Keys(
        of_form("sms_aliyun_access_key_id", SecretStr(settings.access_key_id), KEY_ID, of_id),
        of_form("sms_aliyun_access_key_secret", settings.access_key_secret, SECRET, must_be),
    )


def _meant(answer: Answer) -> Mapping[str, object] | Said:
    """Aliyun says in the body why it refused, whatever the status: 404 with InvalidAccessKeyId is a bad key."""
    taken, body = httpx.codes.is_success(answer.status), object_in(answer)
    code = None if isinstance(body, Said) else name_in(body, "Code")
    if not taken and code in (None, "OK"):
        return of_the_provider(meaning_of_status(answer.status, answer.headers))
    if isinstance(body, Said):
        return body
    if code is None:
        return NO_CODE
    return body if code == "OK" else refusal(body, code, answer.headers)
