"""Every SMS channel × everything that can go wrong × what is said of it."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Mapping

import pytest

from services.notify.channels.calls import client_of
from services.notify.channels.sender import Became, Said
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.logs import log_to_stderr
from tests.fakes import aliyun, tencent
from tests.fakes.chat import said
from tests.fakes.provider import EMPTY, HTML, answer
from tests.services.channel_setup import FAILURES
from tests.services.chat_setup import START
from tests.services.sms_setup import MOBILE, NUMBER, SMS, a_text, texting

FROM_OUTSIDE = {
    **FAILURES,
    "HTML": (HTML, ("retry", "not_json", None)),
    "an empty answer": (EMPTY, ("retry", "not_json", None)),
    "half of the JSON": (answer(200, b'{"Code": "OK", "Mess'), ("retry", "not_json", None)),
    "a list": (answer(200, b'["OK"]'), ("retry", "not_json", None)),
    "JSON without a code": (said(Message="OK"), ("retry", "no_code", None)),
    "nothing where the answer should be": (said(Response=None, Code=None), ("retry", "no_code", None)),
    "an answer with nothing in it": (said(Response={}), ("retry", "no_code", None)),
    "an error that is none": (said(Response={"Error": "Ok"}), ("retry", "no_code", None)),
    "no status of any number": (said(Response={"SendStatusSet": []}), ("retry", "no_code", None)),
    "403 in HTML": (answer(403, b"<html>"), ("bad_key", "http_403", None)),
    "404, which is no word about a number": (answer(404), ("retry", "http_404", None)),
    "410, nor that": (answer(410), ("retry", "http_410", None)),
    "400 in HTML": (answer(400, b"<html>"), ("refused", "http_400", None)),
}
WITH_CODE: Mapping[str, Callable[[object], dict[str, object]]] = {
    "sms_aliyun": lambda code: {"Code": code},
    "sms_tencent": lambda code: {"Response": {"SendStatusSet": [{"Code": code}]}},
}
REFUSED: Mapping[str, Mapping[str, Became]] = {
    "sms_aliyun": {
        "isp.SYSTEM_ERROR": "retry", "isv.BUSINESS_LIMIT_CONTROL": "quota", "isv.DAY_LIMIT_CONTROL": "quota",
        "isv.MONTH_LIMIT_CONTROL": "quota", "isv.OUT_OF_SERVICE": "bad_key", "isp.RAM_PERMISSION_DENY": "bad_key",
        "isv.SMS_SIGNATURE_ILLEGAL": "bad_key", "isv.MOBILE_NUMBER_ILLEGAL": "unknown_address",
        "isv.SMS_TEMPLATE_ILLEGAL": "refused", "isv.BLACK_KEY_CONTROL_LIMIT": "refused", "isv.NEVER_SEEN": "refused",
        "Throttling.User": "quota", "NeverSeen": "refused",
    },
    "sms_tencent": {
        "InternalError.SendAndRecvFail": "retry", "LimitExceeded.DeliveryFrequencyLimit": "quota",
        "LimitExceeded.PhoneNumberCountLimit": "refused", "FailedOperation.InsufficientBalanceInSmsPackage": "bad_key",
        "UnauthorizedOperation.ServiceSuspendDueToArrears": "bad_key",
        "FailedOperation.SignatureIncorrectOrUnapproved": "bad_key",
        "FailedOperation.PhoneNumberInBlacklist": "unknown_address",
        "InvalidParameterValue.IncorrectPhoneNumber": "unknown_address",
        "InvalidParameterValue.TemplateParameterLengthLimit": "refused",
        "FailedOperation.TemplateUnapprovedOrNotExist": "refused", "FailedOperation.ContainSensitiveWord": "refused",
        "NeverSeen": "refused",
    },
}  # fmt: skip
BY_CODE = [(channel, code) for channel, codes in REFUSED.items() for code in codes]
SECRETS = (aliyun.SECRET, aliyun.KEY_ID, tencent.SECRET_ID, tencent.SECRET_KEY, MOBILE, MOBILE[3:], "城河街")


@pytest.mark.parametrize("channel", SMS)
async def test_a_message_is_accepted_with_the_providers_receipt(channel: str) -> None:
    async with texting(channel) as talk:
        accepted = await talk.send()
        assert accepted.became == "accepted"
        assert accepted.receipt
        (received,) = talk.fake.received
        for part in (NUMBER[-5:], "城河街12号2单元", "下水道堵塞", "18:00", "k7Q_x-2"):
            assert part in received


@pytest.mark.parametrize("channel", SMS)
@pytest.mark.parametrize("what", FROM_OUTSIDE)
async def test_each_failure_is_said_as_it_is(channel: str, what: str) -> None:
    failing, expected = FROM_OUTSIDE[what]
    async with texting(channel) as talk:
        talk.provider.failing = failing
        assert await talk.said() == expected
        assert talk.fake.received == []


@pytest.mark.parametrize("channel", SMS)
@pytest.mark.parametrize("code", [None, 200, True, "", "<h1>OK</h1>", f"isv.{MOBILE}", f"x{MOBILE[:7]}", "a" * 65])
async def test_what_cannot_be_a_code_or_could_carry_the_number_is_none(channel: str, code: object) -> None:
    async with texting(channel) as talk:
        talk.provider.failing = said(200, **WITH_CODE[channel](code))
        assert await talk.said() == ("retry", "no_code", None)


@pytest.mark.parametrize("channel", SMS)
@pytest.mark.parametrize("code", ["OK", "Ok"])
async def test_a_success_under_a_status_that_is_none_is_a_failure(channel: str, code: str) -> None:
    async with texting(channel) as talk:
        talk.provider.failing = said(500, **WITH_CODE[channel](code))
        assert (await talk.send()).became != "accepted"


@pytest.mark.parametrize("channel", SMS)
async def test_a_provider_that_says_nothing_is_a_timeout(channel: str) -> None:
    async with texting(channel, within=0.1) as talk:
        talk.provider.silent = True
        assert await talk.said() == ("retry", "timeout", None)


@pytest.mark.parametrize("channel", SMS)
async def test_a_provider_that_is_not_there_is_no_connection(channel: str) -> None:
    async with client_of("http://127.0.0.1:1") as client:
        refused = await SMS[channel].sender(client, FakeClock(START)).send(a_text(), MOBILE)
    assert refused == Said("retry", "no_connection")


@pytest.mark.parametrize(("channel", "code"), BY_CODE)
async def test_a_refusal_in_the_body_of_a_200_is_no_success(channel: str, code: str) -> None:
    async with texting(channel) as talk:
        talk.fake.refusing = code
        assert await talk.said() == (REFUSED[channel][code], code, None)
        assert talk.fake.received == []


@pytest.mark.parametrize(
    ("channel", "code"), [("sms_aliyun", "SignatureDoesNotMatch"), ("sms_tencent", "AuthFailure.SignatureFailure")]
)
async def test_another_key_is_a_bad_key(channel: str, code: str) -> None:
    async with texting(channel, key="another") as talk:
        assert await talk.said() == ("bad_key", code, None)


@pytest.mark.parametrize("channel", SMS)
@pytest.mark.parametrize("address", ["+86" + MOBILE, "86" + MOBILE, MOBILE])
async def test_one_number_is_one_however_it_is_written(channel: str, address: str) -> None:
    async with texting(channel) as talk:
        assert (await talk.send(address=address)).became == "accepted"
        assert talk.sender.quotas(address) == talk.sender.quotas(MOBILE)


@pytest.mark.parametrize("channel", SMS)
@pytest.mark.parametrize(
    "address", ["", "12345", "010-12345678", "12800138000", "+85212345678", MOBILE + "\n", f"{MOBILE},13900139000"]
)
async def test_what_is_no_mobile_number_is_never_sent_and_needs_no_quota(channel: str, address: str) -> None:
    async with texting(channel) as talk:
        refused = await talk.sender.send(a_text(), address)
        assert (refused.became, refused.code) == ("unknown_address", "number_form")
        assert talk.sender.quotas(address) == ()
        assert talk.provider.asked == []


@pytest.mark.parametrize("channel", SMS)
async def test_the_number_stands_in_no_url_log_code_receipt_or_quota(channel: str) -> None:
    root, lines = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    try:
        log_to_stderr(logging.DEBUG, frank=True, stream=lines)
        async with texting(channel) as talk:
            all_said = [await talk.send() for _ in range(2)]
            talk.fake.refusing = "NeverSeen"
            all_said.append(await talk.send())
            targets = [asked.target for asked in talk.provider.asked]
            shown = f"{lines.getvalue()}{all_said}{talk.sender.quotas(MOBILE)}{talk.sender!r}{targets}"
            assert "POST 127.0.0.1 answered 200" in shown
            assert set(targets) == {"/"}
            assert {asked.method for asked in talk.provider.asked} == {"POST"}
            assert not [each for each in SECRETS if each in shown]
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


@pytest.mark.parametrize("channel", SMS)
async def test_a_long_place_is_cut_and_a_long_code_is_not_sent_at_all(channel: str) -> None:
    async with texting(channel) as talk:
        assert (await talk.send(a_text(place="堵" * 60))).became == "accepted"
        assert "堵…" in talk.fake.received[0]
        for message, code in (
            (a_text(link="https://shaoyin.example/c/" + "k" * 60), "link_code_too_long"),
            (a_text(link="https://shaoyin.example/c/k?x=1"), "no_link_code"),
        ):
            refused = await talk.send(message)
            assert (refused.became, refused.code) == ("refused", code)
        assert len(talk.provider.asked) == 1
