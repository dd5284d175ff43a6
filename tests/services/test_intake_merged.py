"""A merged report goes on: its reporter is told what is told of the lead, whatever news comes first."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from shaoyin.adapters.bus import Message
from shaoyin.domain import commands as cmd
from shaoyin.domain.events import CaseContacted, CaseMerged, Reply, ReporterAttached
from shaoyin.domain.report import Report, Request, case_id_of
from tests.domain.town import DUTY
from tests.services.intake_setup import GONE, Routed, Town, a_drain, follow, given, problem, routed, until
from tests.services.intake_setup import town as a_town

FIRST = a_drain(reporter={"phone": "13800138000"})
SECOND = a_drain(category=GONE, reporter={"phone": "13800138001"})


@pytest.fixture
async def town(mongo_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path) as found:
        yield found


async def reported(town: Town, **other: object) -> tuple[str, Report]:
    receipt = await town.taken({**SECOND, **other})
    return receipt["query_code"], await town.travelled(receipt["report_id"])


def merged(lead: Routed, story: Routed) -> None:
    """As the router does it: the reporter is attached to the lead first, then the case is merged (mechanics 4)."""
    for reporter in story.open_case.reporters:
        if lead.open_case.reporter(reporter.ref) is None:
            attached = ReporterAttached(
                at=lead.now, reporter_ref=reporter.ref, secrecy=reporter.secrecy, from_case=story.open_case.case_id
            )
            lead.happen(attached)
    number = lead.open_case.number
    told = (Reply("reply.merged", number),)
    story.happen(CaseMerged(at=story.now, lead=lead.open_case.case_id, lead_number=number, replies=told))


async def two(town: Town) -> tuple[str, Routed, str, Routed]:
    """The lead with its code, and the report merged into it an hour later; intake knows nothing yet."""
    receipt = await town.taken(FIRST)
    lead = routed(await town.travelled(receipt["report_id"]))
    code, report = await reported(town)
    story = routed(report)
    for each in (lead, story):
        each.now += timedelta(hours=1)
    merged(lead, story)
    return receipt["query_code"], lead, code, story


def texts(progress: Mapping[str, object], name: str) -> str:
    lines = progress[name]
    assert isinstance(lines, list)
    return "\n".join(each["text"] for each in lines)


def message(story: Routed, words: str, to: str | None) -> None:
    story.happen(
        CaseContacted(
            at=story.now, outcome="message", contacted_at=story.now, met=True, note="",
            replies=(Reply("reply.message", words, to),),
        )
    )  # fmt: skip


async def test_a_merged_report_shows_the_leads_state_unit_date_and_number(town: Town) -> None:
    """Row 11."""
    lead_code, lead, code, story = await two(town)
    await town.told([*lead.news, *story.news])

    progress, of_lead = await town.progress(code), await town.progress(lead_code)

    assert progress["state"] == of_lead["state"] == "dispatched"
    assert progress["merged_into"] == {"number": "N1"}
    assert (progress["number"], of_lead["merged_into"]) == (None, None)
    for name in ("responsible", "due_at", "state_text"):
        assert progress[name] == of_lead[name], name
    assert "您反映的和编号N1是同一件事" in texts(progress, "replies")
    assert "按规则第36行" in str(progress["why"])


async def test_a_merged_reporter_is_told_what_all_are_told_and_what_is_said_to_him_alone(town: Town) -> None:
    """Decision 1.34, and the table of replies: again when the lead ends."""
    lead_code, lead, code, story = await two(town)
    mine, first = story.open_case.reporters[0].ref, lead.open_case.reporters[0].ref
    message(lead, "大家好", None)
    message(lead, "给第二位", mine)
    message(lead, "给第一位", first)
    await town.told([*lead.news, *story.news])

    told, told_first = texts(await town.progress(code), "replies"), texts(await town.progress(lead_code), "replies")

    assert "大家好" in told
    assert "给第二位" in told
    assert "给第一位" not in told
    assert "已受理" not in told, "that was said before this report joined"
    assert "给第二位" not in told_first
    assert "给第一位" in told_first


async def test_news_of_a_merger_in_any_order_and_twice_reads_the_same(town: Town) -> None:
    """Mechanics 1: a gap is never waited for."""
    seen = []
    for seed in range(6):
        _, lead, code, story = await two(town)
        message(lead, "大家好", None)
        lead.give(DUTY, cmd.SignFor)
        news: list[Message] = [*lead.news, *story.news]
        if seed:
            news = [*news, *news]
            random.Random(seed).shuffle(news)
        for each in news:
            await town.told([each])
        progress = await town.progress(code)
        seen.append({name: progress[name] for name in ("state", "replies", "timeline", "due_at", "merged_into", "may")})

    assert all(each == seen[0] for each in seen)
    assert seen[0]["state"] == "signed"


async def test_a_report_merged_into_a_case_that_staff_found_is_followed_all_the_same(town: Town) -> None:
    """The lead has no report here: a patrol opened it."""
    code, report = await reported(town)
    found = routed(Report("rpatrol", "wulibao", report.pack_version, "井盖", report.place, report.received_at,
                          category="WAT.sewer_blocked", origin="discovered", channel="patrol"))  # fmt: skip
    story = routed(report)
    story.now = found.now = found.now + timedelta(minutes=5)
    merged(found, story)
    message(found, "已派人", None)
    await town.told([*reversed(found.news), *story.news])

    progress = await town.progress(code)

    assert progress["state"] == found.open_case.state
    assert "已派人" in texts(progress, "replies")


async def test_a_merger_into_a_merged_case_leads_to_the_last_lead(town: Town) -> None:
    """Decision 1.34."""
    _, lead, code, story = await two(town)
    last_code, report = await reported(town, reporter={"phone": "13800138002"}, category="WAT.sewer_blocked")
    last = routed(report)
    last.now = lead.now = lead.now + timedelta(hours=1)
    merged(last, lead)
    last.give(DUTY, cmd.SignFor)
    message(last, "都在这里办", None)
    news = [*last.news, *lead.news, *story.news]
    random.Random(3).shuffle(news)
    await town.told(news)

    progress = await town.progress(code)

    assert progress["state"] == (await town.progress(last_code))["state"] == "signed"
    assert "都在这里办" in texts(progress, "replies")


async def test_a_merged_reporter_asks_of_the_lead_and_is_answered(town: Town) -> None:
    """Decision 1.11: each of several reporters may urge, rate and take up again."""
    _, lead, code, story = await two(town)
    await follow(town, lead)
    await follow(town, story)
    assert (await town.progress(code))["may"] == ["withdraw", "urge", "secrecy"]

    answer = await town.asks(code, "urge", {"text": "还没好"})

    assert answer.status_code == 202
    request = await town.next_request()
    assert (request.report_id, request.reporter_ref) == (lead.open_case.report_id, story.open_case.reporters[0].ref)
    lead.hear(request)
    await follow(town, lead)
    requests = (await town.progress(code))["requests"]
    assert isinstance(requests, list)
    assert [each["state"] for each in requests] == ["accepted"]
    assert problem(await town.asks(code, "urge", {}))[:2] == (409, "not_now")


async def test_one_of_several_who_withdraws_is_out_and_the_others_go_on(town: Town) -> None:
    """Decision 1.11."""
    lead_code, lead, code, story = await two(town)
    await town.told([*lead.news, *story.news])
    lead.news.clear()
    await town.asks(code, "withdraw", {})
    lead.hear(await town.next_request())
    await follow(town, lead)
    await given(town, lead, DUTY, cmd.SignFor)

    assert (await town.progress(code))["state"] == "withdrawn"
    of_lead = await town.progress(lead_code)
    assert of_lead["state"] == "signed"
    assert "退出" not in texts(of_lead, "replies") + texts(of_lead, "timeline")


async def test_until_the_lead_is_heard_of_a_merged_report_says_only_that(town: Town) -> None:
    lead_code, lead, code, story = await two(town)
    await follow(town, story)

    progress = await town.progress(code)
    assert (progress["state"], progress["merged_into"]) == ("merged", {"number": "N1"})
    assert (progress["responsible"], progress["may"]) == (None, [])

    attached = lead.news.pop()
    await follow(town, lead)
    assert (await town.progress(code))["may"] == [], "the lead does not know its reporter yet"
    assert (await town.asks(code, "urge", {})).json()["rule"] == "not_a_reporter"
    await town.told([attached])
    assert (await town.progress(code))["state"] == (await town.progress(lead_code))["state"]
    assert "urge" in (await town.progress(code))["may"]  # type: ignore[operator]  # a list


async def test_either_word_of_a_merger_is_enough(town: Town) -> None:
    """A second report of a reporter whom the lead has already brings no attaching; or the other word is late."""
    _, lead, code, _ = await two(town)
    await follow(town, lead)
    assert (await town.progress(code))["state"] == "dispatched", "the lead's word alone"

    receipt = await town.taken(FIRST)
    again = routed(await town.travelled(receipt["report_id"]))
    assert lead.open_case.reporter(again.open_case.reporters[0].ref) is not None
    merged(lead, again)
    assert lead.news == []
    await follow(town, again)
    assert (await town.progress(receipt["query_code"]))["state"] == "dispatched", "the merged case's word alone"


async def test_a_request_that_was_sent_before_the_merger_is_answered_by_the_merged_case(town: Town) -> None:
    code, report = await reported(town)
    story = routed(report)
    await follow(town, story)
    await town.asks(code, "urge", {})
    request: Request = await town.next_request()
    assert request.report_id == story.open_case.report_id

    receipt = await town.taken(FIRST)
    lead = routed(await town.travelled(receipt["report_id"]))
    merged(lead, story)
    story.hear(request)
    await town.told([*lead.news, *story.news])

    requests = (await town.progress(code))["requests"]
    assert isinstance(requests, list)
    assert [each["state"] for each in requests] == ["refused"]
    assert case_id_of(report.report_id) == story.open_case.case_id

    async def nothing() -> bool:
        return town.intake.publisher.waiting == 0

    await until(nothing)
