"""Cases for tests of whistles: a matter that can wait, a town with departments, and calls at each of their stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from shaoyin.domain import commands as cmd
from shaoyin.domain.call import Responder, Whistle
from shaoyin.domain.clocks import Running
from shaoyin.domain.org import Directory, Org, Post
from shaoyin.domain.pack import Pack
from tests.domain.town import DUTY, MUNICIPAL, SECRETARY, Story, a_blocked_drain, at, wulibao

DEPUTY = ("p-jia-4", "deputy")
GRID_WORKER = ("p-yi-5", "grid-2-worker")
STREET_DEPUTY = ("p-bing-3", "street-deputy")
STREET_HEAD = ("p-bing-4", "street-head")
DISTRICT = ("p-ding-1", "district-joint")
HOSPITAL = ("p-ji-2", "hospital-duty")
SCHOOL = ("p-ji-1", "school-duty")
URBAN = ("p-dept-1", "urban-duty")
URBAN_HEAD = ("p-dept-2", "urban-head")
WATER = ("p-dept-3", "water-duty")
ONE, TWO, THREE, FOUR = ((f"p-gui-{number}", None) for number in range(1, 5))
AFTERNOON = at("2026-09-14 16:00")
"""The stated time of most calls here, six and a half hours after they were blown."""


@cache
def with_departments() -> Pack:
    """Wulibao with the department tier switched on, and two departments of the district."""
    pack = wulibao()
    orgs: dict[str, Org] = {}
    posts: dict[str, Post] = {}
    for name, duty, head in (("urban", "p-dept-1", "p-dept-2"), ("water", "p-dept-3", "p-dept-4")):
        orgs[name] = Org(name, "department", {"en": name}, "erqi", head=f"{name}-head")
        posts[f"{name}-duty"] = Post(f"{name}-duty", "dept_duty", name, "wulibao", (duty,))
        posts[f"{name}-head"] = Post(f"{name}-head", "dept_head", name, "wulibao", (head,))
    known = pack.directory
    directory = Directory(
        known.kinds, {**known.orgs, **orgs}, {**known.posts, **posts}, known.people, known.registrations
    )
    return replace(pack, department_tier=True, directory=directory)


def a_case(pack: Pack | None = None, category: str = "PRO.service_quality", **fields: object) -> Story:
    """A matter of normal urgency that the community's duty post handles; no rule whistles for it."""
    story = Story(pack=pack or wulibao())
    story.report(a_blocked_drain(building="kangning-b1", category=category, **fields))  # type: ignore[arg-type]
    return story


ASKED: dict[str, object] = {
    "whistle_id": "w1", "type": "partner_unit_whistle", "tier": "member", "task": "一起来",
    "responders": ("municipal-duty",),
}  # fmt: skip


def ask(story: Story, who: tuple[str, str | None] = DUTY, /, **fields: object) -> None:
    story.give(who, cmd.RequestWhistle, **{**ASKED, **fields})


def units_called(
    *responders: str, pack: Pack | None = None, case: Mapping[str, object] | None = None, **fields: object
) -> Story:
    """A partner unit whistle, blown on the secretary's approval to 16:00 the same day."""
    story = a_case(pack, **(case or {}))  # type: ignore[arg-type]
    ask(story, responders=responders or ("municipal-duty",), **{"starts_at": AFTERNOON, **fields})
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1")
    return story


def members_called(places: int | None = 2, **fields: object) -> Story:
    """A member whistle to 16:00 the same day."""
    story = a_case()
    call = {"responders": (), "responder_type": "members", "places": places, "starts_at": AFTERNOON}
    ask(story, type="member_service_whistle", **{**call, **fields})
    story.give(SECRETARY, cmd.ApproveWhistle, whistle_id="w1")
    return story


def department_called(
    *responders: str, kind: str = "enforcement_whistle", approver: tuple[str, str] = STREET_DEPUTY, **fields: object
) -> Story:
    """A whistle of the department tier, asked for by the community and approved by the street."""
    story = a_case(with_departments())
    ask(
        story, type=kind, tier="department", why_not_below="社区没有执法权", responders=responders or ("urban-duty",),
        **fields,
    )  # fmt: skip
    story.give(approver, cmd.ApproveWhistle, whistle_id="w1")
    return story


def emergency(*responders: str, **fields: object) -> Story:
    story = a_case()
    wanted = {"type": "emergency_whistle", "tier": "member", "task": "水管爆了,先关阀门"}
    story.give(
        GRID_WORKER, cmd.BlowEmergencyWhistle, whistle_id="w1", responders=responders or ("municipal-duty",),
        **{**wanted, **fields},
    )  # fmt: skip
    return story


def answer(story: Story, *who: tuple[str, str | None]) -> None:
    for each in who:
        story.give(each, cmd.Acknowledge, whistle_id="w1")


def come(story: Story, *who: tuple[str, str | None]) -> None:
    for each in who:
        story.give(each, cmd.Arrive, whistle_id="w1", arrived_at=story.now, where="site")


def done(story: Story, *who: tuple[str, str | None]) -> None:
    for each in who:
        story.give(each, cmd.SubmitResponse, whistle_id="w1", text="做完了")


def plan(story: Story, who: tuple[str, str | None] = MUNICIPAL, due: str = "2026-09-16 12:00") -> None:
    task = cmd.Task(text="清淤", due=at(due), owner="班组")
    story.give(who, cmd.AgreePlan, whistle_id="w1", tasks=(task,))


def the_whistle(story: Story, whistle_id: str = "w1") -> Whistle:
    return story.open_case.whistles[whistle_id]


def responder(story: Story, name: str) -> Responder:
    return the_whistle(story).responders[name]


def holding(story: Story) -> tuple[str, ...]:
    """The whistles that hold the case open now."""
    return story.open_case.holding_whistles


def clock(story: Story, name: str, of: str | None = None) -> Running:
    return (the_whistle(story) if of is None else responder(story, of)).clocks[name]


FRIDAY = {"whistle_id": "w1", "rule": "friday-units", "starts_at": at("2026-11-06 15:00")}
SYSTEM: tuple[str, str | None] = (None, None)  # type: ignore[assignment]  # nobody gives it


def standing(now: str = "2026-11-05 09:00") -> Story:
    """The case of one Friday duty, opened for it and not yet blown."""
    story = Story(now=at("2026-11-05 08:50"))
    story.report(a_blocked_drain(category="SAN.dead_corner", received_at=story.now, reporter=None))
    story.now = at(now)
    return story
