"""A matter of Wulibao on its way through the table: reported, looked at where somebody must, and given to a handler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from shaoyin.domain import commands as cmd
from shaoyin.domain import events as ev
from shaoyin.domain.conditions import Fact
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import Answer, PlaceGiven, Report, Secrecy
from shaoyin.domain.rules import RowSeen
from tests.domain.lamp import with_posts
from tests.domain.town import MORNING, REPORTER, Story, at, wulibao

UNMANAGED, FIRM, OWNERS, ROAD = "courtyard-51-b1", "kangning-b1", "xinghua-b1", "road-45"
"""A building of an unmanaged courtyard, of an estate with a firm, of a self-managed courtyard, and at a public road."""
SANITATION = Post("sanitation", "dept_duty", "wulibao-office", "wulibao", ("p-ding-1",), speciality="sanitation")
NIGHT, WEEKEND = "2026-09-14 23:00", "2026-09-12 10:00"


@dataclass(frozen=True)
class Said:
    """What is said of a matter beside its category and its place; every other word is an answer of the form."""

    on: str | None = None
    text: str = "有件事"
    facts: Mapping[str, Fact] = field(default_factory=dict)
    pack: Pack = field(default_factory=wulibao)
    secrecy: Secrecy = "open"
    opened_from: str | None = None
    answers: Mapping[str, Answer] = field(default_factory=dict)


def told(category: str | None, where: str = UNMANAGED, /, **given: object) -> Story:
    """Reported, and as far as it goes by itself."""
    names = {each.name for each in fields(Said)}
    answers = {name: value for name, value in given.items() if name not in names}
    said = Said(**{name: value for name, value in given.items() if name in names}, answers=answers)  # type: ignore[arg-type]
    story = Story(pack=said.pack, now=at(said.on) if said.on else MORNING)
    report = Report(
        report_id="r1", community="wulibao", pack_version="test", description=said.text, place=place(where),
        received_at=story.now, reporter_ref=REPORTER, secrecy=said.secrecy, category=category, answers=said.answers,
        opened_from=said.opened_from,
    )  # fmt: skip
    story._keep(cmd.OpenCase(at=story.now, report=report, case_id="c1", number_if_accepted="N1", facts=said.facts))
    return story


def place(where: str) -> PlaceGiven:
    return PlaceGiven(building=where) if where else PlaceGiven()


def sent(category: str, where: str = UNMANAGED, /, **given: object) -> Story:
    """As `told`; the desk that has it accepts it as it was reported and lets the rules find the handler."""
    story = told(category, where, **given)
    desk = story.open_case.owner.post
    if story.open_case.state == "reported":
        who = (story.pack.directory.posts[desk or ""].holders[0], desk)
        case = story.open_case
        area = case.area or story.pack.root
        story.give(who, cmd.Accept, category=category, area=area, urgency=case.urgency, number="N1")
    if story.open_case.state == "accepted":
        who = (story.pack.directory.posts[desk or ""].holders[0], desk)
        story.give(who, cmd.Dispatch)
    return story


def dispatched(story: Story) -> ev.CaseDispatched:
    return story.only(ev.CaseDispatched)


def went(story: Story) -> tuple[int, str | None]:
    """The row that named the handler, and the post it is with."""
    found = dispatched(story)
    return found.row, found.main.post


def beside(story: Story) -> tuple[int, ...]:
    return dispatched(story).added_rows


def others(story: Story) -> tuple[list[str | None], list[str | None]]:
    """The co-handlers and the informed."""
    found = dispatched(story)
    return [each.post for each in found.co], [each.post for each in found.informed]


def lacking(story: Story, row: int) -> str | None:
    return next(each.lacking for each in explanation(story) if each.row == row)


def explanation(story: Story) -> tuple[RowSeen, ...]:
    return dispatched(story).explanation


def with_departments(pack: Pack | None = None) -> Pack:
    return replace(pack or wulibao(), department_tier=True)


def with_sanitation() -> Pack:
    return with_posts(SANITATION)
