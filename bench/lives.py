"""Cases as a community has them, decided by the real core: the templates that a full store is stamped from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import cast

from services.router.documents import Stored, opened
from shaoyin.domain import commands as cmd
from shaoyin.domain.case import Refused
from shaoyin.domain.commands import Command
from shaoyin.domain.flow import Decision, decision
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven, Report, case_id_of

MORNING = datetime(2026, 9, 14, 1, 30, tzinfo=UTC)
"""A Monday, in the hours of duty."""
REPORT_ID = "r" + "5eed" * 8
REPORTER = "ref" + "feed" * 8
NUMBER = "410103901001" + "20260914" + "7777777"
"""As long as the real ones, and nowhere else in a case: a copy puts its own in their place."""
MATTERS = (
    ("WAT.sewer_blocked", "楼前的下水道堵了,污水往外冒,几户人家没法用水。"),
    ("LIG.corridor_light", "三单元楼道的灯坏了一个多星期,老人晚上上下楼不方便。"),
    ("SAN.dead_corner", "楼后面的死角堆了很多建筑垃圾,一直没人清。"),
    ("PRO.service_quality", "物业打电话没人接,门禁坏了两个月。"),
    ("ORD.noise_business", "楼下饭店的排风机到夜里十二点还在响。"),
    ("DIS.neighbour", "楼上漏水到我家,说了几次都不修。"),
    ("CON.suggestion", "希望院门口加一个休息的长椅。"),
    ("ROA.surface_broken", "门口的路面坑洼,下雨积水。"),
)
UNCLEAR = ("不知道归谁管,想反映一下院里的事。", "有个情况说不清楚,麻烦来看看。")
ENDS = ("dispatched", "signed", "in_progress", "result_submitted", "calling_back", "closed", "archived")


@dataclass
class Life:
    """A case and its time; who gives a command is found by asking everybody."""

    pack: Pack
    stored: Stored
    now: datetime

    def give(self, kind: type[Command], **said: object) -> None:
        self.now += timedelta(minutes=7)
        names = {each.name for each in fields(kind)}
        enrolled = (each for each in self.pack.directory.registrations if each.state == "active")
        members = tuple(cmd.Enrolled(each.person, each.vetting, each.household) for each in enrolled)
        for person, post in _everybody(self.pack, self.stored):
            known = {"at": self.now, "person": person, "post": post, "reporter_ref": REPORTER, "members": members}
            given = {name: value for name, value in {**known, **said}.items() if name in names}
            if self._tried(cast("Callable[..., Command]", kind)(**given)):
                return
        raise LookupError(f"nobody may {kind.__name__} in a case that is {self.stored.case.state}")

    def wait(self, *, ended: bool = False) -> None:
        """Until what falls due next has been said; `ended` waits for the end."""
        due_at = self.stored.case.next_due_at
        while due_at is not None:
            self.now = due_at + timedelta(seconds=1)
            self._keep(decision(self.stored.case, cmd.TimePassed(at=self.now), self.pack))
            due_at = self.stored.case.next_due_at if ended else None

    def _tried(self, command: Command) -> bool:
        try:
            self._keep(decision(self.stored.case, command, self.pack))
        except Refused as refused:
            if refused.code not in ("not_permitted", "own_work"):
                raise
            return False
        return True

    def _keep(self, decided: Decision) -> None:
        self.stored = self.stored.after(decided) if decided.events else self.stored


def lives(pack: Pack, buildings: Sequence[str]) -> Iterator[Stored]:
    """Every matter in each building brought to every state, in time or overdue on the way; some are unclear."""
    for building in buildings:
        for category, words in MATTERS:
            for end in ENDS:
                for late in (False, True):
                    yield _brought_to(end, _begun(pack, category, building, words), late=late)
        for words in UNCLEAR:
            yield _begun(pack, None, building, words).stored
        yield _whistled(_begun(pack, *_drain(building)))


def _drain(building: str) -> tuple[str, str, str]:
    return MATTERS[0][0], building, MATTERS[0][1]


def _begun(pack: Pack, category: str | None, building: str, words: str) -> Life:
    report = Report(
        report_id=REPORT_ID, community=pack.name, pack_version=pack.version, description=words,
        place=PlaceGiven(building=building), received_at=MORNING, reporter_ref=REPORTER, category=category,
    )  # fmt: skip
    case_id = case_id_of(REPORT_ID)
    command = cmd.OpenCase(at=MORNING, report=report, case_id=case_id, number_if_accepted=NUMBER)
    life = Life(pack, opened(decision(None, command, pack), "seed"), MORNING)
    if life.stored.case.state == "accepted":
        life.give(cmd.Dispatch)
    return life


def _brought_to(end: str, life: Life, *, late: bool) -> Stored:
    """`late`: somebody lets the first date pass before anything is done."""
    if late:
        life.wait()
    steps = ENDS.index(end)
    if steps >= ENDS.index("signed"):
        life.give(cmd.SignFor)
    if steps >= ENDS.index("in_progress"):
        life.give(cmd.Start)
        life.give(cmd.ContactReporter, outcome="reached", contacted_at=life.now, note="说了什么时候来")
    if steps >= ENDS.index("result_submitted"):
        _end_whistles(life)
        life.give(
            cmd.SubmitResult, demand_true=True, solved="solved", work_done="已经处理好,现场看过", public_reply="已处理",
            why_no_photo="现场不便拍照",
        )  # fmt: skip
    if steps >= ENDS.index("calling_back") and life.stored.case.state == "result_submitted":
        life.give(cmd.PassCheck)
    if steps >= ENDS.index("closed"):
        life.give(
            cmd.RecordCallBack, reporter_ref=REPORTER, outcome="solved", note="居民说好了", satisfaction="satisfied"
        )
    if end == "archived":
        life.wait(ended=True)
    return life.stored


def _end_whistles(life: Life) -> None:
    for whistle_id in [each.whistle_id for each in life.stored.case.whistles.values() if not each.ended]:
        life.give(cmd.DeclineWhistle, whistle_id=whistle_id, reason="本级可以处理", instead="社区自己来")


def _whistled(life: Life) -> Stored:
    """The drain with its whistles blown, where its rules have any."""
    life.give(cmd.SignFor)
    for whistle_id in list(life.stored.case.whistles):
        life.give(cmd.ApproveWhistle, whistle_id=whistle_id, starts_at=life.now + timedelta(hours=4))
    return life.stored


def _everybody(pack: Pack, stored: Stored) -> Iterator[tuple[str, str]]:
    """The handler first."""
    main = stored.case.main
    posts = sorted(pack.directory.posts.values(), key=lambda post: main is None or post.post_id != main.post)
    for post in posts:
        for person in (*post.holders, *post.stand_ins):
            yield person, post.post_id
