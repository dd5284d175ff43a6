"""What is wrong with a community's own figures, crews, teams, stations and boards, and posts claimed twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shaoyin.domain.boards import on_board, on_two_boards
from shaoyin.domain.coverage import doubled
from shaoyin.domain.pack import Pack
from shaoyin.domain.problem import Path, Problem
from shaoyin.domain.roster import faults

PAGE = "profile.yaml"


def problems_of_profile(pack: Pack) -> Iterator[Problem]:
    yield from _posts(pack)
    yield from _unknown_areas(pack)
    yield from _households(pack)
    yield from _teams(pack)
    yield from _appointments(pack)
    yield from _stations(pack)
    yield from _boards(pack)


def _posts(pack: Pack) -> Iterator[Problem]:
    """Two rows that claim the same post of the same place: the second would be lost in silence."""
    names = list(pack.directory.posts)
    for first, second in doubled(pack):
        detail = (
            f"{second.post_id} and {first.post_id} are both {second.kind} of {second.area}: name two holders of one"
        )
        yield Problem("orgs.yaml", ("posts", names.index(second.post_id)), "post_twice", detail, first.post_id)


def _unknown_areas(pack: Pack) -> Iterator[Problem]:
    profile = pack.profile
    named: Iterable[tuple[Path, str]] = (
        *((("homes", n, "area"), each.area) for n, each in enumerate(profile.homes)),
        *((("elsewhere", n, "members_of"), each.members_of) for n, each in enumerate(profile.elsewhere)),
        *((("elsewhere", n, "cover"), each.cover) for n, each in enumerate(profile.elsewhere)),
    )
    for where, area in named:
        if area not in pack.areas.areas:
            yield Problem(PAGE, where, "unknown_area", f"no area {area!r}", area)
    for index, cover in enumerate(profile.covers):
        if cover.post_kind is not None and cover.post_kind not in pack.directory.kinds:
            where = ("covers", index, "post_kind")
            yield Problem(PAGE, where, "unknown_post_kind", f"no kind {cover.post_kind!r}", cover.post_kind)


def _households(pack: Pack) -> Iterator[Problem]:
    """What is said area by area has to add up to what is said of the whole, where both are said."""
    total = next((each for each in pack.profile.figures if each.name == "households"), None)
    summed = sum(each.households for each in pack.profile.homes)
    if total is not None and pack.profile.homes and summed != total.count:
        where = ("figures", pack.profile.figures.index(total), "count")
        yield Problem(PAGE, where, "households_differ", f"{total.count}, and by area {summed}", str(summed))


def _teams(pack: Pack) -> Iterator[Problem]:
    for index, team in enumerate(pack.profile.teams):
        if team.org not in pack.directory.orgs:
            yield Problem(PAGE, ("teams", index, "org"), "unknown_org", f"no organisation {team.org!r}", team.org)
        for number, member in enumerate(team.members):
            if member.person not in pack.directory.people:
                where = ("teams", index, "members", number, "person")
                yield Problem(PAGE, where, "unknown_person", f"no person {member.person!r}", member.person)
        for fault in faults(team, pack):
            yield Problem(
                PAGE, ("teams", index), fault.flaw, f"{team.team_id}: {fault.flaw} {fault.about}", fault.about
            )


def _appointments(pack: Pack) -> Iterator[Problem]:
    for index, each in enumerate(pack.profile.cross_appointments):
        for number, name in enumerate(each.posts):
            post = pack.directory.posts.get(name)
            where = ("cross_appointments", index, "posts", number)
            if post is None:
                yield Problem(PAGE, where, "unknown_post", f"no post {name!r}", name)
            elif each.person not in post.holders:
                yield Problem(PAGE, where, "not_held", f"{each.person} does not hold {name}", name)
        known = (pack.directory.posts.get(name) for name in each.posts)
        if len({post.org for post in known if post is not None}) < 2:
            yield Problem(
                PAGE,
                ("cross_appointments", index, "posts"),
                "one_body_only",
                f"{each.person} sits in one body",
                each.person,
            )


def _stations(pack: Pack) -> Iterator[Problem]:
    for index, station in enumerate(pack.profile.stations):
        if station.post not in pack.directory.posts:
            where = ("stations", index, "post")
            yield Problem(PAGE, where, "unknown_post", f"no post {station.post!r}", station.post)


def _boards(pack: Pack) -> Iterator[Problem]:
    for index, board in enumerate(pack.profile.boards):
        if not any(on_board(board, category) for category in pack.categories):
            where = ("boards", index, "categories")
            yield Problem(PAGE, where, "unknown_category", f"no category of {board.board_id}", board.board_id)
    for category in on_two_boards(pack):
        yield Problem(PAGE, ("boards",), "on_two_boards", f"{category} stands on two boards", category)
