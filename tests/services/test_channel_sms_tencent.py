"""SMS by Tencent Cloud: the signature, the numbered parameters, the limits on one number, and the receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import cast

import pytest
from pydantic import SecretStr

from services.notify.channels.keys import WrongKey
from services.notify.channels.limits import Limits
from services.notify.channels.sender import Said
from services.notify.channels.sms_tencent import SmsTencent, TencentSettings
from services.notify.channels.templates import Template
from services.notify.channels.tencent_call import Keys, authorization
from shaoyin.adapters.clock import FakeClock
from tests.fakes.chat import said
from tests.fakes.tencent import Tencent
from tests.services.sms_setup import MOBILE, NUMBER, TENCENT, Talk, a_text, texting

DAY = timedelta(days=1)


def fake_of(talk: Talk) -> Tencent:
    return cast("Tencent", talk.fake)


def sender_of(talk: Talk) -> SmsTencent:
    return cast("SmsTencent", talk.sender)


@pytest.mark.parametrize(
    ("secret_key", "signature"),
    [
        ("Gu5t9xGARNpq86cd98joQYCN3*******", "2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c"),
        ("Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"),
    ],
)
def test_the_signature_is_that_of_tencents_own_examples(secret_key: str, signature: str) -> None:
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    at = datetime.fromtimestamp(1551113065, UTC)
    keys = Keys("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", secret_key)
    told = authorization(keys, "cvm", "cvm.tencentcloudapi.com", body, at)
    assert told == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={signature}"
    )


def test_a_time_of_another_zone_is_signed_as_utc() -> None:
    keys, at = Keys("AKID", "k"), datetime(2026, 9, 30, 20, tzinfo=UTC)
    elsewhere = at.astimezone(timezone(timedelta(hours=8)))
    assert authorization(keys, "sms", "host", b"", elsewhere) == authorization(keys, "sms", "host", b"", at)


async def test_the_parameters_go_by_their_numbers_and_our_id_goes_along() -> None:
    async with texting("sms_tencent") as talk:
        assert (await talk.send()).receipt == "5000:10457106691570536578494990"
        (sent,) = fake_of(talk).sent
        assert (sent.number, sent.template, sent.session) == ("+86" + MOBILE, "1000001", "alert-1")
        assert sent.parameters == [NUMBER[-5:], "城河街12号2单元", "下水道堵塞", "9月30日 18:00", "k7Q_x-2"]


async def test_a_digest_has_its_own_template() -> None:
    async with texting("sms_tencent") as talk:
        assert (await talk.send(replace(a_text(), template="digest", count=3))).became == "accepted"
        assert fake_of(talk).sent[0].parameters == ["3", "k7Q_x-2"]


async def test_a_whole_number_is_longer_than_tencent_takes_and_half_of_one_is_never_sent() -> None:
    async with texting("sms_tencent") as talk:
        settings = replace(TENCENT, templates={"alert": Template("1000001", {"1": "number"})})
        whole = SmsTencent(settings, client=sender_of(talk)._client, clock=talk.clock)
        assert await whole.send(a_text(), MOBILE) == Said("refused", "number_too_long")
        assert talk.provider.asked == []


async def test_a_template_that_is_not_set_up_is_refused_and_nobody_is_asked() -> None:
    async with texting("sms_tencent") as talk:
        assert await talk.send(replace(a_text(), template="result")) == Said("refused", "no_template")
        assert talk.provider.asked == []


async def test_the_limit_that_is_full_says_how_long_to_wait() -> None:
    async with texting("sms_tencent") as talk:
        assert (await talk.send()).became == "accepted"
        assert await talk.said() == ("quota", "LimitExceeded.PhoneNumberThirtySecondLimit", timedelta(seconds=30))
        talk.clock.forward(timedelta(seconds=30))
        assert (await talk.send()).became == "accepted"
        talk.clock.forward(timedelta(hours=1))
        assert await talk.said() == ("quota", "LimitExceeded.PhoneNumberDailyLimit", DAY)


async def test_the_quotas_are_the_documented_ones_of_the_number_and_the_operators_day() -> None:
    async with texting("sms_tencent") as talk:
        quotas, others = talk.sender.quotas(MOBILE), talk.sender.quotas("13900139000")
        assert [(each.most, each.within) for each in quotas] == [(1, timedelta(seconds=30)), (2, DAY), (1000, DAY)]
        assert [mine.key == his.key for mine, his in zip(quotas, others, strict=True)] == [False, False, True]


async def test_a_clock_that_is_wrong_is_for_the_operator_to_mend() -> None:
    async with texting("sms_tencent") as talk:
        fake_of(talk).clock = FakeClock(talk.clock.now() + timedelta(minutes=6))
        assert await talk.said() == ("bad_key", "AuthFailure.SignatureExpire", None)


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (replace(TENCENT, secret_id="AKID" + "Unknown1" * 4), "AuthFailure.SecretIdNotFound"),
        (replace(TENCENT, app_id="1400000000"), "UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
        (replace(TENCENT, sign_name="别的街道"), "FailedOperation.SignatureIncorrectOrUnapproved"),
    ],
)
async def test_what_only_the_operator_can_mend_is_a_bad_key(settings: TencentSettings, code: str) -> None:
    async with texting("sms_tencent") as talk:
        wrong = SmsTencent(settings, client=sender_of(talk)._client, clock=talk.clock)
        assert await wrong.send(a_text(), MOBILE) == Said("bad_key", code)


async def test_a_serial_number_that_carries_the_telephone_is_not_kept() -> None:
    async with texting("sms_tencent") as talk:
        for odd in (f"5000:{MOBILE}", "", None):
            talk.provider.failing = said(Response={"SendStatusSet": [{"Code": "Ok", "SerialNo": odd}]})
            assert await talk.send() == Said("accepted", "Ok")


@pytest.mark.parametrize(
    ("report", "expected"),
    [("SUCCESS", Said("delivered", "SUCCESS")), ("FAIL", Said("refused", "FAIL")), ("?", None), (None, None)],
)
@pytest.mark.parametrize("hands_back", [True, False])
async def test_the_receipt_is_found_by_our_id_or_by_the_serial_number(
    report: str | None, expected: Said | None, hands_back: bool
) -> None:
    async with texting("sms_tencent") as talk:
        serial = (await talk.send()).receipt
        fake_of(talk).hands_back = hands_back
        fake_of(talk).sent[0].report = report
        at = talk.clock.now()
        assert await sender_of(talk).receipt("alert-1", MOBILE, at, serial) == expected
        assert await sender_of(talk).receipt("alert-1", MOBILE, at) == (expected if hands_back else None)
        assert await sender_of(talk).receipt("alert-2", MOBILE, at, "5000:9") is None
        assert {asked.target for asked in talk.provider.asked} == {"/"}


async def test_a_receipt_that_cannot_be_asked_for_says_why() -> None:
    async with texting("sms_tencent") as talk:
        at = talk.clock.now()
        assert await sender_of(talk).receipt("alert-1", "12", at) == Said("unknown_address", "number_form")
        talk.provider.failing = b""
        assert await sender_of(talk).receipt("alert-1", MOBILE, at) == Said("retry", "cut")


def templates(code: str = "1000001", parameters: Mapping[str, str] | None = None) -> dict[str, Template]:
    return {"alert": Template(code, parameters or {"1": "number"})}


@pytest.mark.parametrize(
    ("settings", "setting", "names"),
    [
        (replace(TENCENT, secret_id="AKIDshort"), "sms_tencent_secret_id", ""),
        (replace(TENCENT, secret_key=SecretStr("k3yk3yk3" * 4 + "x")), "sms_tencent_secret_key", ""),
        (replace(TENCENT, app_id="14"), "sms_tencent_app_id", ""),
        (replace(TENCENT, sign_name="一"), "sms_tencent_sign_name", ""),
        (replace(TENCENT, templates={"digest": Template("1000002", {})}), "sms_tencent_templates", "alert"),
        (replace(TENCENT, templates=templates("SMS_1")), "sms_tencent_templates", "alert"),
        (replace(TENCENT, templates=templates(parameters={"1": "reporter"})), "sms_tencent_templates", "alert.1"),
        (replace(TENCENT, templates=templates(parameters={"a": "place"})), "sms_tencent_templates", "alert.a"),
        (replace(TENCENT, templates=templates(parameters={"2": "place"})), "sms_tencent_templates", "alert"),
        (replace(TENCENT, limits=Limits((), a_day=0)), "sms_tencent_limits", ""),
        (replace(TENCENT, base_url="http://sms.example"), "sms_tencent_url", ""),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_no_key_is_shown(
    settings: TencentSettings, setting: str, names: str
) -> None:
    with pytest.raises(WrongKey) as refused:
        SmsTencent(settings)
    assert refused.value.setting == setting
    assert names in str(refused.value)
    assert "k3yk3y" not in str(refused.value)
