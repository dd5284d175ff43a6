"""X2: no lamp in a lane, a child fell again; told at the service desk, and the reporter is answered three times.

The pack has no zone of detached houses; nearest is the micro-grid of houses along the street, which nobody manages.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from deploy.story import CENTRE, CREW, DUTY, GRID_LEAD, SECRETARY, Json, Town, whistle
from tests.flow.told import clocks, in_state, local, on_day, replied, reported, told_dates

pytestmark = pytest.mark.engines
DESK, BRANCH, LANE = "p-jia-6", "p-xin-1", "wls-micro-1-3"
DAY = "2026-09-09"


def test_a_lane_without_lamps_goes_to_the_branch_more_urgently_because_a_child_fell(here: Town) -> None:
    """Rows 2, 13, 14, 29, 30, 33.

    Decision 1.45.
    """
    on_day(here, DAY)
    code = walked_in(here)
    case = here.opened(code)
    name = case["case_id"]

    assert (case["state"], case["urgency"], case["channel"]) == ("dispatched", "urgent", "service_post")
    assert case["handlers"]["main"]["post"] == "branch-secretary"
    assert [each["post"] for each in case["handlers"]["co"]] == ["duty"]
    explained(here, name)
    looked_at(here, case)
    planned(here, name)
    lit(here, name)
    in_state(here, code, "calling_back")
    here.command(
        CENTRE, name, "record_call_back", reporter_ref=case["reporters"][0]["reporter_ref"], outcome="solved",
        satisfaction="satisfied", note="电话里说巷子亮了",
    )  # fmt: skip
    in_state(here, code, "closed")
    texts = replied(here, code, "路灯已经装好")
    answers = [each for each in texts if any(said in each for said in ("已到巷子", "方案定了", "路灯已经装好"))]
    assert len(answers) == 3, texts


def walked_in(here: Town) -> str:
    """The desk tells the matter for somebody who has no account and no phone at hand."""
    refused = here.http.post(
        "/api/reports", json={"community": "wulibao", **LAMP, "channel": "service_post", "on_behalf": True}
    )
    assert refused.status_code == 401
    return reported(here, DESK, **LAMP, channel="service_post", on_behalf=True)


def test_what_is_told_at_the_desk_without_a_place_becomes_a_case_of_the_desk_s_area(here: Town) -> None:
    """Row 2. Rule 22."""
    here.next_working_morning()
    said: Json = {"description": "下水道堵了", "category": "WAT.sewer_blocked", "channel": "service_post"}
    case = here.opened(reported(here, DESK, **said))
    told = here.explanation(DUTY, case["case_id"])

    assert (told["row"], told["place"]) == (
        22,
        {"area": "wulibao-south", "how": "service_post", "seen": "service-desk"},
    )
    assert case["handlers"]["main"]["post"] == "duty"


LAMP: Json = {
    "description": "巷子里没有路灯,孩子又摔了一跤", "category": "LIG.no_lamp", "place": {"area": LANE},
    "answers": {"somebody_hurt": "past"}, "reporter": {"name": "欧阳示例娜", "phone": "13900004321"},
}  # fmt: skip


def explained(here: Town, name: str) -> None:
    """Row 42 decides, row 2 adds; the dates are those of an urgent matter (30 d is shortened to 24 h)."""
    told = here.explanation(DUTY, name)
    assert (told["row"], told["added_rows"], told["place"]["area"]) == (42, [2, 42], LANE)
    rows = {each["row"]: each for each in told["rows"]}
    assert rows[2]["matched"]
    assert rows[42]["matched"]
    assert not rows[25]["matched"], "nobody said how the houses are managed"
    due = {each["clock"]: (each["within"], local(here, each["due_at"])) for each in told["clocks"]}
    assert due["result"] == ("24 h", "2026-09-10 09:30")
    assert due["first_step"] == ("2 wd", "2026-09-11 18:00")
    assert due["sign"] == ("1 h", "2026-09-09 10:30")
    assert due["contact"] == ("2 h", "2026-09-09 11:30")


def looked_at(here: Town, case: Json) -> None:
    """The branch goes and looks; what it found is written to the reporter through the centre's relay."""
    name = case["case_id"]
    here.command(BRANCH, name, "sign_for")
    here.command(BRANCH, name, "start")
    here.pass_time(timedelta(minutes=40))
    here.command(
        BRANCH, name, "contact_reporter", outcome="message", at=here.now().isoformat(), note="现场看过",
        message="我们已到巷子里看过:三处最暗,先挂两盏临时灯。",
    )  # fmt: skip
    assert clocks(here.case(DUTY, name))["contact"]["met_at"] is not None
    assert [each["within"] for each in told_dates(here, DUTY, name, "first_step")] == ["2 wd", "5 wd"]
    assert clocks(here.case(DUTY, name))["first_step"]["met_at"] is None, "the look is over, now the plan is due"


def planned(here: Town, name: str) -> None:
    """The plan is agreed on the spot with the crew; that is the first step."""
    asked = here.command(
        DUTY, name, "request_whistle", type="partner_unit_whistle", tier="member", task="看现场,定立杆位置和接电方案",
        responders=["municipal-duty"],
    )  # fmt: skip
    called = whistle(asked, "partner_unit_whistle")["whistle_id"]
    here.command(
        SECRETARY, name, "approve_whistle", whistle_id=called, at=(here.now() + timedelta(hours=2)).isoformat()
    )
    here.command(CREW, name, "acknowledge", whistle_id=called)
    here.pass_time(timedelta(hours=2))
    here.command(CREW, name, "arrive", whistle_id=called, at=here.now().isoformat(), where="site", headcount=2)
    task = {"text": "立杆三处,接院内电源", "due": (here.now() + timedelta(hours=3)).isoformat(), "owner": "电工班"}
    here.command(CREW, name, "agree_plan", whistle_id=called, tasks=[task])
    assert clocks(here.case(DUTY, name))["first_step"]["met_at"] is not None
    here.command(
        BRANCH, name, "contact_reporter", outcome="message", at=here.now().isoformat(), note="告知方案",
        message="方案定了:立杆三处,费用由街道和共建单位分担。",
    )  # fmt: skip
    here.pass_time(timedelta(hours=3))
    here.command(CREW, name, "submit_response", whistle_id=called, text="三盏灯已装好", tasks_done=[0])
    marks = [{"responder": "municipal-duty", "promptness": 5, "attendance": 5, "quality": 5}]
    here.command(DUTY, name, "rate_whistle", whistle_id=called, ratings=marks)
    here.command(DUTY, name, "close_whistle", whistle_id=called)


def lit(here: Town, name: str) -> None:
    here.command(
        BRANCH, name, "submit_result", demand_true=True, solved="solved", work_done="立杆三处,夜间测试亮度合格",
        public_reply="路灯已经装好,今晚起天黑自动亮。", why_no_photo="夜间效果不便拍照",
    )  # fmt: skip
    here.command(GRID_LEAD, name, "pass_check")
    assert told_dates(here, DUTY, name, "call_back")[0]["within"] == "1 wd"
