"""SMS by Aliyun: the signature, the limits on one number, what goes along, and the receipt asked for afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from pydantic import SecretStr

from services.notify.channels.aliyun_call import Action, Keys, authorization, signed_request
from services.notify.channels.calls import client_of
from services.notify.channels.keys import WrongKey
from services.notify.channels.limits import Limits
from services.notify.channels.sender import Said
from services.notify.channels.sms_aliyun import BEIJING, AliyunSettings, SmsAliyun
from services.notify.channels.templates import Template
from tests.fakes.aliyun import Aliyun
from tests.fakes.chat import said
from tests.fakes.provider import answer
from tests.services.chat_setup import START
from tests.services.sms_setup import ALIYUN, FIELDS, MOBILE, NUMBER, Talk, a_text, texting

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def fake_of(talk: Talk) -> Aliyun:
    return cast("Aliyun", talk.fake)


def sender_of(talk: Talk) -> SmsAliyun:
    return cast("SmsAliyun", talk.sender)


def test_the_signature_is_that_of_aliyuns_own_example() -> None:
    nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com", "x-acs-action": "RunInstances", "x-acs-version": "2014-05-26",
        "x-acs-date": "2023-10-26T10:22:32Z", "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-content-sha256": nothing, "accept": "application/json",
    }  # fmt: skip
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    told = authorization(Keys("YourAccessKeyId", "YourAccessKeySecret"), query, headers)
    assert told == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


async def test_the_registered_parameters_and_our_id_go_along() -> None:
    async with texting("sms_aliyun") as talk:
        assert (await talk.send()).receipt == "900619746936498441^0"
        (sent,) = fake_of(talk).sent
        assert (sent.mobile, sent.template, sent.out_id) == (MOBILE, "SMS_100000001", "alert-1")
        assert sent.parameters == {
            "number": NUMBER, "place": "城河街12号2单元", "category": "下水道堵塞",
            "due": "2026年9月30日 18:00", "code": "k7Q_x-2",
        }  # fmt: skip


async def test_a_digest_has_its_own_template() -> None:
    async with texting("sms_aliyun") as talk:
        assert (await talk.send(replace(a_text(), template="digest", count=3, number=None))).became == "accepted"
        assert fake_of(talk).sent[0].parameters == {"count": "3", "code": "k7Q_x-2"}


async def test_a_template_that_is_not_set_up_is_refused_and_nobody_is_asked() -> None:
    async with texting("sms_aliyun") as talk:
        assert await talk.send(replace(a_text(), template="result")) == Said("refused", "no_template")
        assert talk.provider.asked == []


async def test_signs_that_a_form_could_swallow_arrive_as_they_are() -> None:
    async with texting("sms_aliyun") as talk:
        assert (await talk.send(a_text(place="A&B=C+D 100%~*'\"(é)"))).became == "accepted"
        assert fake_of(talk).sent[0].parameters["place"] == "A&B=C+D 100%~*'\"(é)"


async def test_no_parameter_looks_like_the_signature_of_another_sender() -> None:
    async with texting("sms_aliyun") as talk:
        await talk.send(a_text(place="【某银行】[x]\n楼"))
        assert fake_of(talk).sent[0].parameters["place"] == "（某银行）（x） 楼"


async def test_the_limit_that_is_full_says_how_long_to_wait() -> None:
    async with texting("sms_aliyun") as talk:
        assert (await talk.send()).became == "accepted"
        assert await talk.said() == ("quota", "isv.BUSINESS_LIMIT_CONTROL", MINUTE)
        for _ in range(4):
            talk.clock.forward(MINUTE)
            assert (await talk.send()).became == "accepted"
        talk.clock.forward(MINUTE)
        assert await talk.said() == ("quota", "isv.BUSINESS_LIMIT_CONTROL", HOUR)
        talk.clock.forward(HOUR)
        for _ in range(5):
            talk.clock.forward(MINUTE)
            assert (await talk.send()).became == "accepted"
        talk.clock.forward(HOUR)
        assert await talk.said() == ("quota", "isv.BUSINESS_LIMIT_CONTROL", DAY)


async def test_only_a_full_limit_says_how_long_to_wait_and_a_gateways_retry_after_counts() -> None:
    async with texting("sms_aliyun") as talk:
        talk.fake.refusing = "isv.OUT_OF_SERVICE 天级"
        assert await talk.said() == ("bad_key", "isv.OUT_OF_SERVICE", None)
        body = b'{"Code": "ServiceUnavailable"}'
        talk.provider.failing = answer(503, body, retry_after="7", content_type="application/json")
        assert await talk.said() == ("retry", "ServiceUnavailable", timedelta(seconds=7))


async def test_a_time_of_another_zone_is_signed_as_utc() -> None:
    async with client_of("https://dysmsapi.example") as client:
        keys, at = Keys("LTAI5tExampleExample0001", "s" * 30), START.astimezone(BEIJING)
        request = signed_request(client, keys, Action("SendSms", "2017-05-25"), {}, at)
        assert request.headers["x-acs-date"] == "2026-09-30T02:13:00Z"


async def test_the_quotas_are_the_documented_ones_of_the_number_and_the_operators_day() -> None:
    async with texting("sms_aliyun") as talk:
        quotas, others = talk.sender.quotas(MOBILE), talk.sender.quotas("13900139000")
        assert [(each.most, each.within) for each in quotas] == [(1, MINUTE), (5, HOUR), (10, DAY), (1000, DAY)]
        assert [mine.key == his.key for mine, his in zip(quotas, others, strict=True)] == [False, False, False, True]


async def test_the_operator_sets_other_limits() -> None:
    sender = SmsAliyun(replace(ALIYUN, limits=Limits(((50, DAY),), a_day=200)))
    assert [(each.most, each.within) for each in sender.quotas(MOBILE)] == [(50, DAY), (200, DAY)]
    await sender.close()


async def test_a_clock_that_is_wrong_is_for_the_operator_to_mend() -> None:
    async with texting("sms_aliyun") as talk:
        fake_of(talk).clock = type(talk.clock)(talk.clock.now() + timedelta(minutes=16))
        assert await talk.said() == ("bad_key", "InvalidTimeStamp.Expired", None)


async def test_a_key_that_aliyun_does_not_know_is_no_unknown_number_though_it_says_404() -> None:
    async with texting("sms_aliyun") as talk:
        unknown = SmsAliyun(replace(ALIYUN, access_key_id="LTAI5tAnother00000000001"), client=sender_of(talk)._client)
        assert await unknown.send(a_text(), MOBILE) == Said("bad_key", "InvalidAccessKeyId.NotFound")


async def test_a_receipt_that_carries_the_number_is_not_kept() -> None:
    async with texting("sms_aliyun") as talk:
        for odd in (f"{MOBILE}^0", "", 7, "a" * 65, "<b>"):
            talk.provider.failing = said(Code="OK", BizId=odd)
            assert await talk.send() == Said("accepted", "OK")


@pytest.mark.parametrize(
    ("status", "err_code", "expected"),
    [
        (1, None, Said("accepted", "send_status_1")),
        (2, "MOBILE_NOT_ON_SERVICE", Said("refused", "MOBILE_NOT_ON_SERVICE")),
        (2, f"x{MOBILE}", Said("refused", "send_status_2")),
        (3, "DELIVERED", Said("delivered", "DELIVERED")),
        (4, None, Said("retry", "no_code")),
    ],
)
async def test_the_receipt_is_asked_for_by_our_own_id(status: int, err_code: str | None, expected: Said) -> None:
    async with texting("sms_aliyun") as talk:
        serial = (await talk.send()).receipt
        sent = fake_of(talk).sent[0]
        sent.status, sent.err_code = status, err_code
        assert await sender_of(talk).receipt("alert-1", "+86" + MOBILE, talk.clock.now(), serial) == expected
        assert await sender_of(talk).receipt("alert-1", MOBILE, talk.clock.now()) == expected
        assert await sender_of(talk).receipt("alert-1", MOBILE, talk.clock.now(), "9^0") is None
        assert await sender_of(talk).receipt("alert-2", MOBILE, talk.clock.now()) is None
        assert {asked.target for asked in talk.provider.asked} == {"/"}


async def test_a_send_that_was_cut_but_arrived_is_found_afterwards() -> None:
    async with texting("sms_aliyun") as talk:
        takes = talk.provider.takes
        talk.provider.takes = lambda asked: takes(asked)[:0]
        assert await talk.said() == ("retry", "cut", None)
        talk.provider.takes = takes
        found = await sender_of(talk).receipt("alert-1", MOBILE, talk.clock.now())
        assert found == Said("accepted", "send_status_1")


async def test_the_day_of_a_receipt_is_that_of_beijing() -> None:
    async with texting("sms_aliyun") as talk:
        talk.clock.forward(timedelta(hours=15))
        await talk.send()
        assert talk.clock.now().day == 30
        assert await sender_of(talk).receipt("alert-1", MOBILE, talk.clock.now()) is not None


@pytest.mark.parametrize("odd", [{"SmsSendDetailDTOs": []}, {"SmsSendDetailDTOs": {"SmsSendDetailDTO": ["x"]}}, {}])
async def test_receipts_of_another_form_are_none(odd: Mapping[str, object]) -> None:
    async with texting("sms_aliyun") as talk:
        talk.provider.failing = said(200, Code="OK", **odd)
        assert await sender_of(talk).receipt("alert-1", MOBILE, talk.clock.now()) is None
    assert await sender_of(talk).receipt("alert-1", "12", talk.clock.now()) == Said("unknown_address", "number_form")


def with_template(**parameters: str) -> dict[str, Template]:
    return {"alert": Template("SMS_100000001", parameters)}


@pytest.mark.parametrize(
    ("settings", "setting", "names"),
    [
        (replace(ALIYUN, access_key_id="LTAI"), "sms_aliyun_access_key_id", ""),
        (replace(ALIYUN, access_key_secret=SecretStr("s3cr3t" * 5 + "x")), "sms_aliyun_access_key_secret", ""),
        (replace(ALIYUN, access_key_secret=SecretStr(" ")), "sms_aliyun_access_key_secret", ""),
        (replace(ALIYUN, sign_name="【哨音】"), "sms_aliyun_sign_name", ""),
        (replace(ALIYUN, templates={}), "sms_aliyun_templates", "alert"),
        (replace(ALIYUN, templates={"alert": Template("100000001", FIELDS)}), "sms_aliyun_templates", "alert"),
        (replace(ALIYUN, templates=with_template(code="reporter")), "sms_aliyun_templates", "alert.code"),
        (replace(ALIYUN, templates=with_template(**{"1x": "place"})), "sms_aliyun_templates", "alert.1x"),
        (replace(ALIYUN, limits=Limits(((0, MINUTE),))), "sms_aliyun_limits", ""),
        (replace(ALIYUN, limits=Limits((), a_day=0)), "sms_aliyun_limits", ""),
        (replace(ALIYUN, limits=Limits(((1, timedelta()),))), "sms_aliyun_limits", ""),
        (replace(ALIYUN, base_url="http://dysmsapi.example"), "sms_aliyun_url", ""),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_and_no_key_is_shown(
    settings: AliyunSettings, setting: str, names: str
) -> None:
    with pytest.raises(WrongKey) as refused:
        SmsAliyun(settings)
    assert refused.value.setting == setting
    assert names in str(refused.value)
    assert "s3cr3t" not in str(refused.value)
