"""Affairs of community Wulibao, each brought to a certain point: the beginnings of stories that several tests tell."""

from __future__ import annotations

from collections.abc import Sequence

from shaoyin.domain import commands as cmd
from shaoyin.domain.alert import alerts_for
from shaoyin.domain.events import Event
from shaoyin.domain.header import header
from tests.domain.town import (
    DUTY,
    MUNICIPAL,
    SECRETARY,
    Story,
    a_blocked_drain,
    at,
    members,
)

UNIT, MEMBERS, URGENT = "c1-w1", "c1-w2", "c1-w9"
ADJUDICATOR = ("p-bing-5", "adjudicator")
DEPUTY = ("p-bing-3", "street-deputy")
HEAD = ("p-bing-4", "street-head")
GRID_WORKER = ("p-yi-4", "grid-1-worker")
MEDIATOR = ("p-jia-5", "mediator")
AREA = "courtyard-51-b1"


def unclear(category: str | None = None, description: str = "有件事想反映") -> Story:
    """A report that a person looks at first."""
    story = Story()
    story.report(a_blocked_drain(category=category, description=description))
    return story


def accepted(category: str = "WAT.sewer_blocked", urgency: str = "normal") -> Story:
    story = unclear()
    story.give(DUTY, cmd.Accept, category=category, area=AREA, urgency=urgency, number="N1")
    return story


def given_to_unit() -> Story:
    """A person chose the handlers: the municipal centre, with the mediator beside it."""
    story = accepted()
    story.give(DUTY, cmd.Dispatch, main="municipal-duty", co=("mediator",), informed=("grid-1-lead",))
    return story


def unit_at_work() -> Story:
    story = given_to_unit()
    story.give(MUNICIPAL, cmd.SignFor)
    story.give(MUNICIPAL, cmd.Start)
    return story


def signed() -> Story:
    """The blocked drain of courtyard 51, with the community itself."""
    story = Story()
    story.report()
    story.give(DUTY, cmd.SignFor)
    story.give(DUTY, cmd.Start)
    story.give(DUTY, cmd.ContactReporter, outcome="reached", contacted_at=story.now, note="说了安排")
    return story


def whistles_blown() -> Story:
    story = signed()
    for name in (UNIT, MEMBERS):
        story.give(SECRETARY, cmd.ApproveWhistle, whistle_id=name, starts_at=at("2026-09-14 14:00"))
    return story


def whistles_answered() -> Story:
    story = whistles_blown()
    story.give(MUNICIPAL, cmd.Acknowledge, whistle_id=UNIT)
    for person in members(story.pack)[:10]:
        story.give((person, None), cmd.Acknowledge, whistle_id=MEMBERS)
    return story


def unit_on_site() -> Story:
    story = whistles_answered()
    story.wait_until(at("2026-09-14 13:55"))
    story.give(MUNICIPAL, cmd.Arrive, whistle_id=UNIT, arrived_at=story.now, where="site", headcount=4)
    return story


def work_done() -> Story:
    story = unit_on_site()
    task = cmd.Task(text="冲洗末端井", due=at("2026-09-14 18:00"), owner="冲洗班组")
    story.give(MUNICIPAL, cmd.AgreePlan, whistle_id=UNIT, tasks=(task,))
    for person in members(story.pack)[:10]:
        story.give((person, None), cmd.Arrive, whistle_id=MEMBERS, arrived_at=story.now, where="site")
    story.wait_until(at("2026-09-14 18:05"))
    story.give(MUNICIPAL, cmd.SubmitResponse, whistle_id=UNIT, text="全部疏通", tasks_done=(0,))
    for person in members(story.pack)[:10]:
        story.give((person, None), cmd.SubmitResponse, whistle_id=MEMBERS, text="清运完")
    return story


def whistles_closed() -> Story:
    story = work_done()
    for whistle_id, responder in ((UNIT, "municipal-duty"), (MEMBERS, "members")):
        mark = cmd.Score(responder=responder, promptness=5, attendance=5, quality=4)
        story.give(DUTY, cmd.RateWhistle, whistle_id=whistle_id, ratings=(mark,))
        story.give(DUTY, cmd.CloseWhistle, whistle_id=whistle_id)
    return story


def emergency_blown(who: tuple[str, str] = ("p-yi-1", "grid-1-lead")) -> Story:
    story = signed()
    story.give(
        who, cmd.BlowEmergencyWhistle, whistle_id=URGENT, type="emergency_whistle", tier="member", task="先断水围挡",
        responders=("municipal-duty",), place="51号院",
    )  # fmt: skip
    return story


def result(**other: object) -> dict[str, object]:
    return {
        "demand_true": True, "solved": "solved", "work_done": "主管和入户支管全部疏通", "public_reply": "已疏通",
        "why_no_photo": "井下无法拍摄", **other,
    }  # fmt: skip


def posted(places: int = 2) -> Story:
    """A small wish, posted for the members to claim."""
    story = accepted("CAR.elder")
    story.give(DUTY, cmd.PostForClaim, publication="short", task="陪老人去配眼镜", places=places)
    return story


def claimed(places: int = 2) -> Story:
    story = posted(places)
    story.give((volunteers(story)[0], None), cmd.Claim)
    return story


def volunteers(story: Story) -> tuple[str, ...]:
    order = story.open_case.order
    assert order is not None
    return order.eligible


Told = dict[str, tuple[str, str, str | None]]


def told(story: Story, events: Sequence[Event]) -> Told:
    """Recipient → kind, level and offered command, of what these events tell; a later event's word counts."""
    facts = header(story.open_case, events)
    alerts = [alert for event in events for alert in alerts_for(event, facts, story.pack)]
    return {each.recipient: (each.kind, each.level, each.offer.command if each.offer else None) for each in alerts}


def of(story: Story, event: Event) -> Told:
    """The same for one event that happens to the case as it is."""
    return told(story, [event])
