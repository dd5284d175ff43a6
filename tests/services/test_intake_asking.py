"""What a reporter may ask of a matter: offered and refused by one rule, kept, sent, and answered in the progress."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.report import PlaceGiven
from tests.domain.town import CENTRE, DUTY
from tests.services.intake_setup import (
    GONE,
    Body,
    Routed,
    Town,
    a_case,
    a_drain,
    follow,
    given,
    heard,
    problem,
    routed,
    until,
    with_a_result,
)
from tests.services.intake_setup import town as a_town

NAME, PHONE = "欧阳晓明", "13800138000"
NAMED = a_drain(reporter={"name": NAME, "phone": PHONE})
UNSORTED = a_drain(category=GONE, reporter={"name": NAME, "phone": PHONE})
WASTE = a_drain(category="SAN.exposed_waste", description="垃圾没人清", reporter={"name": NAME, "phone": PHONE})
EVERYTHING: dict[str, Body] = {
    "info": {"text": "三楼漏下来的"},
    "rating": {"solved": "solved"},
    "reopen": {"reason": "又堵了"},
    "withdraw": {},
    "urge": {},
    "dispute": {"text": "明明归社区管"},
    "secrecy": {"secrecy": "anonymous"},
}
"""A body that would do for each wish."""


@pytest.fixture
async def town(mongo_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path) as found:
        yield found


async def refused_case(town: Town) -> tuple[str, Routed]:
    code, story = await a_case(town, UNSORTED)
    await given(
        town, story, DUTY, cmd.Refuse, ground="not_ours", public_reply="这是业主的事。", where_instead="请找业委会。"
    )
    assert story.open_case.state == "not_accepted"
    return code, story


async def closed_case(town: Town) -> tuple[str, Routed]:
    receipt = await town.taken(WASTE)
    story = await with_a_result(town, receipt["report_id"])
    story.rated_elsewhere("solved")
    await follow(town, story)
    assert story.open_case.state == "closed"
    return receipt["query_code"], story


async def may(town: Town, code: str) -> list[str]:
    found = (await town.progress(code))["may"]
    assert isinstance(found, list)
    return found


async def answers(town: Town, code: str, language: str = "zh-CN") -> list[tuple[str, str, str]]:
    found = (await town.progress(code, language))["requests"]
    assert isinstance(found, list)
    return [(each["asked"], each["state"], each["text"]) for each in found]


async def rule(town: Town, code: str, wish: str, body: Body | None = None) -> str:
    """The rule under which it is refused at once; nothing was kept or sent."""
    before = await town.collection("requests").count_documents({})
    answer = await town.asks(code, wish, EVERYTHING[wish] if body is None else body)
    assert problem(answer)[:2] == (409, "not_now"), wish
    assert await town.collection("requests").count_documents({}) == before
    return str(answer.json()["rule"])


async def test_what_was_asked_is_shown_answered_and_goes_on(town: Town) -> None:
    """Row 5."""
    code, story = await a_case(town, UNSORTED)
    await given(town, story, DUTY, cmd.AskInfo, question="是哪一家漏的？")
    progress = await town.progress(code)
    assert (progress["state"], progress["due_at"]) == ("needs_info", None)
    assert progress["question"] == {"text": "是哪一家漏的？", "answer_by": "2026-09-17T18:00:00+08:00"}
    assert "info" in await may(town, code)

    answer = await town.asks(
        code, "info",
        {"text": f"302，我是{NAME}，{PHONE}", "answers": {"inside_flat": True},
         "place": {"building": "courtyard-51-b2", "text": f"{NAME}家门口"}},
    )  # fmt: skip

    assert answer.status_code == 202
    assert "info" not in await may(town, code), "it is being answered"
    request = await heard(town, story)
    assert (request.request_id, request.asked, request.answers) == (
        answer.json()["request_id"], "info", {"inside_flat": True},
    )  # fmt: skip
    assert (request.text, request.place) == (
        "302，我是【已隐去】，【已隐去】", PlaceGiven(building="courtyard-51-b2", text="【已隐去】家门口"),
    )  # fmt: skip
    assert story.open_case.state == "reported"
    assert [each[:2] for each in await answers(town, code)] == [("info", "accepted")]
    assert (await town.progress(code))["question"] is None


async def test_an_answer_that_nobody_waits_for_is_refused(town: Town) -> None:
    """Row 5."""
    code, story = await a_case(town, UNSORTED)
    assert await rule(town, code, "info") == "nothing_asked"
    await given(town, story, DUTY, cmd.AskInfo, question="是哪一家漏的？")
    town.clock.forward(timedelta(days=3, hours=9))

    assert await rule(town, code, "info") == "info_wait_over"
    assert "info" not in await may(town, code)


async def test_an_answer_the_pack_does_not_know_is_refused_with_its_field(town: Town) -> None:
    code, story = await a_case(town, UNSORTED)
    await given(town, story, DUTY, cmd.AskInfo, question="是哪一家漏的？")

    body: Body = {"text": "x", "answers": {"colour": "red"}, "place": {"building": "atlantis"}}
    answer = await town.asks(code, "info", body)

    assert problem(answer)[2] == [("answers.colour", "unknown_question"), ("place.building", "unknown_place")]


async def test_urging_is_possible_once_a_local_calendar_day(town: Town) -> None:
    """Decision 1.27. Half past nine in the evening and half past midnight are two days."""
    code, story = await a_case(town, NAMED)
    town.clock.forward(timedelta(hours=12))
    assert (await town.asks(code, "urge", {"text": f"请快一点 {PHONE}"})).status_code == 202
    assert await rule(town, code, "urge") == "urged_today"
    assert "urge" not in await may(town, code)
    assert (await heard(town, story)).text == "请快一点 【已隐去】"
    assert await rule(town, code, "urge") == "urged_today"

    town.clock.forward(timedelta(hours=3))

    assert "urge" in await may(town, code)
    assert (await town.asks(code, "urge", {})).status_code == 202


async def test_an_urge_that_was_refused_does_not_count_and_one_at_a_desk_does(town: Town) -> None:
    """Decision 1.27."""
    code, story = await a_case(town, NAMED)
    await town.asks(code, "urge", {})
    request = await town.next_request()
    await town.collection("requests").update_one({"_id": request.request_id}, {"$set": {"state": "refused"}})
    assert "urge" in await may(town, code)

    await given(town, story, DUTY, cmd.Urge, on_behalf=True, reporter_ref=request.reporter_ref)

    assert await rule(town, code, "urge") == "urged_today"


async def test_a_refusal_can_be_disputed_once_and_another_person_looks(town: Town) -> None:
    """Decision 1.30."""
    code, story = await refused_case(town)
    assert await may(town, code) == ["dispute"]
    assert (await town.asks(code, "dispute", {"text": "明明归社区管"})).status_code == 202
    assert await rule(town, code, "dispute") == "already_disputed"

    await heard(town, story)

    progress = await town.progress(code)
    assert progress["state"] == "reported"
    assert progress["responsible"] == {"unit": "五里堡街道办事处"}
    assert await rule(town, code, "dispute") == "already_disputed"


async def test_a_refusal_can_be_disputed_for_fifteen_days_to_the_last_instant(town: Town) -> None:
    """Decision 1.30."""
    code, story = await refused_case(town)
    assert story.open_case.ended_at is not None
    by = story.pack.due(story.open_case.ended_at, story.pack.limit("dispute", "normal")).due_at
    town.clock.forward(by - town.clock.now())
    assert "dispute" in await may(town, code), "at the due instant is in time"

    town.clock.forward(timedelta(milliseconds=1))

    assert await rule(town, code, "dispute") == "too_late"
    assert await may(town, code) == []


async def test_what_was_not_refused_cannot_be_disputed(town: Town) -> None:
    code, _ = await a_case(town, NAMED)

    assert await rule(town, code, "dispute") == "not_refused"


async def test_a_closed_matter_is_taken_up_again_once_for_each_reporter(town: Town) -> None:
    """Decision 1.18."""
    code, story = await closed_case(town)
    assert {"rating", "reopen", "secrecy"} == set(await may(town, code))
    assert (await town.asks(code, "reopen", {"reason": "又堆起来了"})).status_code == 202
    assert await rule(town, code, "reopen") == "already_reopened"
    assert (await heard(town, story)).text == "又堆起来了"
    assert (await town.progress(code))["state"] == "in_progress"
    assert await rule(town, code, "reopen") == "not_closed"


async def test_a_matter_is_taken_up_again_until_the_archive_instant_itself(town: Town) -> None:
    """Decision 1.18."""
    code, story = await closed_case(town)
    town.clock.forward(story.open_case.clocks["archive"].deadline.due_at - town.clock.now())
    assert "reopen" in await may(town, code)

    town.clock.forward(timedelta(milliseconds=1))
    assert await rule(town, code, "reopen") == "too_late"
    story.wait_until(town.clock.now() + timedelta(days=1))
    await follow(town, story)
    assert (await town.progress(code))["state"] == "archived"
    assert await rule(town, code, "reopen") == "too_late"


async def test_what_somebody_at_a_desk_did_for_the_reporter_counts_as_done(town: Town) -> None:
    """Decision 1.45: phone and desk are equal in rights, so also in their limits."""
    closed, story = await closed_case(town)
    ref, case = story.open_case.reporters[0].ref, story.open_case
    reopened = ev.CaseReopened(
        at=story.now, reason="又来了", to="accepted", deadlines=(), owner=case.owner, reporter_ref=ref, on_behalf=True
    )
    story.happen(reopened)
    story.happen(ev.CaseClosed(at=story.now, outcome="solved", deadlines=()))
    await follow(town, story)
    assert await rule(town, closed, "reopen") == "already_reopened"

    refused, other = await refused_case(town)
    ref = other.open_case.reporters[0].ref
    other.happen(ev.RefusalDisputed(at=other.now, text="不对", deadlines=(), reporter_ref=ref, on_behalf=True))
    other.happen(ev.CaseNotAccepted(at=other.now, ground="x"))
    await follow(town, other)
    assert await rule(town, refused, "dispute") == "already_disputed"


async def test_a_report_can_be_taken_back_as_long_as_it_is_open(town: Town) -> None:
    """Row 39."""
    code, story = await a_case(town, UNSORTED)
    assert (await town.asks(code, "withdraw", {"reason": "自己修好了"})).status_code == 202
    assert await rule(town, code, "withdraw") == "already_asked"

    await heard(town, story)

    assert (await town.progress(code))["state"] == "withdrawn"
    for wish in EVERYTHING:
        assert await rule(town, code, wish), "a matter that was taken back is over"


async def test_whoever_leaves_a_danger_is_out_and_hears_no_more_of_it(town: Town) -> None:
    """Decision 1.22."""
    code, story = await a_case(town, a_drain(category="ROA.manhole", description="井盖没了"))
    await town.asks(code, "withdraw", {})
    await heard(town, story)
    assert story.open_case.open

    await given(town, story, DUTY, cmd.SignFor)

    progress = await town.progress(code)
    assert (progress["state"], progress["responsible"], progress["may"]) == ("withdrawn", None, [])
    timeline = progress["timeline"]
    assert isinstance(timeline, list)
    assert timeline[-1]["event"] == "case.reporter_detached"


async def test_secrecy_only_rises(town: Town) -> None:
    """Row a18."""
    code, story = await a_case(town, NAMED)
    assert (await town.asks(code, "secrecy", {"secrecy": "confidential"})).status_code == 202
    assert await rule(town, code, "secrecy", {"secrecy": "confidential"}) == "secrecy_only_up"
    await heard(town, story)
    assert (await town.progress(code))["secrecy"] == "confidential"
    assert "secrecy" in await may(town, code), "it may still become anonymous"
    assert problem(await town.asks(code, "secrecy", {"secrecy": "open"}))[2] == [("secrecy", "wrong_value")]
    assert (await town.asks(code, "secrecy", {"secrecy": "anonymous"})).status_code == 202
    await heard(town, story, 2)
    assert (await town.progress(code))["secrecy"] == "anonymous"
    assert await rule(town, code, "secrecy") == "secrecy_only_up"


async def test_what_may_be_asked_is_what_is_not_refused_in_every_state(town: Town) -> None:
    """Row 41, row 39, row 5, row a2: `may` and the refusal are one rule."""
    unsorted, story = await a_case(town, UNSORTED)
    await given(town, story, DUTY, cmd.AskInfo, question="是哪一家漏的？")
    for code in (unsorted, (await a_case(town, NAMED))[0], (await refused_case(town))[0], (await closed_case(town))[0]):
        offered = await may(town, code)
        for wish, body in EVERYTHING.items():
            answer = await town.asks(code, wish, body)
            assert (answer.status_code == 202) == (wish in offered), (wish, offered, answer.text)


async def test_before_its_case_exists_a_report_can_be_urged_taken_back_and_hidden_and_the_wish_waits(
    town: Town,
) -> None:
    receipt = await town.taken(NAMED)
    code = receipt["query_code"]
    assert await may(town, code) == ["withdraw", "urge", "secrecy"]

    assert (await town.asks(code, "urge", {})).status_code == 202

    assert await answers(town, code) == [("urge", "pending", "已收到，正在办理。")]
    assert await town.asked() == [], "the report is not home"
    await town.told(routed(await town.travelled(receipt["report_id"])).news)
    town.clock.forward(timedelta(minutes=1))
    assert await town.intake.again[1].look(town.clock.now()) == 1
    await town.next_request()


async def test_the_same_key_is_one_request_for_every_wish_and_another_body_is_refused(town: Town) -> None:
    code, _ = await a_case(town, NAMED)
    first = await town.asks(code, "urge", {"text": "快"}, key="k1")
    assert (await town.asks(code, "urge", {"text": "快"}, key="k1")).json() == first.json()
    assert problem(await town.asks(code, "urge", {"text": "慢"}, key="k1"))[:2] == (422, "idempotency_key_reused")
    other = await town.asks(code, "withdraw", {}, key="k1")
    assert other.status_code == 202
    assert other.json() != first.json()
    assert await town.collection("requests").count_documents({}) == 2


WRONG: list[tuple[str, Body, str, str]] = [
    ("info", {}, "text", "missing"),
    ("info", {"text": "x", "photos": ["a"]}, "photos", "unknown_field"),
    ("info", {"text": "x" * 4001}, "text", "too_long"),
    ("reopen", {}, "reason", "missing"),
    ("reopen", {"reason": " "}, "reason", "too_short"),
    ("withdraw", {"text": "x"}, "text", "unknown_field"),
    ("urge", {"text": 5}, "text", "wrong_type"),
    ("dispute", {"text": "x" * 1001}, "text", "too_long"),
    ("secrecy", {}, "secrecy", "missing"),
]


async def test_a_wish_that_is_none_is_refused_with_its_field_in_both_languages(town: Town) -> None:
    code, _ = await a_case(town, NAMED)
    for wish, body, field, wrong in WRONG:
        assert problem(await town.asks(code, wish, body)) == (422, "invalid_fields", [(field, wrong)]), (wish, body)
    english = await town.http.post(f"/api/reports/{code}/reopen", json={}, headers={"Accept-Language": "en"})
    assert english.json()["errors"][0]["text"] == "This field is missing."
    assert (await town.asks(code, "reopen", {})).json()["errors"][0]["text"] == "缺少这一项。"
    assert problem(await town.asks("AAAAAAAAAA", "urge", {}))[:2] == (404, "not_found")


async def test_a_refusal_says_the_rule_in_the_packs_words_and_what_is_possible(town: Town) -> None:
    code, _ = await a_case(town, NAMED)
    await town.asks(code, "urge", {})

    answer = await town.http.post(f"/api/reports/{code}/urge", json={}, headers={"Accept-Language": "en"})

    assert answer.json()["detail"] == "You have urged today; tomorrow you may again."
    assert answer.json()["allowed"] == ["withdraw", "secrecy"]


async def test_what_the_router_refuses_is_told_in_the_words_of_its_code(town: Town) -> None:
    code, story = await a_case(town, NAMED)
    await town.asks(code, "urge", {})
    request = await town.next_request()
    story.ask(cmd.Urge, request.reporter_ref, "q-elsewhere")
    story.hear(request)
    await follow(town, story)

    assert await answers(town, code) == [("urge", "refused", "今天已经催过一次,明天可以再催。")]
    assert (await answers(town, code, "en"))[0][2] == "You have urged today; tomorrow you may again."


async def test_guards_go_by_the_instant_of_asking_not_of_handling(town: Town) -> None:
    """Row 5, mechanics 3: asked in time is in time, however late it is heard."""
    code, story = await a_case(town, UNSORTED)
    await given(town, story, DUTY, cmd.AskInfo, question="是哪一家漏的？")
    asked_at = town.clock.now()
    await town.asks(code, "info", {"text": "三楼"})
    request = await town.next_request()

    town.clock.forward(timedelta(days=10))

    assert request.requested_at == asked_at
    requests = (await town.progress(code))["requests"]
    assert isinstance(requests, list)
    assert requests[0]["at"] == "2026-09-14T09:30:00+08:00"


async def test_a_report_that_ended_in_a_call_keeps_the_number_on_the_screen(town: Town) -> None:
    """Row 3."""
    code, story = await a_case(town, a_drain(answers={"danger": "fire"}))
    assert story.open_case.state == "transferred_out"

    progress = await town.progress(code)

    emergency = progress["emergency"]
    assert isinstance(emergency, list)
    assert [each["number"] for each in emergency] == ["119"]
    assert "请立即拨打119" in str(progress["replies"])
    assert (progress["responsible"], progress["may"]) == (None, [])


async def test_a_report_that_was_handed_on_names_the_receiver_and_the_number_to_follow(town: Town) -> None:
    """Row 40."""
    code, story = await a_case(town, UNSORTED)
    await given(
        town, story, CENTRE, cmd.TransferOut, public_reply="归燃气公司。", receiver="燃气公司", receipt_number="R-17",
        how_to_follow="拨 96777 查询。",
    )  # fmt: skip

    progress = await town.progress(code)

    assert progress["state"] == "transferred_out"
    for said in ("燃气公司", "R-17", "96777"):
        assert said in str(progress["replies"])


async def test_urging_every_day_of_a_long_matter_does_not_use_up_the_other_wishes(town: Town) -> None:
    code, story = await a_case(town, UNSORTED)
    for day in range(25):
        assert (await town.asks(code, "urge", {})).status_code == 202, day
        town.clock.forward(timedelta(days=1))

    assert (await town.asks(code, "withdraw", {})).status_code == 202
    assert len(await answers(town, code)) == 26
    assert story.open_case.open


async def test_a_wish_is_published_under_the_key_of_its_report(town: Town) -> None:
    code, story = await a_case(town, NAMED)
    await town.asks(code, "urge", {})
    await town.next_request()

    keys = {each.key.decode() for each in await town.on_topic() if each.key is not None}

    assert keys == {story.open_case.report_id}


async def test_a_wish_of_which_kafka_knows_nothing_travels_when_it_is_back(town: Town) -> None:
    code, _ = await a_case(town, NAMED)
    town.memory.down = True
    assert (await town.asks(code, "urge", {})).status_code == 202
    town.memory.down = False

    async def there() -> bool:
        return bool(await town.asked())

    await until(there)
