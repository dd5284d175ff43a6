"""X9: "my upstairs neighbour charges an e-bike by wire, don't tell her": the handler learns place and matter only."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from deploy.local import Engines
from deploy.story import CENTRE, DUTY, GRID_LEAD, Json, Town
from services.intake.hide_flats import hide_flats
from tests.flow.told import clocks, everything, granted, in_state, local
from tests.running import Program

pytestmark = pytest.mark.engines


def said_in(text: str, word: str) -> bool:
    """As a word or number of its own: the same digits within a longer random id or a packed page say nothing."""
    return re.search(rf"(?<![0-9A-Za-z+/]){re.escape(word)}(?![0-9A-Za-z+/])", text) is not None


FIRM, FIRM_HEAD, OFFICER, GRID_LEAD_2 = "p-geng-1", "p-geng-3", "p-ren-1", "p-yi-2"
NAME, PHONE, FLAT = "尉迟示例芳", "13900005566", "2501"
REPORT: Json = {
    "category": "CHG.flying_wire", "place": {"building": "kangning-b5", "text": f"2单元{FLAT}室窗外"},
    "description": f"楼上拉线给电动车充电,线从我家2单元{FLAT}室窗前过。我是{NAME},电话{PHONE},不要告诉她",
    "reporter": {"name": NAME, "phone": PHONE, "secrecy": "confidential"},
}  # fmt: skip


@pytest.fixture(scope="module")
def told(here: Town) -> tuple[str, Json]:
    """The report and its case; every test of this page looks at the same one."""
    here.next_working_morning()
    code = here.report(**REPORT)["query_code"]
    return code, here.opened(code)


def test_the_wire_goes_to_the_firm_within_four_hours_and_its_text_hides_the_flat(
    here: Town, told: tuple[str, Json]
) -> None:
    """Row 14."""
    _code, case = told
    explained = here.explanation(FIRM, case["case_id"])
    assert explained["row"] == 53
    assert {each["row"]: each["matched"] for each in explained["rows"]}[23], "the firm's common parts"
    assert (case["urgency"], case["handlers"]["main"]["post"]) == ("urgent", "kangning-property-duty")
    due = {each["clock"]: each for each in explained["clocks"]}
    assert due["result"]["within"] == "4 h"
    assert local(here, due["result"]["due_at"])[-5:] == "13:30"

    seen = here.case(FIRM, case["case_id"])
    assert "2单元【已隐去】室" in seen["description"]
    assert seen["reporters"] == [
        {"reporter_ref": case["reporters"][0]["reporter_ref"], "secrecy": "confidential", "answer": None}
    ]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("5号楼2单元601室", "5号楼2单元【已隐去】室"), ("5-2-601", "5-2-【已隐去】"),
        ("三单元1102", "三单元【已隐去】"),
        ("隔壁302太吵", "隔壁【已隐去】太吵"), ("六〇一室", "【已隐去】室"), ("flat 12B", "flat 【已隐去】"),
        ("51号院3号楼一层,110和119都打过", "51号院3号楼一层,110和119都打过"), ("6月18日起", "6月18日起"),
    ],
)  # fmt: skip
def test_a_flat_is_hidden_and_the_building_its_unit_and_floor_stay(said: str, kept: str) -> None:
    assert hide_flats(said) == kept


def test_a_quarrel_is_confidential_by_default_and_an_open_word_stays_open(here: Town) -> None:
    """Row 17 of routing, which adds its mask to every quarrel; who wants to be known may be."""
    here.next_working_morning()
    quarrel = {"description": "隔壁半夜吵", "category": "DIS.neighbour", "reporter": {"name": NAME, "phone": PHONE}}
    code = here.report(**quarrel, place={"building": "kangning-b4"})["query_code"]
    question = {"description": "我家302室水费怎么查", "category": "CON.consult", "reporter": {"secrecy": "open"}}
    other = here.report(**question, place={"building": "kangning-b4"})["query_code"]

    assert here.progress(code)["secrecy"] == "confidential"
    assert here.opened(code)["reporters"][0]["secrecy"] == "confidential"
    assert "302室" in here.opened(other)["description"]
    granted(here, code, "withdraw")
    granted(here, other, "withdraw")


def test_only_the_call_back_post_learns_whom_to_call_and_it_is_recorded(here: Town, told: tuple[str, Json]) -> None:
    code, _case = told
    report_id = here.progress(code)["report_id"]
    url = f"/api/identities/{report_id}/reads"

    def read(person: str, **body: str) -> int:
        return here.http.post(url, json=body, headers=here._as(person)).status_code

    assert read(FIRM, reason="想当面问") == 403
    assert read(FIRM_HEAD, reason="想当面问") == 403
    assert read(GRID_LEAD_2, reason="路过") == 403
    assert read(GRID_LEAD, reason="别的网格") == 404
    assert read(CENTRE) == 422, "nobody reads without saying why"
    opened = here.http.post(url, json={"reason": f"回访前核对 {PHONE}"}, headers=here._as(CENTRE))
    assert (opened.status_code, opened.json()["name"], opened.json()["phone"]) == (200, NAME, PHONE)
    month = f"{here.now().astimezone(here.pack.zone):%Y-%m}"
    kept = here._ok(here.http.get(f"/api/identities/reads?month={month}", headers=here._as(OFFICER)))["items"]
    mine = [each for each in kept if each["report_id"] == report_id]
    assert [(each["person"], each["post"], each["fields"]) for each in mine] == [
        (CENTRE, "centre", ["name", "phone"])
    ], "a refused look is no read"
    assert PHONE not in mine[0]["reason"]


def test_no_view_topic_or_alert_of_the_case_knows_the_reporter(
    here: Town, told: tuple[str, Json], running: Program, engines_of_the_town: Engines
) -> None:
    """Rows a9, 32, 33."""
    code, case = told
    name = case["case_id"]
    here.soon("the firm's alert", lambda: here.alerts(FIRM, name, "new_case"))
    here.command(FIRM, name, "sign_for")
    here.command(FIRM, name, "start")
    here.command(FIRM, name, "record_temporary_measure", text="已断电、收线")
    here.command(
        FIRM, name, "contact_reporter", outcome="message", at=here.now().isoformat(), note=f"不知道 {PHONE} 是谁",
        message="已经上门劝停并收线。",
    )  # fmt: skip
    here.pass_time(timedelta(hours=1))
    here.command(
        FIRM, name, "submit_result", demand_true=True, solved="solved", work_done="收线,电动车推到充电棚",
        public_reply="飞线已经拆除。",
    )  # fmt: skip
    in_state(here, code, "calling_back")
    call = {"reporter_ref": case["reporters"][0]["reporter_ref"], "outcome": "solved", "note": "说线没有了"}
    here.command(CENTRE, name, "record_call_back", **call)
    in_state(here, code, "closed")
    assert clocks(here.case(DUTY, name))["hazard"]["met_at"] is not None

    staff = (FIRM, FIRM_HEAD, DUTY, GRID_LEAD_2, CENTRE)
    views = [here.case(person, name) for person in (FIRM, DUTY, GRID_LEAD_2, CENTRE)]
    shown = json.dumps([*views, here.explanation(FIRM, name), *map(here.inbox, staff)], ensure_ascii=False)
    stored = everything(here, engines_of_the_town.kafka_address, engines_of_the_town.mongo_url)
    log = running.log.read_text(errors="replace")
    for where, text in {"shown": shown, "stored or on a topic": stored, "logged": log}.items():
        for word in (NAME, PHONE, FLAT):
            assert not said_in(text, word), (where, word)
