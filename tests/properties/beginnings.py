"""Prepared stories to go on from, so that the rarer states are begun in and not only hoped for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache

from shaoyin.domain import commands as cmd
from tests.domain import affairs, whistling
from tests.domain.affairs import ADJUDICATOR, AREA, DEPUTY, result
from tests.domain.town import DUTY, GRID_LEAD, MUNICIPAL, Story, a_blocked_drain, at, members
from tests.properties.life import Life
from tests.properties.towns import town
from tests.properties.world import World

KANGNING = "kangning-b1"


def _needs_info() -> Story:
    story = affairs.unclear()
    story.give(DUTY, cmd.AskInfo, question="哪一栋?")
    return story


def _nowhere() -> Story:
    """A danger that nobody can find: the question was asked, and nobody answered yet."""
    story = Story()
    story.report(a_blocked_drain(building="nowhere", category="GRE.tree_danger"))
    story.give(DUTY, cmd.AskInfo, question="在哪里?")
    return story


def _verifying() -> Story:
    story = affairs.unclear()
    story.give(DUTY, cmd.SendVerify, to_post="grid-1-worker")
    return story


def _refused() -> Story:
    story = affairs.unclear()
    story.give(DUTY, cmd.Refuse, ground="not_ours", public_reply="不归我们管", where_instead="区里")
    return story


def _disputed() -> Story:
    story = _refused()
    story.ask(cmd.DisputeRefusal, text="不同意")
    return story


def _returned(times: int = 1) -> Story:
    story = affairs.given_to_unit()
    for number in range(times):
        if number:
            story.give(DUTY, cmd.Reassign, main="municipal-duty", reason="就是市政的")
        story.give(MUNICIPAL, cmd.ReturnCase, ground="wrong_duty", basis="职责清单", suggested="mediator")
    return story


def _adjudicated() -> Story:
    story = _returned(2)
    story.give(ADJUDICATOR, cmd.Adjudicate, main="municipal-duty", reasons="管网归市政")
    return story


def _unsigned() -> Story:
    """Nobody signed for it, and the date is past."""
    story = affairs.given_to_unit()
    story.wait(days=2)
    return story


def _suspended() -> Story:
    story = affairs.unit_at_work()
    story.give(
        DEPUTY, cmd.Suspend, reason="engineering_lead_time", review_at=story.now + timedelta(days=20),
        note_to_reporter="等材料",
    )  # fmt: skip
    return story


def _longer() -> Story:
    story = affairs.unit_at_work()
    due = story.open_case.clocks["result"].deadline.due_at
    story.give(
        MUNICIPAL, cmd.RequestExtension, until=due + timedelta(days=3), reason="等材料", public_reason="材料未到"
    )
    return story


def _checked() -> Story:
    story = affairs.unit_at_work()
    story.give(MUNICIPAL, cmd.SubmitResult, **result(solved="solved"))
    return story


def _called_back(reworks: int = 0) -> Story:
    story = _checked()
    for _ in range(reworks):
        story.give(GRID_LEAD, cmd.FailCheck, reason="还在冒水")
        story.give(MUNICIPAL, cmd.SubmitResult, **result(solved="solved"))
    story.give(GRID_LEAD, cmd.PassCheck)
    return story


def _two_asked() -> Story:
    """Two reporters of one matter, both still to be called back."""
    story = affairs.unit_at_work()
    story._keep(cmd.AttachReporter(at=story.now, reporter_ref="reporter-2", from_case="c9", secrecy="anonymous"))
    story.give(MUNICIPAL, cmd.SubmitResult, **result(solved="solved"))
    story.give(GRID_LEAD, cmd.PassCheck)
    return story


def _closed() -> Story:
    story = _called_back()
    story.rate("solved")
    return story


def _settled_at_once() -> Story:
    """Settled on the spot: closed, and nobody was ever its handler."""
    story = affairs.unclear()
    story.give(GRID_LEAD, cmd.SolveOnSpot, result="当场疏通", public_reply="已经疏通")
    return story


def _discovered() -> Story:
    """Found on a round: nobody reported it, so nobody can be told or asked."""
    story = Story()
    story.report(a_blocked_drain(category="SAN.exposed_waste", reporter=None, building=KANGNING))
    return story


def _no_check_needed() -> Story:
    story = affairs.accepted("CON.consult")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    story.give(MUNICIPAL, cmd.SignFor)
    story.give(MUNICIPAL, cmd.Start)
    return story


def _discovered_at_work(category: str = "SAN.exposed_waste") -> Story:
    story = Story()
    story.report(a_blocked_drain(category=None, reporter=None))
    story.give(DUTY, cmd.Accept, category=category, area=AREA, urgency="normal", number="N1")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    story.give(MUNICIPAL, cmd.SignFor)
    story.give(MUNICIPAL, cmd.Start)
    return story


def _found_and_checked() -> Story:
    story = _discovered_at_work("WAT.sewer_blocked")
    story.give(MUNICIPAL, cmd.SubmitResult, **result(solved="solved"))
    return story


def _minors() -> Story:
    story = affairs.accepted("CAR.minor")
    story.give(DUTY, cmd.PostForClaim, publication="category_only", task="陪孩子写作业", places=3, consent=True)
    return story


def _claimed_and_late() -> Story:
    story = affairs.claimed(2)
    story.give((affairs.volunteers(story)[1], None), cmd.Claim)
    story.wait(days=3)
    return story


def _agreed_time_past() -> Story:
    """The claimant did not come at the time that was agreed, and others may still claim."""
    story = affairs.accepted("CAR.elder")
    agreed = story.now + timedelta(hours=2)
    story.give(DUTY, cmd.PostForClaim, publication="short", task="陪老人去配眼镜", places=2, agreed_time=agreed)
    story.give((affairs.volunteers(story)[0], None), cmd.Claim)
    story.wait(hours=3)
    return story


def _unclaimed() -> Story:
    story = affairs.posted()
    story.wait(days=2)
    return story


def _hazard() -> Story:
    story = affairs.accepted("GRE.tree_danger", "urgent")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty", co=("mediator",))
    story.give(MUNICIPAL, cmd.SignFor)
    story.give(MUNICIPAL, cmd.Start)
    return story


def _hazard_called_back() -> Story:
    story = _hazard()
    story.give(MUNICIPAL, cmd.RecordTemporaryMeasure, text="围起来了")
    story.give(MUNICIPAL, cmd.SubmitResult, **result(solved="solved", attachments=("a1", "a2")))
    story.give(GRID_LEAD, cmd.PassCheck)
    return story


def _at_years_end() -> Story:
    """Its dates lie in a year that nobody has announced yet."""
    story = Story(now=at("2026-12-29 10:00"))
    story.report(a_blocked_drain(category=None, received_at=story.now))
    story.give(DUTY, cmd.Accept, category="CON.conduct", area=AREA, urgency="normal", number="N1")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty", co=("mediator",))
    return story


def _full() -> Story:
    """Two places, both taken, and a third person waits in the line."""
    story = whistling.members_called(places=2)
    for person in members(story.pack)[:3]:
        story.give((person, None), cmd.Acknowledge, whistle_id="w1")
    return story


def _objected() -> Story:
    story = whistling.units_called("municipal-duty", "hospital-duty", lead="municipal-duty")
    story.give(MUNICIPAL, cmd.Object, whistle_id="w1", ground="beyond_power", basis="人手不够")
    return story


def _emergency_on_site() -> Story:
    story = whistling.emergency()
    story.give(MUNICIPAL, cmd.Arrive, whistle_id="w1", arrived_at=story.now, where="site")
    return story


def _department_at_work() -> Story:
    story = whistling.department_called(kind="quick_whistle")
    story.give(whistling.URBAN, cmd.Arrive, whistle_id="w1", arrived_at=story.now, where="site")
    return story


def _rated() -> Story:
    story = affairs.work_done()
    mark = cmd.Score(responder="municipal-duty", promptness=5, attendance=5, quality=4)
    story.give(DUTY, cmd.RateWhistle, whistle_id=affairs.UNIT, ratings=(mark,))
    return story


def _nobody_left() -> Story:
    story = _full()
    for person in members(story.pack)[2::-1]:
        story.give((person, None), cmd.WithdrawResponse, whistle_id="w1")
    return story


def _planned() -> Story:
    """One unit has agreed the plan, the other is still on its way."""
    story = whistling.units_called("municipal-duty", "hospital-duty", lead="municipal-duty")
    story.give(MUNICIPAL, cmd.Arrive, whistle_id="w1", arrived_at=story.now, where="site")
    whistling.plan(story)
    return story


def _by_name() -> Story:
    """Two neighbours were asked by name; the other members see it and may answer."""
    return whistling.members_called(places=4, responders=members(town())[:2], responder_type=None)


def _with_co_handler() -> Story:
    story = affairs.unit_at_work()
    story.give(MUNICIPAL, cmd.AddHandler, to_post="duty", reason="通知住户", due=story.now + timedelta(hours=5))
    return story


STORIES: Mapping[str, Callable[[], Story]] = {
    "unclear": affairs.unclear, "accepted": affairs.accepted, "an order": lambda: affairs.accepted("CAR.elder"),
    "given to a unit": affairs.given_to_unit, "a unit at work": affairs.unit_at_work, "needs info": _needs_info,
    "nowhere": _nowhere, "verifying": _verifying, "refused": _refused, "disputed": _disputed, "returned": _returned,
    "returned twice": lambda: _returned(2), "adjudicated": _adjudicated, "unsigned": _unsigned,
    "suspended": _suspended, "asks for longer": _longer, "to be checked": _checked, "called back": _called_back,
    "called back again": lambda: _called_back(1), "third time": lambda: _called_back(2), "two asked": _two_asked,
    "closed": _closed, "discovered": _discovered, "discovered, at work": _discovered_at_work,
    "discovered, to be checked": _found_and_checked, "posted": affairs.posted, "claimed": affairs.claimed,
    "with minors": _minors, "claimed and late": _claimed_and_late, "unclaimed": _unclaimed, "hazard": _hazard,
    "hazard called back": _hazard_called_back, "at the year's end": _at_years_end,
    "two whistles asked": lambda: _told_by_rule(), "whistles blown": affairs.whistles_blown,
    "answered": affairs.whistles_answered, "unit on site": affairs.unit_on_site, "work done": affairs.work_done,
    "rated": _rated, "whistles closed": affairs.whistles_closed, "units called": whistling.units_called,
    "members called": whistling.members_called, "two places, three came": _full, "nobody left": _nobody_left,
    "objected": _objected, "emergency": whistling.emergency, "emergency on site": _emergency_on_site,
    "departments called": whistling.department_called, "department at work": _department_at_work,
    "settled at once": _settled_at_once, "no check needed": _no_check_needed, "agreed time past": _agreed_time_past,
    "planned": _planned, "called by name": _by_name, "with a co-handler": _with_co_handler,
    "a standing rule": whistling.standing, "a case": whistling.a_case,
}  # fmt: skip


def _told_by_rule() -> Story:
    story = Story()
    story.report()
    return story


@cache
def _begun(name: str) -> tuple[Life, Story]:
    story = STORIES[name]()
    life = Life()
    for event in story.history:
        life.take([event], town())
    return life, story


def world_of(name: str) -> World:
    """A copy of a prepared story, in the town where all posts are held."""
    life, story = _begun(name)
    reported = life.history[0]
    return World(now=story.now, lives=[life.copy()], counted=int(getattr(reported, "origin", None) == "reported"))
