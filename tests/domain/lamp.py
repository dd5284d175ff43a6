"""A street lamp of normal urgency, brought to each stage of its handling: the beginnings of many tests.

Handed over on Monday 14 September 2026 at 09:30; duty is 09:00-12:00 and 14:00-18:00. Sunday the 20th is worked, the
25th to the 27th and 1 to 7 October are holidays, Saturday 10 October is worked.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shaoyin.domain import commands as cmd
from shaoyin.domain.flow import rows_of, stands_in
from shaoyin.domain.org import Directory, Post
from shaoyin.domain.pack import Pack
from tests.domain.affairs import accepted, result
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, MUNICIPAL, REPORTER, Story, a_blocked_drain, gathered, wulibao

LAMP = "LIG.lamp_out"
OTHER_REPORTER = "reporter-2"
SERVICE_DESK = ("p-jia-6", "service-desk")
TRIAGE_LEAD = ("p-bing-6", "triage-lead")
NOBODY: tuple[str, str | None] = (None, None)  # type: ignore[assignment]  # the system itself


def lamp_accepted(urgency: str = "normal") -> Story:
    return accepted(LAMP, urgency)


def lamp_given(urgency: str = "normal", **named: object) -> Story:
    story = lamp_accepted(urgency)
    story.give(DUTY, cmd.Dispatch, **{"main": "municipal-duty", **named})
    return story


def lamp_signed(urgency: str = "normal", **named: object) -> Story:
    story = lamp_given(urgency, **named)
    story.give(MUNICIPAL, cmd.SignFor)
    return story


def lamp_in_work(urgency: str = "normal", **named: object) -> Story:
    story = lamp_signed(urgency, **named)
    story.give(MUNICIPAL, cmd.Start)
    return story


def lamp_checked(urgency: str = "normal") -> Story:
    """Its result is in, and waits for the check."""
    story = lamp_in_work(urgency)
    story.give(MUNICIPAL, cmd.SubmitResult, **result())
    return story


def lamp_called(urgency: str = "normal") -> Story:
    """Checked, and waits for the call-back."""
    story = lamp_checked(urgency)
    story.give(GRID_LEAD, cmd.PassCheck)
    return story


def lamp_of_two() -> Story:
    """Two people reported it; their cases became one, and it waits for the call-back."""
    story = lamp_checked()
    story.give(NOBODY, cmd.AttachReporter, reporter_ref=OTHER_REPORTER, from_case="c0", secrecy="open")
    story.give(GRID_LEAD, cmd.PassCheck)
    return story


def lamp_closed() -> Story:
    story = lamp_called()
    called_back(story, "solved")
    return story


def lamp_without_reporter(category: str = LAMP) -> Story:
    """Somebody on a round saw it; the case was opened without anybody to answer."""
    story = Story()
    story.report(a_blocked_drain(category=None, reporter=None, description="巡查发现"))
    story.give(DUTY, cmd.Accept, category=category, area="courtyard-51-b1", urgency="normal", number="N1")
    story.give(DUTY, cmd.Dispatch, main="municipal-duty")
    story.give(MUNICIPAL, cmd.SignFor)
    story.give(MUNICIPAL, cmd.Start)
    return story


def called_back(story: Story, outcome: str, reporter: str = REPORTER, **fields: object) -> list[str]:
    happened = story.give(CENTRE, cmd.RecordCallBack, reporter_ref=reporter, outcome=outcome, note="电话", **fields)
    return [each.type for each in happened]


def due(story: Story, clock: str) -> datetime:
    return story.open_case.clocks[clock].deadline.due_at


def running(story: Story) -> set[str]:
    """The clocks that run, overdue or not."""
    return {name for name, clock in story.open_case.clocks.items() if clock.runs}


def met(story: Story) -> set[str]:
    return {name for name, clock in story.open_case.clocks.items() if clock.met_at is not None}


def stopped(story: Story) -> set[str]:
    return {name for name, clock in story.open_case.clocks.items() if clock.stopped_at is not None}


def paused(story: Story) -> set[str]:
    return {name for name, clock in story.open_case.clocks.items() if clock.open and clock.paused_at is not None}


def said(story: Story) -> list[str]:
    """The keys of the replies that went out with the last event that had any."""
    return next(([each.key for each in event.replies] for event in reversed(story.history) if event.replies), [])


def owner(story: Story) -> str | None:
    return story.open_case.owner.post or story.open_case.owner.person


def passed_over(story: Story, who: tuple[str, str | None], kind: type[cmd.Command], **fields: object) -> list[str]:
    """Why each line of a command does not hold now: the first rule it breaks, for those that name such a person."""
    command = kind(at=story.now, person=who[0], post=who[1], **fields)  # type: ignore[arg-type]
    given, case = gathered(command, story.pack), story.open_case
    found = []
    for row in rows_of(kind):
        asked = not row.clocks or fields.get("clock") in row.clocks
        if row.level == "case" and asked and case.state in row.from_ and stands_in(row, case, given, story.pack):
            found += [each.code for each in row.guards if each.broken(case, given, story.pack) is not False][:1]
    return found


def with_posts(*posts: Post, pack: Pack | None = None) -> Pack:
    """The town with these posts beside, or instead of, its own."""
    pack = pack or wulibao()
    known = pack.directory
    directory = Directory(
        known.kinds, known.orgs, {**known.posts, **{each.post_id: each for each in posts}}, known.people,
        known.registrations,
    )  # fmt: skip
    return replace(pack, directory=directory)
