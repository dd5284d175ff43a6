"""What became of an SMS afterwards: asked of the provider, written as it says, and the next way where it failed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.notify.channels.calls import client_of
from services.notify.channels.configured import Channels
from services.notify.preferences import Preference, Preferences
from services.notify.who_is_told import Telling
from shaoyin.adapters.clock import FakeClock, SystemClock
from shaoyin.adapters.mongo import Document
from shaoyin.contracts.deliveries import read_delivery
from shaoyin.contracts.topics import DELIVERIES
from shaoyin.domain.recipients import Level
from tests.fakes.chat import said
from tests.fakes.provider import CUT, Asked, Provider, running
from tests.services.matrix_setup import SHORT
from tests.services.notify_setup import eventually, office, on_topic
from tests.services.ringing_setup import AT_NIGHT, BY_DAY, PERSON, Ringing, Scripted, a_telling
from tests.services.sms_setup import MOBILE, SMS, TENCENT, Fake, sms_tencent

CHANNELS = ("sms_aliyun", "sms_tencent")
OK = {"sms_aliyun": "OK", "sms_tencent": "Ok"}
ASKS = {"sms_aliyun": "QuerySendDetails", "sms_tencent": "PullSmsSendStatusByPhoneNumber"}
TROUBLE: Mapping[str, Mapping[str, bytes]] = {
    "cut": dict.fromkeys(CHANNELS, CUT),
    "bad key": {
        "sms_aliyun": said(400, Code="SignatureDoesNotMatch", Message="refused"),
        "sms_tencent": said(Response={"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "refused"}}),
    },
    "refused": {
        "sms_aliyun": said(Code="isv.INVALID_PARAMETERS", Message="参数异常"),
        "sms_tencent": said(Response={"Error": {"Code": "InvalidParameterValue.LimitVerifyFail", "Message": ""}}),
    },
}
"""What is said to a question that was itself in the wrong."""
SOON = timedelta(seconds=75)
"""After the first question's time, with its jitter."""


@dataclass
class Sms:
    """An office that texts first and writes a letter then. What the fake provider heard is `heard`."""

    channel: str
    here: Ringing
    fake: Fake
    provider: Provider

    @property
    def clock(self) -> FakeClock:
        return self.here.clock

    @property
    def sent(self) -> list[Any]:
        return self.fake.sent  # type: ignore[attr-defined, no-any-return]

    def asked(self) -> int:
        return self._counted(ASKS[self.channel])

    def texted(self) -> int:
        return self._counted("SendSms")

    def _counted(self, action: str) -> int:
        names = ("x-acs-action", "x-tc-action")
        return sum(action in (each.headers.get(name) for name in names) for each in self.provider.asked)

    def carrier_says(self, arrived: bool, which: int = -1) -> None:
        sent = self.sent[which]
        if self.channel == "sms_aliyun":
            sent.status, sent.err_code = (3, "DELIVERED") if arrived else (2, "MOBILE_NOT_ON_SERVICE")
        else:
            sent.report = "SUCCESS" if arrived else "FAIL"

    async def accepted(self, level: Level = "urgent", raised: Sequence[Telling] = ()) -> Telling:
        telling = a_telling(level=level)
        await self.here.raised(telling, *raised)
        await self.here.held(telling.alert_id, "receipt")
        return telling

    async def line(self, telling: Telling) -> Document:
        lines = (await self.here.document(telling.alert_id))["deliveries"]
        return next(each for each in lines if each["channel"] == self.channel)

    async def asked_again(self) -> None:
        """Time goes on until one more question was asked."""
        before = self.asked()

        async def once_more() -> bool:
            self.clock.forward(timedelta(seconds=20))
            return self.asked() > before

        await eventually(once_more)


@asynccontextmanager
async def texting(channel: str, mongo_url: str, name: str, folder: Path, **more: Any) -> AsyncIterator[Sms]:
    real, mail = SystemClock(), Scripted("mail")
    fake = SMS[channel].fake(real)
    async with running(Provider(fake.takes)) as provider, client_of(provider.url) as client:
        if channel == "sms_tencent":
            sender: Any = sms_tencent(client, real, replace(TENCENT, templates=SHORT))
        else:
            sender = SMS[channel].sender(client, real)
        channels = Channels({channel: sender, "mail": mail})
        clock = more.pop("clock", None) or FakeClock(BY_DAY)
        async with office(mongo_url, name, folder, clock=clock, channels=channels, **more) as found:
            addresses = {"sms": MOBILE, "mail": "p@example.org"}
            await Preferences(found.notify.database).keep(Preference(PERSON, (channel, "mail"), addresses))
            yield Sms(channel, Ringing(found, mail, mail, mail), fake, provider)


@pytest.fixture(params=CHANNELS)
async def sms(request: pytest.FixtureRequest, mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Sms]:
    async with texting(request.param, mongo_url, mongo_name, tmp_path) as found:
        yield found


async def test_nobody_is_asked_before_a_minute_is_over(sms: Sms) -> None:
    telling = await sms.accepted()
    sms.clock.forward(timedelta(seconds=55))
    await sms.here.office.get(PERSON, "/api/inbox")

    until = await sms.here.held(telling.alert_id, "receipt")
    assert timedelta(minutes=1) <= until - BY_DAY <= timedelta(minutes=1, seconds=12)
    assert sms.asked() == 0


async def test_a_receipt_makes_it_delivered_in_the_log_and_on_the_topic(sms: Sms) -> None:
    telling = await sms.accepted()
    sms.carrier_says(arrived=True)
    sms.clock.forward(SOON)
    await sms.here.ended(telling.alert_id, "rung")

    code = "DELIVERED" if sms.channel == "sms_aliyun" else "SUCCESS"
    assert await sms.here.tries(telling.alert_id) == [
        (sms.channel, "accepted", OK[sms.channel]), (sms.channel, "delivered", code),
    ]  # fmt: skip
    line = await sms.line(telling)
    assert (line["state"], line["attempts"][1]["afterwards"], "asking" in line) == ("delivered", True, False)
    assert (sms.texted(), sms.asked(), sms.here.mail.sent) == (1, 1, [])
    told = [read_delivery(each) for each in await on_topic(sms.here.office.bus, DELIVERIES.name)]
    assert [(each.attempt, each.outcome) for each in told if each.channel == sms.channel] == [
        (1, "accepted"), (2, "delivered"),
    ]  # fmt: skip


async def test_the_desk_reads_it_in_words_and_counts_one_try(sms: Sms) -> None:
    telling = await sms.accepted()
    path = f"/api/deliveries?case={telling.case_id}"
    (before,) = [
        each for each in (await sms.here.office.get(PERSON, path)).json()["items"] if each["channel"] == sms.channel
    ]
    sms.carrier_says(arrived=True)
    sms.clock.forward(SOON)
    await sms.here.ended(telling.alert_id, "rung")
    answer = await sms.here.office.get(PERSON, path)
    (line,) = [each for each in answer.json()["items"] if each["channel"] == sms.channel]

    assert before["attempts"][0]["said"].startswith("服务商已接收，是否送到看回执。")
    assert before["held_said"] == "短信已交给服务商，等回执；没有送到就换下一个通道。"
    assert line["attempts"][1]["said"].startswith("回执：已送到手机。")
    assert MOBILE not in answer.text
    rates = (await sms.here.office.get(PERSON, "/api/deliveries/rates")).json()["items"]
    (counted,) = [each["24h"] for each in rates if each["channel"] == sms.channel]
    assert (counted["delivered"], counted["accepted"], counted["tries"]) == (1, 0, 1)


async def test_where_the_carrier_failed_the_next_way_has_its_turn_at_once(sms: Sms) -> None:
    telling = await sms.accepted()
    sms.carrier_says(arrived=False)
    sms.clock.forward(SOON)
    await sms.here.ended(telling.alert_id, "rung")

    code = "MOBILE_NOT_ON_SERVICE" if sms.channel == "sms_aliyun" else "FAIL"
    assert await sms.here.tries(telling.alert_id) == [
        (sms.channel, "accepted", OK[sms.channel]), (sms.channel, "failed", code), ("mail", "accepted", "0"),
    ]  # fmt: skip
    assert sms.texted() == 1


async def test_failed_after_its_useful_life_it_goes_nowhere_and_the_desk_hears_of_it(sms: Sms) -> None:
    telling = await sms.accepted("critical")
    sms.carrier_says(arrived=False)
    sms.clock.forward(timedelta(hours=2, minutes=1))
    await sms.here.ended(telling.alert_id, "dead")

    assert [each for _, each, _ in await sms.here.tries(telling.alert_id)] == ["accepted", "failed"]
    assert sms.here.mail.sent == []
    assert [each["kind"] for each in await sms.here.office.inbox(PERSON)] == ["new_case"], "he is the desk himself"


async def test_a_carrier_that_says_nothing_is_asked_for_an_hour_and_the_log_stays_as_it_is(sms: Sms) -> None:
    telling = await sms.accepted()
    for number in range(1, 6):
        await sms.asked_again()
        assert sms.asked() == number
    await sms.asked_again()
    await sms.here.ended(telling.alert_id, "rung")

    assert sms.clock.now() - BY_DAY >= timedelta(minutes=63)
    assert await sms.here.tries(telling.alert_id) == [(sms.channel, "accepted", OK[sms.channel])]
    sms.clock.forward(timedelta(hours=3))
    assert (await sms.line(telling))["asking"]["ask_at"] is None
    assert (sms.asked(), sms.texted(), sms.here.mail.sent) == (6, 1, [])


@pytest.mark.parametrize("trouble", ["cut", "bad key", "refused"])
async def test_a_question_that_fails_says_nothing_of_the_message(sms: Sms, trouble: str) -> None:
    telling = await sms.accepted()
    sms.carrier_says(arrived=True)
    sms.provider.failing = TROUBLE[trouble][sms.channel]
    await sms.asked_again()

    async def written() -> bool:
        return bool((await sms.line(telling))["asking"]["asked"] >= 1)

    await eventually(written)
    assert (await sms.line(telling))["state"] == "accepted"
    sms.provider.failing = None
    sms.clock.forward(timedelta(minutes=3))
    await sms.here.ended(telling.alert_id, "rung")
    assert (await sms.line(telling))["state"] == "delivered"


async def test_a_receipt_is_asked_for_at_night_too_and_disturbs_nobody(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    evening = FakeClock(AT_NIGHT - timedelta(minutes=31))
    async with texting("sms_aliyun", mongo_url, mongo_name, tmp_path, clock=evening) as sms:
        telling = await sms.accepted()
        sms.carrier_says(arrived=True)
        evening.forward(timedelta(minutes=5))
        await sms.here.ended(telling.alert_id, "rung")

        assert (await sms.line(telling))["state"] == "delivered"


async def test_whoever_read_it_in_the_meantime_needs_no_receipt(sms: Sms) -> None:
    telling = await sms.accepted()
    await sms.here.office.post(PERSON, f"/api/inbox/{telling.alert_id}/read")
    sms.clock.forward(SOON)
    await sms.here.ended(telling.alert_id, "read")

    assert sms.asked() == 0


async def test_whoever_leaves_after_he_was_told_is_not_told_by_another(sms: Sms) -> None:
    telling = await sms.accepted()
    kept = Preferences(sms.here.office.notify.database)
    (mine,) = (await kept.of([PERSON])).values()
    await kept.keep(replace(mine, away_until=BY_DAY + timedelta(days=2), stand_in="p-jia-2"))
    sms.carrier_says(arrived=True)
    sms.clock.forward(SOON)
    await sms.here.ended(telling.alert_id, "rung")

    assert await sms.here.office.inbox("p-jia-2") == []


async def test_one_receipt_of_a_digest_is_that_of_all_its_alerts(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    async with texting("sms_aliyun", mongo_url, mongo_name, tmp_path) as sms:
        others = [a_telling() for _ in range(2)]
        first = await sms.accepted(raised=others)
        sms.carrier_says(arrived=True)
        sms.clock.forward(SOON)
        for each in (first, *others):
            await sms.here.ended(each.alert_id, "rung")
            assert (await sms.line(each))["state"] == "delivered"

        assert (sms.texted(), sms.asked()) == (1, 1)


async def test_what_was_cut_and_had_gone_out_is_not_sent_again(sms: Sms) -> None:
    """The provider took it, and its answer was lost on the way. Tencent can say so once the carrier has."""
    telling = await cut(sms, taken=True)
    if sms.channel == "sms_tencent":
        sms.carrier_says(arrived=True)
    sms.clock.forward(timedelta(seconds=20))
    await sms.here.ended(telling.alert_id, "rung") if sms.channel == "sms_tencent" else await sms.here.held(
        telling.alert_id, "receipt"
    )

    became = ("delivered", "SUCCESS") if sms.channel == "sms_tencent" else ("accepted", "send_status_1")
    assert await sms.here.tries(telling.alert_id) == [(sms.channel, "retry", "cut"), (sms.channel, *became)]
    assert (sms.texted(), len(sms.sent), sms.asked()) == (1, 1, 1)
    assert (await sms.line(telling))["attempts"][1]["afterwards"]


async def test_what_was_found_to_have_gone_is_asked_about_until_it_arrived(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    async with texting("sms_aliyun", mongo_url, mongo_name, tmp_path) as sms:
        telling = await cut(sms, taken=True)
        sms.clock.forward(timedelta(seconds=20))
        await sms.here.held(telling.alert_id, "receipt")
        sms.carrier_says(arrived=True)
        sms.clock.forward(SOON)
        await sms.here.ended(telling.alert_id, "rung")

        assert [each for _, each, _ in await sms.here.tries(telling.alert_id)] == ["retry", "accepted", "delivered"]
        assert len(sms.sent) == 1


async def test_what_was_cut_and_never_arrived_there_is_sent_again(sms: Sms) -> None:
    telling = await cut(sms, taken=False)
    sms.clock.forward(timedelta(seconds=20))
    await forget_quotas(sms)
    await sms.here.held(telling.alert_id, "receipt")

    assert await sms.here.tries(telling.alert_id) == [
        (sms.channel, "retry", "cut"), (sms.channel, "accepted", OK[sms.channel]),
    ]  # fmt: skip
    assert (sms.texted(), len(sms.sent), sms.asked()) == (2, 1, 1)


async def test_what_was_cut_and_failed_for_good_is_not_sent_again_and_the_next_way_has_its_turn(sms: Sms) -> None:
    telling = await cut(sms, taken=True)
    sms.carrier_says(arrived=False)
    sms.clock.forward(timedelta(seconds=20))
    await sms.here.ended(telling.alert_id, "rung")

    assert [(channel, each) for channel, each, _ in await sms.here.tries(telling.alert_id)] == [
        (sms.channel, "retry"), (sms.channel, "failed"), ("mail", "accepted"),
    ]  # fmt: skip
    assert sms.texted() == 1


async def test_while_nobody_can_say_whether_it_went_it_is_not_sent_again_and_the_next_way_comes_in_the_end(
    sms: Sms,
) -> None:
    """Four tries of a critical alert, of which three were questions."""
    telling = await cut(sms, taken=True)
    sms.provider.failing = CUT

    async def over() -> bool:
        sms.clock.forward(timedelta(seconds=30))
        return (await sms.here.document(telling.alert_id)).get("rang") == "rung"

    await eventually(over)
    assert [(channel, each) for channel, each, _ in await sms.here.tries(telling.alert_id)] == [
        (sms.channel, "retry"), (sms.channel, "retry"), (sms.channel, "retry"), (sms.channel, "failed"),
        ("mail", "accepted"),
    ]  # fmt: skip
    assert (sms.texted(), len(sms.sent)) == (1, 1)


async def test_a_digest_that_was_cut_is_asked_for_by_its_own_id_and_what_came_since_goes_apart(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    async with texting("sms_aliyun", mongo_url, mongo_name, tmp_path) as sms:
        pair = [a_telling(), a_telling()]
        await cut(sms, taken=True, tellings=pair)
        later = a_telling()
        await sms.here.raised(later)
        sms.clock.forward(SOON)
        await forget_quotas(sms)
        sms.fake._natural.clear()  # type: ignore[attr-defined]  # a minute of the provider's clock is over
        for each in (*pair, later):
            await sms.here.held(each.alert_id, "receipt")

        first, second = sms.sent
        assert (first.template, second.template) == ("SMS_100000002", "SMS_100000001")
        assert second.out_id == later.alert_id
        assert [len((await sms.line(each))["attempts"]) for each in (*pair, later)] == [2, 2, 1]


async def forget_quotas(sms: Sms) -> None:
    """As if the time of our own limits had passed as well: they are counted by the store's clock."""
    await sms.here.office.notify.ringing.quotas.collection.delete_many({})


async def cut(sms: Sms, *, taken: bool, tellings: Sequence[Telling] = ()) -> Telling:
    """Returns the first of what was cut on its way: before the provider took it, or after."""
    takes = sms.provider.takes

    def answers(asked: Asked) -> bytes:
        if taken:
            takes(asked)
        return CUT

    sms.provider.takes = answers
    told = tellings or [a_telling(level="critical")]
    await sms.here.raised(*told)

    async def tried() -> bool:
        return all([len(await sms.here.tries(each.alert_id)) == 1 for each in told])

    await eventually(tried)
    sms.provider.takes = takes
    return told[0]
