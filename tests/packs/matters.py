"""A matter at a place of a shipped pack, reported and decided as real ones are."""

from __future__ import annotations

from dataclasses import replace

from shaoyin.domain import commands as cmd
from shaoyin.domain.org import Post
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import Answer, PlaceGiven, Point, Report
from tests.domain.town import MORNING, REPORTER, Story


def of_kind(kind: str, pack: Pack) -> list[str]:
    return [area.area_id for area in pack.areas.areas.values() if area.kind == kind]


def middle(area: str, pack: Pack) -> PlaceGiven:
    """A point in the middle of an area's polygon."""
    (((*corners,), *_),) = pack.areas.areas[area].shape
    lngs, lats = zip(*corners, strict=True)
    return PlaceGiven(point=Point((min(lngs) + max(lngs)) / 2, (min(lats) + max(lats)) / 2, "GCJ02"))


def a_report(
    pack: Pack,
    category: str,
    place: str,
    *,
    text: str = "请来看看",
    answers: dict[str, Answer] | None = None,
    **said: str,
) -> Report:
    """At a building or an area of the pack, by its id."""
    kind = pack.areas.areas[place].kind
    given = PlaceGiven(building=place) if kind == "building" else PlaceGiven(area=place)
    report = Report(
        report_id="r1", community=pack.name, pack_version=pack.version, description=text, place=given,
        received_at=MORNING, reporter_ref=REPORTER, category=category, answers=answers or {},
    )  # fmt: skip
    return replace(report, **said)  # type: ignore[arg-type]


def reported(
    pack: Pack, category: str, place: str, *, text: str = "请来看看", answers: dict[str, Answer] | None = None
) -> Story:
    story = Story(pack=pack)
    story.report(a_report(pack, category, place, text=text, answers=answers))
    if story.open_case.state == "reported":
        looked_at(story)
    return story


def looked_at(story: Story, main: str | None = None) -> None:
    """The desk that holds it accepts it as it is, and sends it on by the rules or to somebody it names."""
    case = story.open_case
    desk = story.pack.directory.posts[case.owner.post or ""]
    who = desk.holders[0], desk.post_id
    story.give(who, cmd.Accept, category=case.category, area=case.area, urgency=case.urgency)
    if story.open_case.state == "accepted":
        story.give(who, cmd.Dispatch, main=main)


def main_of(story: Story) -> Post:
    main = story.open_case.main
    assert main is not None, "nobody was named"
    return story.pack.directory.posts[main.post or ""]


def with_post(pack: Pack, post: Post) -> Pack:
    """The same pack in which one post is held by somebody else, or by nobody."""
    posts = {**pack.directory.posts, post.post_id: post}
    return replace(pack, directory=replace(pack.directory, posts=posts))


def vacated(pack: Pack, *names: str) -> Pack:
    """The same pack after the terms of these holders have ended."""
    for name in names:
        pack = with_post(pack, replace(pack.directory.posts[name], holders=()))
    return pack
