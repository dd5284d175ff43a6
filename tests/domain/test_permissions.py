"""The matrix of permissions: every command × every kind of post × own, parent and neighbouring area, and who has none.

What is expected is read from the `who` column of the specification's tables and the table "Who may".
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from shaoyin.domain import commands as cmd
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.flow import BY_SYSTEM, FLOW, decide, may, may_on_whistle, row_for, rows_of, stands_in
from shaoyin.domain.rows import name_of
from tests.domain.permissions import Actor, a_case, a_pack, actors, bare, expected, words_of
from tests.domain.town import Story, a_blocked_drain, enrolled

KINDS = sorted({row.kind for row in FLOW} - {cmd.OpenCase, cmd.TimePassed}, key=name_of)
LINES = sorted({(row.row, row.command) for row in FLOW if row.kind in KINDS})


def of(kind: type[cmd.Given], actor: Actor) -> tuple[Case, cmd.Command]:
    """A claimant is the main handler only of a case that was claimed."""
    return a_case(claimed=actor.person == "p-claimant"), bare(kind, actor)


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_whoever_the_specification_does_not_name_is_refused_as_not_permitted(kind: type[cmd.Given]) -> None:
    """Never with another code, and never with an event.

    Decision 1.10.
    """
    wrong: list[tuple[Actor, object]] = []
    for actor in actors():
        if expected(words_of(name_of(kind)), actor, kind):
            continue
        case, command = of(kind, actor)
        try:
            wrong.append((actor, decide(case, command, a_pack())))
        except Refused as refused:
            if refused.code != "not_permitted":
                wrong.append((actor, refused.code))

    assert wrong == []


def test_the_clock_is_nobodys_command() -> None:
    """Decision 1.10."""
    assert {"time_passed", "give_up_info", "archive"} <= BY_SYSTEM


@pytest.mark.parametrize("kind", KINDS, ids=name_of)
def test_whoever_the_specification_names_is_asked_for_the_state_and_the_rules_next(kind: type[cmd.Given]) -> None:
    """Named by one of its lines: then the refusal, if any, is another one than that of a stranger.

    Decision 1.10.
    """
    for actor in actors():
        if not expected(words_of(name_of(kind)), actor, kind):
            continue
        case, command = of(kind, actor)
        lines = [row for row in rows_of(kind) if stands_in(row, case, command, a_pack())]

        assert lines, actor
        ended = replace(case, state="archived", whistles={})
        if any(row.level == "case" for row in lines):
            with pytest.raises(Refused, match="not_now"):
                row_for(ended, command, a_pack())


@pytest.mark.parametrize(("row", "command"), LINES)
def test_each_line_names_exactly_those_of_its_own_words(row: str, command: str) -> None:
    """A command may have lines for different people.

    Decision 1.10.
    """
    rows = [each for each in FLOW if (each.row, each.command) == (row, command)]
    for actor in actors():
        case, given = of(rows[0].kind, actor)
        stands = any(stands_in(each, case, given, a_pack()) for each in rows)

        assert stands == expected(words_of(command, row), actor, rows[0].kind), actor


@pytest.mark.parametrize("actor", [each for each in actors() if each.person is not None], ids=lambda each: each.person)
def test_nothing_is_offered_that_would_be_refused_as_not_permitted(actor: Actor) -> None:
    """Decision 1.10."""
    assert actor.person is not None
    kinds = {name_of(kind): kind for kind in KINDS}
    case = a_case(claimed=actor.person == "p-claimant")
    offered = {*may(case, actor.person, a_pack()), *may_on_whistle(case, "w1", actor.person, a_pack())}

    never = {name for name in offered if not _may(name, kinds[name], actor)}
    assert never == set()


def _may(command: str, kind: type[cmd.Given], actor: Actor) -> bool:
    """With his post, or as a person without."""
    return any(expected(words_of(command), each, kind) for each in (actor, replace(actor, post=None, kind=None)))


def test_the_same_person_without_the_post_is_a_stranger() -> None:
    """A post is proved by holding it: naming another's is nothing.

    Decision 1.10.
    """
    for kind in KINDS:
        for actor in actors():
            if actor.post is not None:
                case, command = of(kind, replace(actor, person="p-nobody"))
                if not words_of(name_of(kind)) & {"responder"}:
                    assert not any(stands_in(row, case, command, a_pack()) for row in rows_of(kind)), (kind, actor)


def test_a_person_who_is_not_enrolled_is_told_so_and_offered_nothing() -> None:
    """Decision 1.10."""
    story = Story()
    story.report(a_blocked_drain(category=None))
    story.give(("p-jia-1", "duty"), cmd.Accept, category="CAR.elder", area="wls-grid-1", urgency="normal", number="N1")
    story.give(("p-jia-1", "duty"), cmd.PostForClaim, publication="short", task="陪老人去配眼镜")
    member = enrolled(story.pack)[0]

    assert story.refused(("p-nobody", None), cmd.Claim) == "not_eligible"
    assert "claim" not in may(story.open_case, "p-nobody", story.pack)
    assert "claim" in may(story.open_case, member.person, story.pack, member)


@pytest.mark.parametrize("actor", [each for each in actors() if each.post is not None], ids=lambda each: each.post)
def test_a_case_is_opened_at_a_desk_only_by_a_post_with_the_intake_right(actor: Actor) -> None:
    """Decision 1.45."""
    pack = a_pack()
    command = cmd.OpenCase(
        at=a_case().last_at, person=actor.person, post=actor.post, report=a_blocked_drain(), case_id="c1",
        number_if_accepted="N1",
    )  # fmt: skip
    has_right = "intake" in pack.directory.kinds[actor.kind or ""].rights

    if has_right:
        assert decide(None, command, pack)
    else:
        with pytest.raises(Refused, match="intake_right_missing"):
            decide(None, command, pack)
