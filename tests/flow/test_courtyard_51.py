"""Both endings of the story on real Kafka and MongoDB, over HTTP, the clock moved; then: who knows the reporter?"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from deploy.local import Engines
from deploy.story import (
    CENTRE,
    CREW_HEAD,
    DUTY,
    SECRETARY,
    Town,
    ending_in_silence,
    ending_with_an_answer,
    result,
)
from tests.flow.told import clocks, events, everything, granted, opened_by
from tests.running import Program

pytestmark = pytest.mark.engines
GRID_LEAD_3 = "p-yi-3"
DRAIN = {"description": "下水道堵了", "category": "WAT.sewer_blocked"}
NAME, PHONE = "欧阳示例娜", "13900001234"


def test_members_report_in_and_the_resident_is_answered(here: Town) -> None:
    code, case = ending_with_an_answer(here)

    assert case["state"] == "closed"
    assert case["outcome"] == "solved"
    progress = here.progress(code)
    assert "下水道已经疏通" in " ".join(reply["text"] for reply in progress["replies"])
    assert all("—" not in line["text"] and "{" not in line["text"] for line in progress["timeline"])
    assert here.progress(code, "en")["state_text"] != progress["state_text"]


def test_the_other_drains_are_recorded_and_end_with_the_check_because_nobody_is_to_be_called(here: Town) -> None:
    """X1, "derived records for other drains".

    Decision 1.2.
    """
    code = here.report(**DRAIN, place={"building": here.free_building()})["query_code"]
    first = here.opened(code)
    body = {**DRAIN, "place": {"building": "courtyard-63-b3"}, "origin": "discovered"}
    other = opened_by(here, DUTY, **body, opened_from=first["case_id"])
    name = other["case_id"]

    assert (other["state"], other["origin"], other["opened_from"]) == ("dispatched", "discovered", first["case_id"])
    assert here.explanation(DUTY, name)["row"] == 36
    assert not {"reply", "contact"} & set(clocks(other))
    for each in other["whistles"]:
        here.command(DUTY, name, "cancel_whistle", whistle_id=each["whistle_id"], reason="冲洗车已经在隔壁院里")
    here.command(DUTY, name, "sign_for")
    here.command(DUTY, name, "start")
    asked = {"outcome": "reached", "at": here.now().isoformat(), "note": "没有人可以联系"}
    assert here.try_command(DUTY, name, "contact_reporter", **asked).json()["rule"] == "no_reporter"
    here.command(DUTY, name, "submit_result", **result())
    here.command(GRID_LEAD_3, name, "pass_check")
    closed = here.case(DUTY, name)
    assert (closed["state"], closed["outcome"]) == ("closed", "no_reporter")
    assert "call_back" not in clocks(closed)
    assert "case.called_back" not in events(closed)
    granted(here, code, "withdraw")


def test_the_explanation_names_row_36_and_what_row_35_lacked(here: Town) -> None:
    here.next_working_morning()
    code = here.report(**DRAIN, place={"area": "courtyard-63"})["query_code"]
    case = here.opened(code)

    told = here.explanation(DUTY, case["case_id"])

    assert told["row"] == 36
    row_35 = next(each for each in told["rows"] if each["row"] == 35)
    assert row_35["lacking"] == [{"condition": "firm is True", "seen": False, "state": "unmet"}]
    assert row_35["text"].endswith("而这里是“否”。")
    granted(here, code, "withdraw")


def test_silence_climbs_step_by_step_each_once_and_told_to_somebody(here: Town) -> None:
    _code, case = ending_in_silence(here)

    overdue = [each for each in case["timeline"] if each["event"] == "case.overdue"]
    assert len({(each["event"], each["text"], each["at"]) for each in overdue}) == len(overdue)
    name = case["case_id"]
    assert len(here.alerts(SECRETARY, name, "sign_overdue")) == 1
    assert len(here.alerts(CREW_HEAD, name, "whistle_overdue")) >= 1
    assert [each["event"] for each in case["timeline"]].count("case.marked_hard") == 1
    assert len(here.alerts(CENTRE, name, "result_overdue")) == 2
    grades = [each for each in case["timeline"] if each["event"] == "case.supervised"]
    assert len(grades) == 3


def test_an_old_version_a_missing_post_and_a_wrong_moment_are_told_apart(here: Town) -> None:
    here.next_working_morning()
    receipt = here.report(**DRAIN, place={"building": "courtyard-63-b1"})
    name = here.opened(receipt["query_code"])["case_id"]
    url = f"/api/cases/{name}/commands"

    def asked(person: str, command: str, **headers: str) -> httpx.Response:
        return here.http.post(f"{url}/{command}", json={}, headers={**here._as(person), **headers})

    assert asked("p-geng-1", "sign_for").status_code == 404
    assert asked(CENTRE, "sign_for").status_code == 403
    assert asked(DUTY, "sign_for", **{"If-Match": '"1"'}).status_code == 412
    assert asked(DUTY, "start").json()["code"] == "not_now"
    first = asked(DUTY, "sign_for", **{"Idempotency-Key": "k1"})
    again = asked(DUTY, "sign_for", **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["version"] == again.json()["version"]
    assert asked(DUTY, "start", **{"Idempotency-Key": "k1"}).status_code == 422
    granted(here, receipt["query_code"], "withdraw")


def test_the_inbox_stream_resumes_where_it_was_cut(here: Town) -> None:
    known = {each["alert_id"] for each in here.inbox(DUTY)}
    first = min(streamed(here, 1, ""))
    again = streamed(here, 3, first)

    assert len(again) == 3
    assert {each.partition("-")[2] for each in again} <= known


def streamed(here: Town, many: int, last_id: str) -> list[str]:
    """The ids of the first messages of the duty post's stream, resumed after an id."""
    headers = {**here._as(DUTY), "Last-Event-ID": last_id or f"{0:013d}-{0:032x}"}
    found: list[str] = []
    with here.http.stream("GET", "/api/stream", headers=headers) as stream:
        assert stream.status_code == 200, stream.read()
        for line in stream.iter_lines():
            if line.startswith("id:"):
                found.append(line.removeprefix("id:").strip())
            if len(found) == many:
                break
    return found


def test_no_topic_log_or_metric_knows_the_reporter(here: Town, running: Program, engines_of_the_town: Engines) -> None:
    here.next_working_morning()
    receipt = here.report(
        description=f"我是{NAME},电话 139 0000 1234,下水道又堵了", category="WAT.sewer_blocked",
        place={"building": "courtyard-63-b2", "text": f"{NAME}家门口"},
        reporter={"name": NAME, "phone": PHONE, "secrecy": "open"},
    )  # fmt: skip
    case = here.opened(receipt["query_code"])
    here.command(DUTY, case["case_id"], "sign_for")
    here.command(
        DUTY, case["case_id"], "contact_reporter", outcome="message", at=here.now().isoformat(),
        note=f"打了 {PHONE}", message="明天上午来,电话13900001234",
    )  # fmt: skip
    here.pass_time(timedelta(hours=30))
    here.soon(
        "the message",
        lambda: any("明天上午" in each["text"] for each in here.progress(receipt["query_code"])["replies"]),
    )

    known = "\n".join((
        everything(here, engines_of_the_town.kafka_address, engines_of_the_town.mongo_url),
        running.log.read_text(errors="replace"), here.http.get("/metrics").text, str(here.inbox(DUTY)),
    ))  # fmt: skip

    assert case["case_id"] in known
    for word in (NAME, PHONE, "139 0000 1234", receipt["query_code"]):
        assert word not in known, word
    granted(here, receipt["query_code"], "withdraw")


def test_the_pages_need_no_script(running: Program, tmp_path: Path) -> None:
    first = httpx.get(f"{running.origin}/c/wulibao").text
    second = httpx.get(f"{running.origin}/c/wulibao?category=WAT.sewer_blocked").text

    assert "WAT.sewer_blocked" in first
    assert "<form" in second
    scripts = re.findall(r"<script[^>]*>", first + second)
    assert all("src=" in each and "defer" in each for each in scripts), "they only ease what works without them"
