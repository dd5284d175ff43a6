"""The blocked drain of courtyard 51, told over HTTP by the people in it; `make demo` prints it, the tests check it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as day_time
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import httpx

from shaoyin.adapters.packs import load
from shaoyin.domain.pack import Pack

PACKS = Path(__file__).resolve().parent.parent / "packs"
DUTY, SECRETARY, GRID_LEAD = "p-jia-1", "p-jia-3", "p-yi-1"
CENTRE, DEPUTY, HEAD, DISTRICT = "p-bing-1", "p-bing-3", "p-bing-4", "p-ding-1"
CREW, CREW_HEAD = "p-wu-1", "p-wu-3"
COURTYARD = tuple(
    f"courtyard-{number}-b{house}" for number, houses in ((51, 4), (63, 3)) for house in range(1, houses + 1)
)
PATIENCE = 20.0
Json = dict[str, Any]
Say = Callable[[str, str], None]


class NotSoonError(AssertionError):
    """Something that should have happened by itself did not."""


@dataclass
class Town:
    """The product from outside: residents by query code, staff by token, and the clock that may be moved."""

    http: httpx.Client
    say: Say = lambda _zh, _en: None
    _tokens: dict[str, str] = field(default_factory=dict)

    @cached_property
    def pack(self) -> Pack:
        pack = load(PACKS / "wulibao").pack
        assert pack is not None
        return pack

    @cached_property
    def members(self) -> list[str]:
        """Who is enrolled now, as the duty post reads it; the first start seeded it from the pack."""
        url = "/api/registrations?state=active&most=200"
        enrolled: list[Json] = self._ok(self.http.get(url, headers=self._as(DUTY)))["items"]
        found = sorted(enrolled, key=lambda each: str(each["registration_id"]))
        return [each["who"] for each in found if each["kind"] != "unit"]

    def report(self, **body: Any) -> Json:
        return self._ok(self.http.post("/api/reports", json={"community": "wulibao", **body}), 202)

    def progress(self, code: str, language: str = "zh-CN") -> Json:
        return self._ok(self.http.get(f"/api/reports/{code}", headers={"Accept-Language": language}))

    def rate(self, code: str, **body: Any) -> Json:
        return self._ok(self.http.post(f"/api/reports/{code}/rating", json=body), 202)

    def case(self, person: str, case_id: str) -> Json:
        return self._ok(self.http.get(f"/api/cases/{case_id}", headers=self._as(person)))

    def explanation(self, person: str, case_id: str) -> Json:
        return self._ok(self.http.get(f"/api/cases/{case_id}/explanation", headers=self._as(person)))

    def try_command(self, person: str, case_id: str, name: str, **fields: Any) -> httpx.Response:
        url = f"/api/cases/{case_id}/commands/{name}"
        return self.http.post(url, json=fields, headers=self._as(person))

    def command(self, person: str, case_id: str, name: str, **fields: Any) -> Json:
        return self._ok(self.try_command(person, case_id, name, **fields))

    def inbox(self, person: str) -> list[Json]:
        found = self._ok(self.http.get("/api/inbox?most=100", headers=self._as(person)))
        items: list[Json] = found["items"]
        return items

    def alerts(self, person: str, case_id: str, kind: str) -> list[Json]:
        return [each for each in self.inbox(person) if each["case_id"] == case_id and each["kind"] == kind]

    def now(self) -> datetime:
        return datetime.fromisoformat(self._ok(self.http.get("/api/dev/clock"))["now"])

    def pass_time(self, span: timedelta) -> datetime:
        body = {"advance": f"PT{int(span.total_seconds())}S"}
        return datetime.fromisoformat(self._ok(self.http.post("/api/dev/clock", json=body, timeout=120))["now"])

    def next_working_morning(self) -> datetime:
        """Moves the clock to the next 09:30 of a working day, so that every clock of the story runs."""
        now = self.now().astimezone(self.pack.zone)
        day = now.date() if now.time() <= day_time(9, 30) else now.date() + timedelta(days=1)
        while not self.pack.calendar.is_workday(day):
            day += timedelta(days=1)
        return self.pass_time(datetime.combine(day, day_time(9, 30), self.pack.zone) - now)

    def soon(self, what: str, ask: Callable[[], Any]) -> Any:
        """What happens by itself happens within seconds; nothing else here waits."""
        ends_at = time.monotonic() + PATIENCE
        while time.monotonic() < ends_at:
            if found := ask():
                return found
            time.sleep(0.05)
        raise NotSoonError(what)

    def free_building(self) -> str:
        """A building of the courtyard without an open blocked drain: a second report of one goes to triage first."""
        listed = self._ok(self.http.get("/api/cases?category=WAT.sewer_blocked&most=200", headers=self._as(DUTY)))
        busy = {each["area"] for each in listed["items"]}
        free = [each for each in COURTYARD if each not in busy]
        if not free:
            raise NotSoonError("every building of the courtyards has an open case; wipe with `make wipe`")
        return free[0]

    def opened(self, code: str) -> Json:
        """The case a report became, found as the duty post finds it: by its number."""
        number = self.soon("a case number", lambda: self.progress(code).get("number"))
        headers = self._as(DUTY)
        listed = self.soon(
            "the case", lambda: self._ok(self.http.get(f"/api/cases?q={number}", headers=headers))["items"]
        )
        return self.case(DUTY, listed[0]["case_id"])

    def _as(self, person: str) -> dict[str, str]:
        if person not in self._tokens:
            answer = self.http.post("/api/dev/sign-in", json={"person": person})
            self._tokens[person] = self._ok(answer)["token"]
        return {"Authorization": f"Bearer {self._tokens[person]}"}

    def _ok(self, answer: httpx.Response, status: int = 200) -> Json:
        if answer.status_code != status:
            raise AssertionError(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
        told: Json = answer.json()
        return told


@contextmanager
def town(base_url: str, say: Say | None = None) -> Iterator[Town]:
    with httpx.Client(base_url=base_url, timeout=30) as http:
        yield Town(http, say) if say else Town(http)


def whistle(case: Json, kind: str) -> Json:
    return next(each for each in case["whistles"] if each["type"] == kind)


def report_the_drain(town: Town) -> tuple[str, Json]:
    receipt = town.report(
        description="院里下水道堵了,没法用水。", category="WAT.sewer_blocked", place={"building": town.free_building()},
        answers={"inside_flat": False, "flooding_homes": False},
    )  # fmt: skip
    code = receipt["query_code"]
    town.progress(code)
    town.say(f"居民报事,拿到查询码 {code},马上就能查到进度", f"A resident reports; query code {code}, readable at once")
    case = town.opened(code)
    assert case["state"] == "dispatched", case
    town.say(
        f"案件 {case['number']}:规则第 {town.explanation(DUTY, case['case_id'])['row']} 行定由社区值班岗主办",
        "A case is opened and dispatched by rule to the community's duty post",
    )
    return code, case


def sign_and_start(town: Town, case: Json) -> None:
    name = case["case_id"]
    town.soon("the duty post's alert", lambda: town.alerts(DUTY, name, "new_case"))
    town.say(
        "值班岗马上看到提醒,签收、开始办理并联系居民",
        "The duty post sees the alert, signs, starts, contacts the resident",
    )
    town.command(DUTY, name, "sign_for")
    town.command(DUTY, name, "start")
    town.command(DUTY, name, "contact_reporter", outcome="reached", at=town.now().isoformat(), note="说明了安排")


def approve(town: Town, case: Json, kind: str) -> Json:
    name = case["case_id"]
    town.soon("the secretary's alert", lambda: town.alerts(SECRETARY, name, "whistle_approval"))
    starts_at = town.now().astimezone(town.pack.zone).replace(hour=14, minute=0, second=0, microsecond=0)
    if starts_at <= town.now():
        starts_at += timedelta(days=1)
    asked = whistle(case, kind)["whistle_id"]
    after = town.command(SECRETARY, name, "approve_whistle", whistle_id=asked, at=starts_at.isoformat())
    return whistle(after, kind)


def ending_with_an_answer(town: Town) -> tuple[str, Json]:
    """Members report in, the drain flows, the resident is asked."""
    town.next_working_morning()
    code, case = report_the_drain(town)
    sign_and_start(town, case)
    name = case["case_id"]
    unit = approve(town, case, "partner_unit_whistle")["whistle_id"]
    group = approve(town, case, "member_service_whistle")["whistle_id"]
    town.say(
        "社区书记批准两声哨:共建单位出车出人,报到党员十个名额",
        "The secretary approves two whistles: the crew, and ten members",
    )
    town.soon("the crew's alert", lambda: town.alerts(CREW, name, "whistle_called"))
    town.command(CREW, name, "acknowledge", whistle_id=unit)
    came = town.members[:10]
    for person in came:
        town.soon("a member's alert", partial(town.alerts, person, name, "member_called"))
        town.command(person, name, "acknowledge", whistle_id=group)
    late = town.command(town.members[10], name, "acknowledge", whistle_id=group)
    assert any(each["state"] == "wait_listed" for each in whistle(late, "member_service_whistle")["responders"])
    town.say("共建单位应哨,十名党员报名,第十一名候补", "The crew answers, ten members take a place, the eleventh waits")
    work_on_site(town, name, unit, group, came)
    refused = town.try_command(DUTY, name, "submit_result", **result())
    assert refused.status_code == 409, refused.text
    town.say("哨还没有评完,办结被拒绝:" + refused.json()["detail"], "While a whistle blocks, no result is taken")
    for whistle_id, responder in ((unit, "municipal-duty"), (group, "members")):
        marks = [{"responder": responder, "promptness": 5, "attendance": 5, "quality": 5}]
        town.command(DUTY, name, "rate_whistle", whistle_id=whistle_id, ratings=marks)
        town.command(DUTY, name, "close_whistle", whistle_id=whistle_id)
    town.say("值班岗评哨、销哨", "The blower rates and closes both whistles")
    return code, answered(town, code, name)


def work_on_site(town: Town, name: str, unit: str, group: str, came: list[str]) -> None:
    town.pass_time(timedelta(hours=4, minutes=20))
    now = town.now()
    town.command(CREW, name, "arrive", whistle_id=unit, at=now.isoformat(), where="site", headcount=4)
    task = {"text": "冲洗末端井和折角井", "due": (now + timedelta(hours=4)).isoformat(), "owner": "冲洗班组"}
    town.command(CREW, name, "agree_plan", whistle_id=unit, tasks=[task])
    for person in came:
        town.command(person, name, "arrive", whistle_id=group, at=now.isoformat(), where="site")
    town.say("下午到场,商定方案,冲洗车和党员一起干", "They arrive in the afternoon, agree a plan and work")
    town.pass_time(timedelta(hours=4, minutes=10))
    town.command(CREW, name, "submit_response", whistle_id=unit, text="全线疏通,通水正常", tasks_done=[0])
    for person in came:
        town.command(person, name, "submit_response", whistle_id=group, text="清运完毕")
    town.say("四小时十分钟后全部完成", "After four hours and ten minutes all of it is done")


def result() -> Json:
    return {
        "demand_true": True, "solved": "solved", "work_done": "主管和入户支管全部疏通,井底清掏",
        "public_reply": "下水道已经疏通,用水恢复正常。如再堵塞请随时告诉我们。", "why_no_photo": "井下作业,未拍照",
    }  # fmt: skip


def answered(town: Town, code: str, name: str) -> Json:
    """Result, a check by somebody else, the call-back by somebody else; here the resident answers by himself."""
    town.command(DUTY, name, "submit_result", **result())
    own = town.try_command(DUTY, name, "pass_check")
    assert (own.status_code, own.json()["rule"]) == (409, "own_work"), own.text
    town.soon("the checker's alert", lambda: town.alerts(GRID_LEAD, name, "check_wanted"))
    town.command(GRID_LEAD, name, "pass_check")
    town.say("网格长核查通过(自己办的不能自己查)", "The grid lead checks; nobody checks his own work")
    town.soon("the call-back", lambda: town.progress(code)["state"] == "calling_back")
    town.rate(code, solved="solved", satisfaction="satisfied")
    town.soon("the close", lambda: town.progress(code)["state"] == "closed")
    for line in town.progress(code)["timeline"]:
        town.say(f"  居民看到 {line['at'][:16]} {line['text']}", "")
    town.say("居民评价“已解决、满意”,案件办结", "The resident says: solved, satisfied. The case is closed")
    return town.case(DUTY, name)


def ending_in_silence(town: Town) -> tuple[str, Json]:
    """Nobody signs, the unit does not answer, the result is late: every step is noticed once and told to somebody."""
    town.next_working_morning()
    code, case = report_the_drain(town)
    name = case["case_id"]
    approve(town, case, "partner_unit_whistle")
    approve(town, case, "member_service_whistle")
    town.pass_time(timedelta(minutes=61))
    town.soon("sign overdue", lambda: town.alerts(SECRETARY, name, "sign_overdue"))
    town.say("一小时没人签收:提醒值班岗和社区书记", "Nobody signs within the hour: the duty post's head is told")
    town.soon("the crew's head", lambda: town.alerts(CREW_HEAD, name, "whistle_overdue"))
    town.say("共建单位没有应哨:提醒它的负责人", "The unit does not answer: its head is told")
    town.pass_time(timedelta(minutes=60))
    town.soon("the street centre", lambda: town.alerts(CENTRE, name, "whistle_overdue"))
    town.say("再过一小时仍没有应哨:提醒街道中心", "An hour later the street centre is told")
    town.pass_time(timedelta(hours=22))
    town.soon("hop 1", lambda: town.alerts(CENTRE, name, "result_overdue"))
    town.say(
        "二十四小时没有结果:升到街道,告诉居民新的时间",
        "The result is late: the street is told, the resident gets a new date",
    )
    town.pass_time(timedelta(hours=12))
    town.soon("hop 2", lambda: town.alerts(DISTRICT, name, "result_overdue"))
    town.soon("the deputy", lambda: town.alerts(DEPUTY, name, "supervised"))
    town.say("超时一半:升到区里,黄牌督办", "Half as late again: the district is told, yellow card")
    town.pass_time(timedelta(hours=12))
    town.soon("hop 3", lambda: town.alerts(HEAD, name, "hard_case"))
    town.say("超时一倍:联席会议,红牌督办,列为疑难", "As late again: joint meeting, red card, hard case")
    seen = town.case(DUTY, name)
    for each in seen["whistles"]:
        if each["state"] != "cancelled":
            town.command(DUTY, name, "cancel_whistle", whistle_id=each["whistle_id"], reason="改由街道抢修队处置")
    sign_and_start(town, case)
    town.say("最后由街道协调抢修,哨取消并告知所有人", "In the end the street has it mended; the whistles are cancelled")
    return code, answered(town, code, name)
