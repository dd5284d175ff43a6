"""An SMS by Tencent Cloud (腾讯云短信), from a registered signature and template."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from pydantic import SecretStr

from services.notify.channels.calls import Answer, answered, meaning_of_status, object_in
from services.notify.channels.codes import NO_CODE, name_in
from services.notify.channels.keys import WrongKey, of_form
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
from services.notify.channels.tencent_call import SECRET_ID, SECRET_KEY, Interface, Keys
from services.notify.channels.tencent_words import MEANINGS, objects_in, receipt_of, response_in
from shaoyin.adapters.clock import Clock, SystemClock

HOST = "https://sms.tencentcloudapi.com"
VERSION = "2021-01-11"
APP_ID, TEMPLATE, PARAMETER = re.compile(r"[0-9]{10}"), re.compile(r"[0-9]{4,10}"), re.compile(r"[1-9][0-9]?")
AS_DOCUMENTED = Limits(((1, timedelta(seconds=30)), (2, timedelta(days=1))))
"""Tencent's own where nobody has changed them in its console; the carriers allow 10 a day."""


@dataclass(frozen=True, slots=True)
class TencentSettings:
    """Parameters are named `1`, `2` … as in the template. `longest`: characters for each, which differ by account and
    stand in Tencent's console.
    """

    secret_id: str
    secret_key: SecretStr
    app_id: str
    sign_name: str
    templates: Mapping[str, Template]
    limits: Limits = AS_DOCUMENTED
    longest: int = 12
    region: str = "ap-guangzhou"
    base_url: str = HOST


class SmsTencent:
    """The address is a mobile number. The number stays in the body of what is asked, and out of all that is said."""

    name = "sms_tencent"

    def __init__(
        self, settings: TencentSettings, *, client: httpx.AsyncClient | None = None, clock: Clock | None = None
    ) -> None:
        self._keys = _keys(settings)
        of_form("sms_tencent_app_id", SecretStr(settings.app_id), APP_ID, "须为十位 SdkAppId / must be its ten digits")
        check_sign_name("sms_tencent_sign_name", settings.sign_name)
        check_templates("sms_tencent_templates", settings.templates, "alert", TEMPLATE, PARAMETER)
        _check_numbering(settings.templates)
        check_limits("sms_tencent_limits", settings.limits)
        self._settings = settings
        self._client = client or client_for("sms_tencent_url", settings.base_url)
        self._interface = Interface(self._client, self._keys, "sms", VERSION, settings.region)
        self._clock = clock or SystemClock()

    @property
    def template_ids(self) -> Mapping[str, str]:
        """By our names of them."""
        return {name: template.code for name, template in self._settings.templates.items()}

    def quotas(self, address: str) -> Sequence[Quota]:
        mobile = mobile_in(address)
        return () if mobile is None else quotas_of(self._settings.limits, self.name, self._keys.secret_key, mobile)

    async def send(self, message: Message, address: str) -> Said:
        mobile, template = mobile_in(address), self._settings.templates.get(message.template)
        if mobile is None:
            return NOT_A_MOBILE
        if template is None:
            return NO_TEMPLATE
        parameters = filled(template, message, lambda _: self._settings.longest)
        if isinstance(parameters, Said):
            return parameters
        response = await self._asked("SendSms", {
            "PhoneNumberSet": [f"+86{mobile}"], "SmsSdkAppId": self._settings.app_id, "TemplateId": template.code,
            "SignName": self._settings.sign_name, "SessionContext": message.message_id,
            "TemplateParamSet": [parameters[str(n)] for n in range(1, len(parameters) + 1)],
        })  # fmt: skip
        return response if isinstance(response, Said) else _taken(response, mobile)

    async def receipt(self, message_id: str, address: str, sent_at: datetime, serial: str | None = None) -> Said | None:
        """None as long as the carrier has told nothing, and after seven days."""
        mobile = mobile_in(address)
        if mobile is None:
            return NOT_A_MOBILE
        response = await self._asked("PullSmsSendStatusByPhoneNumber", {
            "PhoneNumber": f"+86{mobile}", "SmsSdkAppId": self._settings.app_id, "Offset": 0, "Limit": 100,
            "BeginTime": int(sent_at.timestamp()) - 60,
        })  # fmt: skip
        return could_not_ask(response) if isinstance(response, Said) else receipt_of(response, message_id, serial)

    async def _asked(self, action: str, told: Mapping[str, object]) -> Mapping[str, object] | Said:
        answer = await answered(self._client, self._interface.request(action, told, self._clock.now()))
        return answer if isinstance(answer, Said) else _meant(answer)

    async def close(self) -> None:
        await self._client.aclose()


def _keys(settings: TencentSettings) -> Keys:
    of_id = "须为 36 位 SecretId / must be the SecretId of 36 characters"
    must_be = "须为 32 位 SecretKey / must be the SecretKey of 32 characters"
    return Keys(
        of_form("sms_tencent_secret_id", SecretStr(settings.secret_id), SECRET_ID, of_id),
        of_form("sms_tencent_secret_key", settings.secret_key, SECRET_KEY, must_be),
    )


def _check_numbering(templates: Mapping[str, Template]) -> None:
    for name, template in templates.items():
        if set(template.parameters) != {str(n + 1) for n in range(len(template.parameters))}:
            must = f"{name}: 参数须从 1 起连续编号 / parameters must be numbered from 1 without a gap"
            raise WrongKey("sms_tencent_templates", must)


def _meant(answer: Answer) -> Mapping[str, object] | Said:
    """Tencent answers 200 whatever it says; another status was written by something between."""
    if not httpx.codes.is_success(answer.status):
        return of_the_provider(meaning_of_status(answer.status, answer.headers))
    body = object_in(answer)
    return body if isinstance(body, Said) else response_in(body)


def _taken(response: Mapping[str, object], mobile: str) -> Said:
    """There was one number, so there is one status."""
    for status in objects_in(response, "SendStatusSet"):
        code = name_in(status, "Code")
        if code is None:
            return NO_CODE
        if code == "Ok":
            return Said("accepted", code, receipt=receipt_in(status.get("SerialNo"), mobile))
        return MEANINGS.said(code)
    return NO_CODE
