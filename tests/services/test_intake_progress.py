"""Following the cases: lines in the order of the case, the newest state, in the reader's language, for her alone."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from services.intake.lines import SHOWN
from services.intake.words import length, said
from shaoyin.adapters.bus import Message
from shaoyin.adapters.words import LANGUAGES
from shaoyin.contracts.envelope import header_json, write_news
from shaoyin.contracts.topics import CASES
from shaoyin.domain import commands as cmd
from shaoyin.domain.events import EVENTS, CalledBack, Reply
from shaoyin.domain.header import header
from shaoyin.domain.report import Report, case_id_of
from tests.domain.town import DUTY, SECRETARY, members, wulibao
from tests.services.intake_setup import Body, Routed, Town, a_drain, routed, with_a_result
from tests.services.intake_setup import town as a_town


@pytest.fixture(scope="module")
async def town(mongo_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path_factory.mktemp("intake")) as found:
        yield found


async def a_report(town: Town, body: Body | None = None) -> tuple[str, Report]:
    """Its query code, and the report as it travelled."""
    receipt = await town.taken(body or a_drain())
    return receipt["query_code"], await town.travelled(receipt["report_id"])


def texts(progress: Mapping[str, object], name: str = "timeline") -> list[str]:
    lines = progress[name]
    assert isinstance(lines, list)
    return [each["text"] for each in lines]


async def test_a_case_that_was_accepted_and_dispatched_reads_as_one_story(town: Town) -> None:
    code, report = await a_report(town)
    story = routed(report)
    await town.told(story.news)

    progress = await town.progress(code)

    assert (progress["state"], progress["state_text"]) == ("dispatched", "已派给承办单位,等待签收")
    assert progress["number"] == "N1"
    assert progress["responsible"] == {"unit": "五里堡南社区居委会"}
    assert progress["due_at"] == "2026-09-15T09:30:00+08:00"
    assert texts(progress)[0].startswith("我们收到了您的反映")
    assert texts(progress)[1:] == [
        "收到反映:51号院1号楼。",
        "已受理,编号N1,类别“下水道堵塞”。",
        "由五里堡南社区居委会负责,2026年9月15日 09:30前办结。",
    ]
    assert texts(progress, "replies") == [
        "已受理,编号N1。由五里堡南社区居委会负责,最晚2026年9月15日 09:30办结。",
        "您反映的事由五里堡南社区居委会办理,最晚2026年9月15日 09:30办结。",
    ]
    assert str(progress["why"]).startswith(
        "地点按您选的楼栋:51号院1号楼。按规则第36行,由五里堡南社区居委会负责。办结期限24小时"
    )


async def test_the_same_progress_in_english(town: Town) -> None:
    code, report = await a_report(town)
    await town.told(routed(report).news)

    progress = await town.progress(code, "en")

    assert progress["state_text"] == "Assigned, waiting for the unit to sign for it"
    assert progress["responsible"] == {"unit": "Wulibao South residents' committee"}
    assert texts(progress)[-1] == "Wulibao South residents' committee looks after it, due 15 Sep 2026, 09:30."
    assert "24 hours from 14 Sep 2026, 09:30" in str(progress["why"])
    answer = await town.http.get(f"/api/reports/{code}", headers={"Accept-Language": "en"})
    assert (answer.headers["content-language"], answer.headers["cache-control"]) == ("en", "no-store")


def worked_on(report: Report) -> Routed:
    story = routed(report)
    story.now += timedelta(minutes=20)
    story.give(DUTY, cmd.SignFor)
    story.now += timedelta(minutes=20)
    story.give(DUTY, cmd.Start)
    story.give(DUTY, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note="说了安排")
    return story


async def test_news_that_comes_out_of_order_and_twice_reads_the_same(town: Town) -> None:
    seen = []
    for shuffled in (False, True):
        code, report = await a_report(town)
        news = worked_on(report).news
        if shuffled:
            news = [*news, *news]
            random.Random(7).shuffle(news)
        await town.told(news[:3])
        await town.told(news[3:])
        progress = await town.progress(code)
        seen.append({name: progress[name] for name in ("state", "due_at", "timeline", "replies", "responsible", "why")})

    assert seen[0] == seen[1]
    assert seen[0]["state"] == "in_progress"


async def test_an_older_header_that_arrives_late_does_not_bring_an_older_state_back(town: Town) -> None:
    code, report = await a_report(town)
    news = worked_on(report).news

    await town.told(news[-1:])
    assert (await town.progress(code))["state"] == "in_progress"
    await town.told(news[:1])

    progress = await town.progress(code)
    assert progress["state"] == "in_progress"
    assert texts(progress)[1] == "收到反映:51号院1号楼。"


async def test_a_message_nobody_can_read_goes_to_the_dead_letters_and_stops_nothing(town: Town) -> None:
    code, report = await a_report(town)
    news = routed(report).news
    bad = Message(
        CASES.name, b"c1", b"{", (("ce_id", b"c1:1"), ("ce_type", b"case.reported"), ("ce_specversion", b"1.0"))
    )

    await town.told([bad, *news])

    assert (await town.progress(code))["state"] == "dispatched"
    dead = [each for each in await town.on_topic(CASES.dead_letters) if each.key == b"c1"]
    assert [dict(each.headers)["reason"] for each in dead] == [b"not_json"]
    assert [dict(each.headers)["reader"] for each in dead] == [b"intake"]
    assert dead[0].value == b"{"


async def test_news_of_a_case_that_nobody_reported_here_leaves_no_trace(town: Town) -> None:
    _, report = await a_report(town)
    before = await town.collection("reports").count_documents({})

    await town.told(routed(replace(report, report_id="rforeign")).news)

    assert await town.collection("reports").count_documents({}) == before


def called_back(story: Routed, number: int, to: str, words: str) -> Message:
    reply = Reply("reply.message", words, to)
    event = CalledBack(at=story.now, reporter_ref=to, outcome="solved", answered=True, replies=(reply,))
    written = write_news(story.open_case.case_id, number, event, header_json(header(story.open_case, [event])))
    return Message(CASES.name, written.key, written.value, written.headers)


async def test_words_to_another_reporter_of_the_case_are_not_shown(town: Town) -> None:
    code, report = await a_report(town)
    story = routed(report)
    mine = called_back(story, 100, str(report.reporter_ref), "请看楼下 $where {x}")
    await town.told([*story.news, mine, called_back(story, 101, "somebody", "不是给您的")])

    progress = await town.progress(code)

    assert "五里堡南社区居委会给您留言:请看楼下 $where {x}" in texts(progress, "replies")
    assert not any("不是给您的" in each for each in texts(progress, "replies"))
    assert texts(progress).count("已回访反映人。") == 1


async def test_a_case_that_has_ended_has_nobody_responsible_and_nothing_due(town: Town) -> None:
    receipt = await town.taken(a_drain(category="SAN.exposed_waste"))
    story = await with_a_result(town, receipt["report_id"])
    story.rated_elsewhere("solved")
    await town.told(story.news)

    progress = await town.progress(receipt["query_code"])

    assert (progress["state"], progress["responsible"], progress["due_at"]) == ("closed", None, None)
    assert texts(progress)[-1] == "已办结:已解决。"


async def test_a_place_nobody_could_tell_is_shown_in_the_reporters_words_and_triage_is_responsible(town: Town) -> None:
    code, report = await a_report(town, a_drain(place={"text": "桥洞底下"}))
    await town.told(routed(report).news)

    progress = await town.progress(code)

    assert progress["state"] == "reported"
    assert texts(progress)[1] == "收到反映:桥洞底下。"
    assert "说的地点没能认出来" in str(progress["why"])
    assert progress["responsible"] == {"unit": "五里堡南社区居委会"}


async def test_what_a_whistle_called_is_told_by_unit_and_a_member_never_by_name(town: Town) -> None:
    code, report = await a_report(town)
    story = routed(report)
    story.give(DUTY, cmd.SignFor)
    whistle, starts_at = f"{case_id_of(report.report_id)}-w2", story.now + timedelta(hours=3)
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id=whistle, starts_at=starts_at)
    member = members(story.pack)[0]
    story.give((member, None), cmd.Acknowledge, whistle_id=whistle)
    story.give((member, None), cmd.Arrive, whistle_id=whistle, arrived_at=story.now, where="site")
    await town.told(story.news)

    shown = texts(await town.progress(code))

    assert any(each.startswith("已吹哨:") for each in shown)
    assert f"{wulibao().texts['responder.member']['zh-CN']}到场报到。" in shown
    assert member not in str(await town.progress(code))
    document = (await town.intake.reports.by_id([report.report_id]))[report.report_id]
    assert member not in repr(document)


def test_every_kind_of_news_a_resident_sees_has_words_in_both_languages() -> None:
    for kind in EVENTS:
        if kind.type in SHOWN:
            for language in LANGUAGES:
                assert said(wulibao(), f"timeline.{kind.type}", language, {}), kind.type


def test_a_fact_that_is_not_known_is_an_ellipsis_and_a_value_cannot_be_reached_into() -> None:
    pack = replace(wulibao(), texts={"x": {"zh-CN": "{number} {unit.__class__} {{n}}", "en": "{}"}})

    assert said(pack, "x", "zh-CN", {"unit": "u"}) == "… … {n}"
    assert said(pack, "x", "en", {}) == "…"
    assert said(pack, "nothing", "en", {}) is None


def test_lengths_of_time_are_said_as_people_say_them() -> None:
    assert [length(each, "en") for each in ("1 wd", "3 wd", "24 h", "stated")] == [
        "1 working day", "3 working days", "24 hours", "stated",
    ]  # fmt: skip
    assert length("3 wd", "zh-CN") == "3个工作日"
    assert (length("0 wd", "zh-CN"), length("0 wd", "en")) == ("当天", "the same day")
