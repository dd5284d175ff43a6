"""Residents are told of what happened by the way each left: once each, in their words, and nobody else learns of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.notify.channels.sender import Said
from shaoyin.contracts.topics import CASES
from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.events import Reply
from tests.domain.town import DUTY, ZONE
from tests.services.intake_setup import GONE, Routed
from tests.services.notify_setup import on_topic
from tests.services.residents_setup import OPENID, PHONE, TEMPLATES, Provider, Street, a_street
from tests.services.test_intake_merged import merged

BY_PHONE: dict[str, object] = {"name": "欧阳晓明", "phone": PHONE}
BY_WECHAT: dict[str, object] = {"wechat": {"openid": OPENID, "templates": list(TEMPLATES.values())}}


@pytest.fixture
async def street(
    mongo_url: str, mongo_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Street]:
    async with a_street(mongo_url, mongo_name, tmp_path, monkeypatch) as found:
        yield found


def closed(story: Routed) -> None:
    told = (Reply("reply.closed", "已疏通"),)
    story.happen(ev.CaseClosed(at=story.now, outcome="solved", deadlines=(), replies=told))


async def test_a_reporter_is_texted_that_the_matter_was_accepted_with_its_number_and_nothing_of_it(
    street: Street,
) -> None:
    _, story = await street.reported(BY_PHONE)
    await street.news(story)

    [(message, address)] = street.sms.sent
    assert address == PHONE
    assert (message.title, message.body) == ("已受理", "您反映的事已受理,编号N1。请凭查询码查看进展。")
    assert (message.template, message.number, message.language) == ("answer_progress", "N1", "zh-CN")
    assert message.link.endswith("/reports"), "where the code is typed, and no further"
    answer = await street.answer("accepted")
    assert (answer["state"], answer["deliveries"][0]["channel"]) == ("told", "sms_aliyun")


async def test_who_reported_in_english_is_told_in_english(street: Street) -> None:
    _, story = await street.reported(BY_PHONE, language="en")
    await street.news(story)

    assert street.sms.sent[0][0].body == "Your matter was accepted as N1. Follow it with your query code."


async def test_each_of_three_merged_reporters_has_his_own_answer_to_every_news_of_the_lead(street: Street) -> None:
    """I5: "only the first reporter is answered" is a listed failure."""
    numbers = ["13800138000", "13800138001", "13800138002"]
    _, lead = await street.reported({"phone": numbers[0]})
    others = []
    for number in numbers[1:]:
        _, story = await street.reported({"phone": number}, category=GONE)
        merged(lead, story)
        others.append(story)
    await street.news(lead, *others)
    assert street.sms.addresses.count(numbers[0]) == 1
    assert sorted(zip(street.sms.titles, street.sms.addresses, strict=True)) == [
        ("合并办理", numbers[1]), ("合并办理", numbers[2]), ("已受理", numbers[0])
    ]  # fmt: skip
    street.sms.sent.clear()

    closed(lead)
    await street.news(lead)

    assert sorted(street.sms.addresses) == numbers
    assert set(street.sms.titles) == {"已经办结"}
    assert len({message.message_id for message, _ in street.sms.sent}) == 3


async def test_a_word_to_one_of_several_goes_to_him_alone(street: Street) -> None:
    _, lead = await street.reported({"phone": "13800138000"})
    _, story = await street.reported({"phone": "13800138001"}, category=GONE)
    merged(lead, story)
    await street.news(lead, story)
    street.sms.sent.clear()

    to = story.open_case.reporters[0].ref
    replies = (Reply("reply.message", "x", to),)
    left = ev.CaseContacted(at=lead.now, outcome="message", contacted_at=lead.now, met=True, note="", replies=replies)
    lead.happen(left)
    await street.news(lead)

    assert street.sms.addresses == ["13800138001"]


async def test_a_confidential_reporter_is_told_and_an_anonymous_one_is_not_even_asked_about(street: Street) -> None:
    _, hidden = await street.reported({**BY_PHONE, "secrecy": "confidential"})
    await street.news(hidden)
    assert street.sms.addresses == [PHONE]
    asked = len(street.wire.calls)

    _, unknown = await street.reported({"phone": "13800138001", "secrecy": "anonymous"})
    await street.news(unknown)

    assert len(street.sms.sent) == 1
    assert len(street.wire.calls) == asked
    assert await street.answers(case_id=unknown.open_case.case_id) == []


async def test_who_became_anonymous_before_the_message_went_gets_none(street: Street) -> None:
    _, story = await street.reported(BY_PHONE)
    street.sms.says = [Said("retry", "http_500")]
    await street.news(story)
    assert len(street.sms.sent) == 1
    ref = story.open_case.reporters[0].ref

    story.happen(ev.SecrecyRaised(at=story.now, reporter_ref=ref, secrecy="anonymous"))
    await street.news(story)
    await street.later(timedelta(hours=2))

    assert len(street.sms.sent) == 1
    assert (await street.answer("accepted"))["state"] == "page_only"


async def test_who_left_no_way_or_refused_reads_the_page_and_that_is_no_failure(street: Street) -> None:
    silent: list[dict[str, object]] = [{}, {"phone": "0371-66661234"}, {**BY_PHONE, "answer_by": "page"}]
    for reporter in silent:
        _, story = await street.reported(reporter)
        await street.news(story)

    assert street.sms.sent == []
    assert [each["state"] for each in await street.answers()] == ["page_only"] * 3


async def test_news_that_are_read_again_tell_nobody_twice(street: Street) -> None:
    """After a broker was replaced everything is said again, under the same ids."""
    _, story = await street.reported(BY_PHONE)
    again = list(story.news)
    await street.news(story)
    story.news = [*again, *again]
    await street.news(story)

    assert len(street.sms.sent) == 1
    assert len(await street.answers()) == 1


async def test_what_is_long_past_is_not_told_when_it_is_read_again(street: Street) -> None:
    _, story = await street.reported(BY_PHONE)
    await street.later(timedelta(days=4))
    await street.news(story)

    assert street.sms.sent == []
    assert await street.answers() == []


async def test_one_consent_is_one_message_and_then_the_page_is_what_is_left(street: Street) -> None:
    """Domain 6.9: one for progress, one for the result."""
    _, story = await street.reported(BY_WECHAT)
    await street.news(story)
    story.give(DUTY, cmd.SignFor)
    story.give(DUTY, cmd.Start)
    contact = {"outcome": "message", "contacted_at": story.now, "note": "留言", "message": "明天来"}
    story.give(DUTY, cmd.ContactReporter, **contact)
    closed(story)
    await street.news(story)

    assert [(each.title, each.template) for each, _ in street.wechat.sent] == [
        ("已受理", "answer_progress"), ("已经办结", "answer_result")
    ]  # fmt: skip
    assert set(street.wechat.addresses) == {OPENID}
    assert {each["kind"]: each["state"] for each in await street.answers()} == {
        "accepted": "told", "message": "page_only", "closed": "told"
    }  # fmt: skip
    assert await street.consents_left() == 0


async def test_a_reporter_with_both_ways_is_told_by_the_one_he_chose_and_by_the_other_where_that_fails(
    street: Street,
) -> None:
    _, chosen = await street.reported({**BY_PHONE, **BY_WECHAT, "answer_by": "wechat"})
    await street.news(chosen)
    assert (len(street.wechat.sent), len(street.sms.sent)) == (1, 0)

    street.wechat.says = [Said("refused", "47003")]
    _, failing = await street.reported({**BY_PHONE, **BY_WECHAT, "answer_by": "wechat"})
    await street.news(failing)

    assert street.sms.addresses == [PHONE]
    assert await street.consents_left() == 3, "what was certainly not sent has used up none"
    [last] = await street.answers(case_id=failing.open_case.case_id)
    assert [(each["channel"], each["state"]) for each in last["deliveries"]] == [
        ("wechat", "failed"), ("sms_aliyun", "accepted")
    ]  # fmt: skip


@pytest.mark.parametrize(("said", "left"), [(Said("unknown_address", "43101"), 1), (Said("retry", "no_connection"), 2)])
async def test_a_consent_is_given_back_only_where_nothing_can_have_gone_out(
    street: Street, said: Said, left: int
) -> None:
    """43101: WeChat says that there was none, whatever we counted."""
    street.wechat.says = [said] * 10
    _, story = await street.reported({**BY_PHONE, **BY_WECHAT, "answer_by": "wechat"})
    await street.news(story)
    for _ in range(4):
        await street.later(timedelta(hours=1))

    assert street.sms.addresses == [PHONE]
    assert await street.consents_left() == left


async def test_a_try_that_was_cut_keeps_its_consent_for_the_next_one(street: Street) -> None:
    street.wechat.says = [Said("retry", "timeout")]
    _, story = await street.reported(BY_WECHAT)
    await street.news(story)
    assert await street.consents_left() == 1
    await street.later(timedelta(hours=1))

    assert len(street.wechat.sent) == 2
    assert await street.consents_left() == 1
    [wechat] = (await street.answer("accepted"))["deliveries"]
    assert [(each["outcome"], "unsure_at" in each) for each in wechat["attempts"]] == [
        ("retry", True), ("accepted", False)
    ]  # fmt: skip


async def test_nobody_is_texted_at_night_but_in_an_emergency(street: Street) -> None:
    """Domain 6.5: quiet hours 22:00 to 07:00."""
    night = street.town.clock.now().astimezone(ZONE).replace(hour=23, minute=0)
    street.town.clock.forward(night - street.town.clock.now())
    _, story = await street.reported(BY_PHONE)
    await street.news(story)
    assert street.sms.sent == []
    waiting = await street.answer("accepted")
    assert waiting["held"] == "quiet_hours"
    assert waiting["next_at"].astimezone(ZONE).hour == 7
    assert street.wire.calls == [], "nobody's number is asked for before it is needed"

    story.now = street.town.clock.now()
    by = ev.By(DUTY[1], DUTY[0])
    story.happen(ev.EmergencyCalled(at=story.now, by=by, numbers=("119",), danger="fire"))
    await street.news(story)
    assert [message.body for message, _ in street.sms.sent] == ["您反映的情况紧急,请立即拨打119。"]

    await street.later(timedelta(hours=8))
    assert street.sms.titles == ["情况紧急", "已受理"]


async def test_while_intake_is_away_answers_wait_and_go_out_afterwards(street: Street) -> None:
    _, story = await street.reported(BY_PHONE)
    street.wire.cut = True
    await street.news(story)
    assert (await street.answer("accepted"))["held"] == "intake_away"
    assert street.sms.sent == []

    street.wire.cut = False
    await street.later(timedelta(minutes=10))

    assert len(street.sms.sent) == 1


async def test_where_intake_does_not_let_notify_in_the_operator_is_told(
    street: Street, caplog: pytest.LogCaptureFixture
) -> None:
    town = street.town.intake
    object.__setattr__(town, "service_token", b"another")
    _, story = await street.reported(BY_PHONE)
    await street.news(story)

    assert (await street.answer("accepted"))["held"] == "intake_refuses"
    assert "SHAOYIN_SERVICE_TOKEN" in caplog.text


async def test_a_result_that_no_way_took_is_told_to_the_desk_and_progress_is_not(street: Street) -> None:
    street.sms.says = [Said("unknown_address", "isv.MOBILE_NUMBER_ILLEGAL")] * 5
    _, story = await street.reported(BY_PHONE)
    await street.news(story)
    assert (await street.answer("accepted"))["state"] == "unreached"
    assert "reporter_unreached" not in await street.office.kinds(DUTY[0])

    closed(story)
    await street.news(story)

    alert = await street.office.alert(DUTY[0], "reporter_unreached")
    assert alert["number"] == "N1"
    assert "请打电话告知" in str(alert["body"])
    assert (await street.answer("closed"))["code"] == "nothing_left"


async def test_several_reporters_who_were_not_reached_are_one_alert(street: Street) -> None:
    _, lead = await street.reported({"phone": "13800138000"})
    _, story = await street.reported({"phone": "13800138001"}, category=GONE)
    merged(lead, story)
    await street.news(lead, story)
    street.sms.says = [Said("refused", "isv.BLACK_KEY_CONTROL_LIMIT")] * 2
    closed(lead)
    await street.news(lead)

    assert [each["state"] for each in await street.answers(kind="closed")] == ["unreached"] * 2
    await street.office.alert(DUTY[0], "reporter_unreached")


async def test_a_provider_in_trouble_is_tried_again_until_it_takes_it(street: Street) -> None:
    street.sms.says = [Said("retry", "http_503")] * 6
    _, story = await street.reported(BY_PHONE)
    await street.news(story)
    for _ in range(12):
        await street.later(timedelta(minutes=30))

    assert len(street.sms.sent) == 7
    assert len({message.message_id for message, _ in street.sms.sent}) == 1
    [sms] = (await street.answer("accepted"))["deliveries"]
    assert [each["outcome"] for each in sms["attempts"]] == ["retry"] * 6 + ["accepted"]


async def test_a_question_is_not_asked_any_more_when_its_answer_is_not_waited_for(street: Street) -> None:
    _, story = await street.reported(BY_PHONE, category=GONE)
    street.wire.cut = True
    story.give(DUTY, cmd.AskInfo, question="哪一栋？")
    await street.news(story)
    street.wire.cut = False
    await street.later(timedelta(days=5))

    assert street.sms.sent == []
    assert (await street.answer("question"))["code"] == "too_late"


async def test_the_log_of_a_case_shows_that_the_reporter_was_told_and_how_but_never_who_that_is(street: Street) -> None:
    """`GET /api/deliveries?case=`."""
    street.sms.says = [Said("retry", "http_503")]
    _, story = await street.reported({**BY_PHONE, **BY_WECHAT, "answer_by": "sms"})
    await street.news(story)
    await street.later(timedelta(hours=1))
    _, silent = await street.reported({})
    await street.news(silent)

    [line] = await street.log(DUTY[0], story)
    assert (line["recipient"], line["kind"], line["channel"], line["state"]) == (
        "reporter", "answer.accepted", "sms_aliyun", "accepted"
    )  # fmt: skip
    attempts = line["attempts"]
    assert isinstance(attempts, list)
    assert [each["code"] for each in attempts] == ["http_503", "0"]
    [page] = await street.log(DUTY[0], silent)
    assert (page["channel"], page["state"], page["attempts"]) == ("progress_page", "page_only", [])
    for hidden in (PHONE, OPENID, "欧阳晓明", str(story.open_case.reporters[0].ref), story.open_case.report_id):
        assert hidden not in repr(line)


async def test_whoever_may_not_read_the_case_does_not_learn_how_its_reporter_was_told(street: Street) -> None:
    _, story = await street.reported(BY_PHONE)
    await street.news(story)

    answer = await street.office.get("p-nobody", f"/api/deliveries?case={story.open_case.case_id}")

    assert answer.status_code == 404


async def test_no_number_and_no_openid_is_anywhere_in_notify_its_log_or_a_topic(
    street: Street, caplog: pytest.LogCaptureFixture
) -> None:
    """Mechanics 29: kept in memory only. Also where a sender is at fault and says the number in its error."""
    caplog.set_level("DEBUG")
    street.sms.says = [ValueError(f"cannot send to {PHONE}"), Said("refused", "isv.X")]
    street.wechat.says = [RuntimeError(f"openid {OPENID}"), Said("retry", "timeout")]
    _, story = await street.reported({**BY_PHONE, **BY_WECHAT})
    closed(story)
    await street.news(story)
    for _ in range(8):
        await street.later(timedelta(hours=2))
    await street.office.notify.measure()

    assert len(street.sms.sent) + len(street.wechat.sent) >= 4
    database = street.office.notify.database
    kept = [repr(each) for name in await database.list_collection_names() async for each in database[name].find()]
    topics = [
        repr(each)
        for topic in ("shaoyin.deliveries.v1", CASES.name)
        for each in await on_topic(street.office.bus, topic)
    ]
    numbers = (await street.office.http.get("/metrics")).text
    seen = "\n".join([*kept, *topics, caplog.text, numbers])
    assert "ValueError" in caplog.text, "the fault itself is told"
    for hidden in (PHONE, OPENID, "欧阳晓明"):
        assert hidden not in seen


async def test_a_second_provider_takes_over_where_the_first_has_no_key(
    mongo_url: str, mongo_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Provider("sms_aliyun", [Said("bad_key", "InvalidAccessKeyId")]), Provider("sms_tencent")
    async with a_street(mongo_url, mongo_name, tmp_path, monkeypatch, first, second) as street:
        _, story = await street.reported(BY_PHONE)
        await street.news(story)

    assert (first.addresses, second.addresses) == ([PHONE], [PHONE])
    assert second.sent[0][0] == first.sent[0][0]


async def test_a_channel_without_our_templates_is_there_for_staff_alone(
    mongo_url: str, mongo_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, ours = Provider("sms_aliyun", template_ids={"alert": "SMS_1"}), Provider("sms_tencent")
    async with a_street(mongo_url, mongo_name, tmp_path, monkeypatch, staff, ours) as street:
        _, story = await street.reported(BY_PHONE)
        await street.news(story)

        assert (staff.sent, ours.addresses) == ([], [PHONE])
        assert [each["channel"] for each in (await street.answer("accepted"))["deliveries"]] == ["sms_tencent"]


async def test_where_no_channel_is_set_up_for_residents_nothing_is_kept(
    mongo_url: str, mongo_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerts = Provider("sms_aliyun", template_ids={"alert": "SMS_1", "digest": "SMS_2"})
    async with a_street(mongo_url, mongo_name, tmp_path, monkeypatch, Provider("wecom_app"), alerts) as street:
        _, story = await street.reported(BY_PHONE)
        await street.news(story)

        assert await street.answers() == []
        assert street.wire.calls == []
