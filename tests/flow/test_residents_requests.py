"""What residents may ask of their own report, each over HTTP: asked by the query code, answered in the progress."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pymongo import MongoClient

from deploy.local import Engines
from deploy.story import CENTRE, DEPUTY, DUTY, Json, Town
from tests.flow.told import at_triage, clocks, everything, granted, in_state, local, replied, told_dates, wish
from tests.running import Program

pytestmark = pytest.mark.engines
QUESTION: Json = {"description": "垃圾分类点几点开门", "category": "CON.consult"}
NAME, PHONE = "司徒示例云", "13900007788"


def asked_in(here: Town, area: str, **more: object) -> tuple[str, Json]:
    """A question answered by the community: no check, called back by the street centre."""
    here.next_working_morning()
    code = here.report(**QUESTION, place={"area": area}, **more)["query_code"]
    return code, here.opened(code)


def answered_by_duty(here: Town, name: str) -> None:
    here.command(DUTY, name, "sign_for")
    here.command(DUTY, name, "start")
    here.command(
        DUTY, name, "submit_result", demand_true=True, solved="solved", work_done="核对了开放时间",
        public_reply="分类点每天六点半到九点、十七点到二十点开门。",
    )  # fmt: skip


def test_what_was_asked_is_supplied_and_the_reply_clock_goes_on_where_it_stopped(here: Town) -> None:
    """Rows 4, 5, 13, 14.

    Decision 1.9.
    """
    morning = here.next_working_morning()
    code = here.report(description="这里有点问题", place={"area": "school-block"})["query_code"]
    case = at_triage(here, code)
    name = case["case_id"]
    assert wish(here, code, "info", text="没人问我").json()["rule"] == "nothing_asked"
    here.pass_time(timedelta(hours=1))
    here.command(DUTY, name, "ask_info", question="是什么问题?在几楼?")

    progress = in_state(here, code, "needs_info")
    assert progress["question"]["text"] == "是什么问题?在几楼?"
    assert "info" in progress["may"]
    here.pass_time(timedelta(hours=1))
    granted(here, code, "info", text="三楼楼道灯不亮", place={"building": "school-block"})

    supplied = here.case(DUTY, name)
    first, resumed = told_dates(here, DUTY, name, "reply")
    assert supplied["state"] == "reported"
    assert supplied["area"] == "school-block"
    assert local(here, first["due_at"]) < local(here, resumed["due_at"])
    assert resumed["from"] == supplied["timeline"][-1]["at"]
    assert first["from"] == morning.isoformat().replace("+00:00", "Z")
    here.command(DUTY, name, "accept", category="LIG.corridor_light", area="school-block", urgency="normal")
    here.command(DUTY, name, "dispatch")
    assert in_state(here, code, "dispatched")["due_at"] is not None
    granted(here, code, "withdraw")


def test_urging_is_heard_once_a_local_day_and_again_the_next(here: Town) -> None:
    """Row 41.

    Decision 1.27.
    """
    code, case = asked_in(here, "courtyard-51-b1")
    granted(here, code, "urge", text="等着用")
    second = wish(here, code, "urge")
    assert (second.status_code, second.json()["rule"]) == (409, "urged_today")
    assert here.soon("the handler's alert", lambda: here.alerts(DUTY, case["case_id"], "urged"))
    here.pass_time(timedelta(days=1))
    granted(here, code, "urge")
    granted(here, code, "withdraw")


def test_a_partly_solved_rating_waits_for_the_call_back_post_and_its_plan(here: Town) -> None:
    """Rows a10, 32, 33.

    Decision 1.13.
    """
    code, case = asked_in(here, "courtyard-51-b2")
    name = case["case_id"]
    assert wish(here, code, "rating", solved="solved").json()["rule"] == "rating_not_now"
    answered_by_duty(here, name)
    in_state(here, code, "calling_back")
    granted(here, code, "rating", solved="partly_solved", satisfaction="dissatisfied", text="周末呢")

    here.soon("the call-back post's alert", lambda: here.alerts(CENTRE, name, "rated"))
    assert here.case(DUTY, name)["state"] == "calling_back"
    call = {"reporter_ref": case["reporters"][0]["reporter_ref"], "outcome": "partly_solved", "note": "解释了周末安排"}
    closed = here.command(CENTRE, name, "record_call_back", **call, plan="下周起周末加开一小时")
    assert closed["outcome"] == "partly_solved"


def test_a_closed_matter_is_reopened_once_by_its_reporter_with_the_whole_time_again(here: Town) -> None:
    """Row 37.

    Decision 1.18.
    """
    code, case = asked_in(here, "courtyard-51-b3")
    name = case["case_id"]
    assert wish(here, code, "reopen", reason="太慢").json()["rule"] == "not_closed"
    answered_by_duty(here, name)
    in_state(here, code, "calling_back")
    granted(here, code, "rating", solved="solved", satisfaction="satisfied")
    in_state(here, code, "closed")
    here.pass_time(timedelta(days=1))
    granted(here, code, "reopen", reason="时间又改了,没有人通知")

    again = here.case(DUTY, name)
    assert (again["state"], again["owner"]["post"]) == ("in_progress", "duty")
    assert [each["within"] for each in told_dates(here, DUTY, name, "result")] == ["3 wd", "3 wd"]
    assert clocks(again)["result"]["met_at"] is None
    here.command(
        DUTY, name, "submit_result", demand_true=True, solved="solved", work_done="贴了新时间表",
        public_reply="新的开放时间已经贴在院门口。",
    )  # fmt: skip
    in_state(here, code, "calling_back")
    granted(here, code, "rating", solved="solved")
    in_state(here, code, "closed")
    assert wish(here, code, "reopen", reason="再来").json()["rule"] == "already_reopened"


def test_a_report_is_taken_back_and_nothing_can_be_asked_of_it_afterwards(here: Town) -> None:
    """Row 39."""
    code, case = asked_in(here, "courtyard-51-b4")
    granted(here, code, "withdraw", reason="问到了")

    progress = in_state(here, code, "withdrawn")
    assert (progress["responsible"], progress["due_at"], progress["may"]) == (None, None, [])
    assert wish(here, code, "urge").json()["rule"] == "already_ended"
    over = here.case(DUTY, case["case_id"])
    assert {each["overdue"] for each in over["clocks"]} == {False}
    assert here.soon("the handler's alert", lambda: here.alerts(DUTY, case["case_id"], "withdrawn"))


def test_a_refusal_is_disputed_once_and_looked_at_by_somebody_above(here: Town) -> None:
    """Rows 12, a2.

    Decision 1.30.
    """
    here.next_working_morning()
    code = here.report(description="楼上不让我养花", place={"building": "road-45"})["query_code"]
    name = at_triage(here, code)["case_id"]
    ground = {"ground": "not_a_government_matter", "public_reply": "养花是邻里自己的事。"}
    here.command(DUTY, name, "refuse", **ground, where_instead="可以找楼栋长说和。")
    assert "楼栋长说和" in " ".join(replied(here, code, "楼栋长说和"))
    in_state(here, code, "not_accepted")
    granted(here, code, "dispute", text="花盆放在消防通道上,有危险")

    again = here.case(DUTY, name)
    assert (again["state"], again["owner"]["post"]) == ("reported", "street-deputy")
    assert here.soon("the deputy's alert", lambda: here.alerts(DEPUTY, name, "refusal_disputed"))
    refused = here.try_command(DUTY, name, "refuse", **ground, where_instead="同上")
    assert refused.status_code == 409, "the same post may not refuse twice"
    here.command(CENTRE, name, "accept", category="CON.suggestion", area="road-45", urgency="normal")
    here.command(CENTRE, name, "dispatch")
    in_state(here, code, "dispatched")
    assert wish(here, code, "dispute", text="还有").json()["rule"] == "already_disputed"
    granted(here, code, "withdraw")


def test_who_becomes_anonymous_is_erased_at_once_and_answered_by_the_code(
    here: Town, running: Program, engines_of_the_town: Engines
) -> None:
    """Row a18.

    Decision 1.41.
    """
    code, case = asked_in(here, "courtyard-63-b1", reporter={"name": NAME, "phone": PHONE, "secrecy": "open"})
    report_id = here.progress(code)["report_id"]
    url, headers = f"/api/identities/{report_id}/reads", here._as(CENTRE)
    known = here.http.post(url, json={"reason": "回访核对"}, headers=headers)
    assert (known.json()["name"], known.json()["phone"]) == (NAME, PHONE)
    assert in_the_vault(engines_of_the_town, running, report_id) == 1

    granted(here, code, "secrecy", secrecy="confidential")
    assert here.http.post(url, json={"reason": "回访"}, headers=headers).json()["phone"] == PHONE
    granted(here, code, "secrecy", secrecy="anonymous")

    gone = here.http.post(url, json={"reason": "回访"}, headers=headers)
    assert (gone.status_code, gone.json()["code"]) == (404, "identity_not_kept")
    assert in_the_vault(engines_of_the_town, running, report_id) == 0
    assert here.case(DUTY, case["case_id"])["reporters"][0]["secrecy"] == "anonymous"
    assert wish(here, code, "secrecy", secrecy="confidential").json()["rule"] == "secrecy_only_up"
    stored = everything(here, engines_of_the_town.kafka_address, engines_of_the_town.mongo_url)
    assert NAME not in stored
    assert PHONE not in stored
    answered_by_duty(here, case["case_id"])
    in_state(here, code, "calling_back")
    granted(here, code, "rating", solved="solved")
    in_state(here, code, "closed")


def in_the_vault(engines: Engines, running: Program, report_id: str) -> int:
    """How many sealed identities there are of a report."""
    client: MongoClient[dict[str, object]] = MongoClient(engines.mongo_url)
    try:
        prefix = running.environment["SHAOYIN_DATABASE_PREFIX"]
        return client[f"{prefix}_intake"]["vault"].count_documents({"report_id": report_id})
    finally:
        client.close()
