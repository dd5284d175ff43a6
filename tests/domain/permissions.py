"""Who may, as the specification says it: every kind of post in three places, every part in a case, and nobody."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import cast

from shaoyin.domain import commands as cmd
from shaoyin.domain.case import Case
from shaoyin.domain.events import Called, Party
from shaoyin.domain.org import Directory, Org, Post
from shaoyin.domain.pack import Pack
from tests.domain.town import wulibao
from tests.domain.whistling import units_called

SPEC = Path(__file__).resolve().parent.parent / "spec"
PLACES = {"own": "wls-grid-1", "parent": "wulibao-south", "neighbour": "wls-grid-2"}
"""Where the case is, what contains it, and what lies beside it."""
COVERS = frozenset({"own", "parent"})
BY_RIGHT: Mapping[str, frozenset[str]] = {
    "checker": frozenset({"grid_lead", "community_duty", "street_centre", "district_joint_office"}),
    "call_back": frozenset({"street_centre", "community_duty", "district_joint_office"}),
}
"""Decisions, "Who may": kinds behind these words; the district's where street and community both handle it (1.14)."""
OF_THE_HANDLERS_BODY = frozenset({"dept_head", "duty_roster"})
BY_PART = frozenset({"handler", "co_handler", "requester", "responder"})
WORDS_OF_NOBODY = frozenset({"system", "reporter"})
HANDLERS_BODY, ELSEWHERE = "body-of-the-handler", "body-elsewhere"
LINES = ("case_flow.csv", "whistle_flow.csv", "responder_flow.csv")


@dataclass(frozen=True)
class Actor:
    """Somebody with at most one post; `part` is what he is in this case, `body` whose post it is."""

    person: str | None
    post: str | None = None
    kind: str | None = None
    place: str = "neighbour"
    part: str | None = None
    body: str = ELSEWHERE


@cache
def actors() -> tuple[Actor, ...]:
    kinds = sorted(wulibao().directory.kinds)
    everywhere = [Actor(f"p-{kind}-{place}", f"{kind}-{place}", kind, place) for kind in kinds for place in PLACES]
    return (
        *everywhere,
        *_parts(),
        Actor("p-gui-1"),
        Actor("p-nobody"),
        Actor("p-claimant", part="handler"),
        Actor(None),
    )


def _parts() -> Iterator[Actor]:
    """Parts count wherever the post's own area lies, and so does belonging to the handler's body."""
    yield Actor("p-main", "main", "unit_duty", part="handler", body=HANDLERS_BODY)
    yield Actor("p-co", "co", "property_duty", part="co_handler")
    yield Actor("p-blower", "blower", "grid_lead", part="requester")
    yield Actor("p-called", "called", "unit_duty", part="responder")
    for kind in sorted(OF_THE_HANDLERS_BODY):
        yield Actor(f"p-own-{kind}", f"own-{kind}", kind, body=HANDLERS_BODY)


def expected(words: frozenset[str], actor: Actor, kind: type[cmd.Given]) -> bool:
    """Whether one of the words of the specification means this actor."""
    return any(_means(word, actor, kind) for word in words)


def _means(word: str, actor: Actor, kind: type[cmd.Given]) -> bool:
    if actor.person is None:
        return word == ("reporter" if issubclass(kind, cmd.ByReporter) else "system")
    if word in WORDS_OF_NOBODY:
        return False
    if word == "member":
        return actor.post is None
    if word in BY_PART:
        return actor.part == word
    if actor.post is None:
        return False
    if word in OF_THE_HANDLERS_BODY:
        return actor.kind == word and actor.body == HANDLERS_BODY
    if word == "any_staff":
        return actor.place in COVERS
    return actor.kind in BY_RIGHT.get(word, {word}) and actor.place in COVERS


def words_of(command: str, row: str | None = None) -> frozenset[str]:
    """What the `who` column says of a command, in one of its lines or in all of them."""
    named = (line for line in _lines() if line["command"] == command and row in (None, line["row"]))
    return frozenset(word for line in named for word in line["who"].split("|"))


@cache
def _lines() -> list[dict[str, str]]:
    return [line for name in LINES for line in csv.DictReader((SPEC / name).read_text("utf-8").splitlines())]


@cache
def a_pack() -> Pack:
    pack = wulibao()
    known = pack.directory
    bodies = {name: Org(name, "partner_unit", {"en": name}, "erqi") for name in (HANDLERS_BODY, ELSEWHERE)}
    posts = {
        each.post: Post(each.post, each.kind, each.body, PLACES[each.place], (each.person,))
        for each in actors()
        if each.post is not None and each.kind is not None and each.person is not None
    }
    directory = Directory(
        known.kinds, {**known.orgs, **bodies}, {**known.posts, **posts}, known.people, known.registrations
    )
    return replace(pack, directory=directory)


@cache
def a_case(*, claimed: bool = False) -> Case:
    """In work, with a main handler, a co-handler, a whistle of somebody's and a unit that was called."""
    pack = a_pack()
    posts = pack.directory.posts
    story = units_called("municipal-duty")
    whistle = story.open_case.whistles["w1"]
    called = Called("called", Party.of(posts["called"]), ())
    responder = replace(whistle.responders["municipal-duty"], responder="called", party=called.party)
    main = Party(None, "p-claimant", None, PLACES["own"]) if claimed else Party.of(posts["main"])
    return replace(
        story.open_case, area=PLACES["own"], state="in_progress", main=main, owner=main, co=(Party.of(posts["co"]),),
        whistles={"w1": replace(whistle, blower="blower", responders={"called": responder})},
    )  # fmt: skip


def bare(kind: type[cmd.Given], actor: Actor) -> cmd.Command:
    """The command with nothing in it but who gives it, and on which whistle."""
    case = a_case()
    given: dict[str, object] = {each.name: None for each in fields(kind)}
    given.update(at=case.last_at, person=actor.person, post=actor.post)
    if "whistle_id" in given:
        given["whistle_id"] = "w1"
    if issubclass(kind, cmd.ByReporter):
        given["reporter_ref"] = case.reporters[0].ref
        given["on_behalf"] = actor.person is not None
    return cast("cmd.Command", kind(**given))  # type: ignore[arg-type]  # enough to ask who
