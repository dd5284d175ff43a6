"""Enrolment as stories, given events, when a command, then events; and its rows against the specification's table."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, field, fields
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from shaoyin.domain import registration_commands as cmd
from shaoyin.domain import registration_events as ev
from shaoyin.domain.case import Refused
from shaoyin.domain.org import RegistrationKind
from shaoyin.domain.registration import Enrolment, best_of, evolve, free_at, member_of, replay, seen
from shaoyin.domain.registration_commands import RegistrationCommand
from shaoyin.domain.registration_events import RegistrationEvent
from shaoyin.domain.registration_flow import REGISTRATION_FLOW, Row, decide, may, stands_in
from tests.domain.town import CENTRE, DUTY, GRID_LEAD, MORNING, SECRETARY, at, wulibao

TODAY = date(2026, 9, 14)
DEPUTY = ("p-jia-4", "deputy")
MEMBER = ("p-gui-9", None)
NEIGHBOUR = ("p-gui-8", None)
UNIT = ("p-ji-2", "hospital-duty")
OTHER_UNIT = ("p-wu-1", "municipal-duty")
SYSTEM = (None, None)
Who = tuple[str | None, str | None]


@dataclass
class Story:
    """One enrolment and the time; every command goes through `decide`, every event through `evolve`."""

    now: datetime = MORNING
    enrolment: Enrolment | None = None
    history: list[RegistrationEvent] = field(default_factory=list)

    def apply(self, giver: Who = MEMBER, /, **said: object) -> list[RegistrationEvent]:
        about: dict[str, object] = {"kind": "member", "who": giver[0], "area": "wulibao-south", "consent_shown": True}
        return self.give(giver, cmd.Apply, **(about | said))

    def give(self, who: Who, command: type[RegistrationCommand], /, **said: object) -> list[RegistrationEvent]:
        about = {} if command is cmd.TimePassed else {"registration_id": "reg-1"}
        given = command(at=self.now, person=who[0], post=who[1], **about, **said)  # type: ignore[arg-type]
        events = decide(self.enrolment, given, wulibao())
        for event in events:
            self.enrolment = evolve(self.enrolment, event)
        self.history += events
        return events

    def refused(self, who: Who, command: type[RegistrationCommand], /, **said: object) -> str:
        before = self.enrolment
        try:
            self.give(who, command, **said)
        except Refused as refused:
            assert self.enrolment is before
            return refused.code
        return "allowed"

    @property
    def known(self) -> Enrolment:
        assert self.enrolment is not None
        return self.enrolment


def types(events: Sequence[RegistrationEvent]) -> list[str]:
    return [event.type for event in events]


def applied(giver: Who = MEMBER, /, **said: object) -> Story:
    story = Story()
    story.apply(giver, **said)
    return story


def active(giver: Who = MEMBER, /, **said: object) -> Story:
    story = applied(giver, **said)
    story.give(SECRETARY, cmd.Confirm, vetting="basic", vetted_until=date(2027, 8, 31))
    return story


def paused() -> Story:
    story = active()
    story.give(MEMBER, cmd.Pause, until=date(2026, 10, 1))
    return story


def waiting(start: date = date(2026, 9, 20)) -> Story:
    story = applied(start=start)
    story.give(SECRETARY, cmd.Confirm)
    return story


def unit(**said: object) -> Story:
    story = Story()
    story.apply(UNIT, kind="unit", who="hospital-duty", **said)
    return story


# Stories


def test_a_member_applies_and_is_in_force_as_soon_as_the_community_confirms() -> None:
    """Rows a33, a34. Decision 2.7."""
    story = applied(skills=("修水管",), household="hh-7")

    happened = story.give(SECRETARY, cmd.Confirm, vetting="minors", vetted_until=date(2027, 8, 31))

    assert types(happened) == ["registration.confirmed", "registration.activated"]
    assert (story.known.state, story.known.version) == ("active", 3)
    assert (story.known.skills, story.known.household, story.known.vetting) == (("修水管",), "hh-7", "minors")


def test_with_a_later_start_it_rests_as_confirmed_until_that_day_begins() -> None:
    """Rows a34, a35. Decision 2.7."""
    story = waiting()

    assert types(story.history) == ["registration.applied", "registration.confirmed"]
    assert story.known.activates_at == at("2026-09-20 00:00")
    assert story.refused(SYSTEM, cmd.TimePassed) == "not_due"
    story.now = at("2026-09-20 00:00")
    assert types(story.give(SYSTEM, cmd.TimePassed)) == ["registration.activated"]
    after = story.known
    assert (after.state, after.activates_at) == ("active", None)


def test_a_start_date_that_has_come_already_makes_nobody_wait() -> None:
    story = applied(start=TODAY)

    assert types(story.give(DUTY, cmd.Confirm)) == ["registration.confirmed", "registration.activated"]


def test_a_command_after_the_start_date_finds_it_in_force_even_before_the_timer_ran() -> None:
    story = waiting()
    story.now = at("2026-09-20 08:00")

    assert types(story.give(MEMBER, cmd.Pause)) == ["registration.activated", "registration.paused"]


def test_the_community_refuses_with_a_reason_and_only_before_it_confirmed() -> None:
    """Row a36."""
    story = applied()

    assert story.refused(SECRETARY, cmd.RefuseRegistration, reason="  ") == "reason_missing"
    assert types(story.give(SECRETARY, cmd.RefuseRegistration, reason="不住本社区")) == ["registration.refused"]
    assert (story.known.state, story.known.reason, story.known.open) == ("refused", "不住本社区", False)
    assert active().refused(SECRETARY, cmd.RefuseRegistration, reason="不住本社区") == "not_now"


def test_a_member_pauses_and_resumes_himself() -> None:
    """Rows a37, a38. Decision 2.32."""
    story = paused()

    assert (story.known.state, story.known.paused_until) == ("paused", date(2026, 10, 1))
    assert types(story.give(MEMBER, cmd.ResumeRegistration)) == ["registration.resumed"]
    assert (story.known.state, story.known.paused_until) == ("active", None)


def test_what_was_said_of_the_return_brings_nobody_back_by_itself() -> None:
    story = paused()
    story.now = at("2026-10-02 00:00")

    assert story.refused(SYSTEM, cmd.TimePassed) == "not_now"
    assert story.known.state == "paused"


def test_a_member_may_end_it_at_any_time_and_without_a_word() -> None:
    """Row a39."""
    for story in (applied(), waiting(), active(), paused()):
        assert types(story.give(MEMBER, cmd.End)) == ["registration.ended"]
        assert (story.known.state, story.known.activates_at) == ("ended", None)


def test_the_community_ends_it_only_with_a_reason() -> None:
    """Row a39."""
    story = active()

    assert story.refused(DUTY, cmd.End) == "reason_missing"
    assert types(story.give(DUTY, cmd.End, reason="已搬走")) == ["registration.ended"]
    assert story.known.reason == "已搬走"


def test_nothing_more_happens_after_the_end() -> None:
    story = active()
    story.give(MEMBER, cmd.End)

    for kind in (cmd.Confirm, cmd.Pause, cmd.ResumeRegistration, cmd.End):
        assert story.refused(DUTY, kind) == "not_now"


def test_the_community_applies_for_somebody_who_has_no_phone_and_says_so() -> None:
    story = Story()

    assert story.refused(DUTY, cmd.Apply, **about("p-gui-13")) == "not_permitted"
    assert types(story.give(DUTY, cmd.Apply, **about("p-gui-13"), on_behalf=True)) == ["registration.applied"]
    assert story.known.on_behalf


def about(who: str, kind: RegistrationKind = "member", area: str = "wulibao-south") -> dict[str, object]:
    return {"kind": kind, "who": who, "area": area, "consent_shown": True}


def test_only_the_community_applies_for_another() -> None:
    story = Story()

    assert story.refused(MEMBER, cmd.Apply, **about("p-gui-13"), on_behalf=True) == "not_permitted"
    assert story.refused(MEMBER, cmd.Apply, **about("p-gui-13")) == "not_permitted"
    assert story.refused(GRID_LEAD, cmd.Apply, **about("p-gui-13"), on_behalf=True) == "not_permitted"
    assert story.refused(DUTY, cmd.Apply, **about("p-gui-13", area="wulibao"), on_behalf=True) == "not_permitted"


def test_a_unit_is_enrolled_by_its_own_duty_post() -> None:
    assert types(unit().history) == ["registration.applied"]
    assert Story().refused(OTHER_UNIT, cmd.Apply, **about("hospital-duty", "unit")) == "not_permitted"
    assert Story().refused(("p-ji-2", None), cmd.Apply, **about("hospital-duty", "unit")) == "not_permitted"


def test_who_is_enrolled_already_does_not_apply_again_for_a_part_or_the_whole_of_that_area() -> None:
    for other in ("wulibao-south", "courtyard-51", "wulibao"):
        assert Story().refused(MEMBER, cmd.Apply, **about("p-gui-9"), open_areas=(other,)) == "already_registered"
    story = Story()
    story.give(MEMBER, cmd.Apply, **about("p-gui-9", area="courtyard-51"), open_areas=("estate-kangning",))
    assert story.known.area == "courtyard-51"


def test_nobody_confirms_the_own_enrolment_or_that_of_the_own_unit() -> None:
    own = applied(("p-jia-3", None))
    assert own.refused(SECRETARY, cmd.Confirm) == "own_registration"
    assert own.refused(DUTY, cmd.Confirm) == "allowed"
    later = applied(("p-jia-3", None), start=date(2026, 9, 20))
    assert later.refused(SECRETARY, cmd.Confirm) == "own_registration"


def test_an_event_is_never_before_the_one_before_it() -> None:
    story = active()
    story.now = MORNING - timedelta(hours=1)

    assert story.give(MEMBER, cmd.Pause)[0].at == MORNING


def test_replaying_the_history_gives_the_same_enrolment() -> None:
    story = paused()

    assert replay(story.history) == story.known


def test_what_others_see_says_nothing_about_the_person() -> None:
    facts = seen(active(household="hh-7", at_home_only=True).known)

    assert {each.name for each in fields(facts)}.isdisjoint({"household", "skills", "vetting", "reason", "free_times"})


# Permission

PERMITTED: dict[str, tuple[tuple[Who, bool], ...]] = {
    "confirm": (
        (SECRETARY, True), (DEPUTY, True), (DUTY, True), (MEMBER, False), (NEIGHBOUR, False), (GRID_LEAD, False),
        (CENTRE, False), (UNIT, False), (SYSTEM, False),
    ),
    "refuse_registration": (
        (SECRETARY, True), (DEPUTY, True), (DUTY, True), (MEMBER, False), (NEIGHBOUR, False), (GRID_LEAD, False),
        (CENTRE, False), (UNIT, False), (SYSTEM, False),
    ),
    "pause": (
        (MEMBER, True), (SECRETARY, True), (DEPUTY, True), (DUTY, True), (NEIGHBOUR, False), (GRID_LEAD, False),
        (CENTRE, False), (UNIT, False), (SYSTEM, False),
    ),
    "resume_registration": (
        (MEMBER, True), (SECRETARY, True), (DEPUTY, True), (DUTY, True), (NEIGHBOUR, False), (GRID_LEAD, False),
        (CENTRE, False), (UNIT, False), (SYSTEM, False),
    ),
    "end": (
        (MEMBER, True), (SECRETARY, True), (DEPUTY, True), (DUTY, True), (NEIGHBOUR, False), (GRID_LEAD, False),
        (CENTRE, False), (UNIT, False), (SYSTEM, False),
    ),
    "time_passed": ((SYSTEM, True), (SECRETARY, False), (MEMBER, False)),
}  # fmt: skip
KINDS = {row.command: row.kind for row in REGISTRATION_FLOW}
STATE_OF = {"confirm": applied, "refuse_registration": applied, "resume_registration": paused, "time_passed": waiting}


@pytest.mark.parametrize(
    ("command", "who", "allowed"),
    [(command, who, allowed) for command, cases in PERMITTED.items() for who, allowed in cases],
    ids=lambda value: "-".join(map(str, value)) if isinstance(value, tuple) else str(value),
)
def test_each_command_is_for_the_one_it_belongs_to_or_the_community(command: str, who: Who, *, allowed: bool) -> None:
    story = STATE_OF.get(command, active)()
    story.now = at("2026-09-20 09:30")
    said = {"reason": "已搬走"} if command in ("end", "refuse_registration") else {}

    code = story.refused(who, KINDS[command], **said)

    assert code == "allowed" if allowed else code in ("not_permitted", "not_yours")


def test_the_posts_of_a_neighbouring_area_have_no_say() -> None:
    outside = applied(area="estate-kangning")
    neighbour = ("p-yi-1", "grid-1-lead")
    story = applied(area="wulibao")

    assert outside.refused(SECRETARY, cmd.Confirm) == "allowed"
    assert story.refused(SECRETARY, cmd.Confirm) == "not_permitted"
    assert story.refused(neighbour, cmd.Pause) == "not_permitted"


def test_a_post_that_somebody_else_holds_gives_no_right() -> None:
    assert applied().refused(("p-gui-8", "secretary"), cmd.Confirm) == "not_permitted"


def test_of_another_ones_enrolment_it_is_said_that_it_is_not_yours() -> None:
    assert active().refused(NEIGHBOUR, cmd.Pause) == "not_yours"
    assert active().refused(NEIGHBOUR, cmd.End) == "not_permitted"
    story = unit()
    story.give(SECRETARY, cmd.Confirm)
    assert story.refused(OTHER_UNIT, cmd.Pause) == "not_yours"
    assert story.refused(UNIT, cmd.Pause) == "allowed"


def test_may_offers_what_would_not_be_refused_for_who_asks() -> None:
    pack = wulibao()

    assert may(applied().known, "p-gui-9", pack) == ["end"]
    assert may(applied().known, "p-jia-3", pack) == ["confirm", "refuse_registration", "end"]
    assert may(applied(("p-jia-3", None)).known, "p-jia-3", pack) == ["end", "refuse_registration"]
    assert may(active().known, "p-jia-1", pack) == ["pause", "end"]
    assert may(paused().known, "p-gui-9", pack) == ["resume_registration", "end"]
    assert may(active().known, "p-gui-8", pack) == []
    assert may(unit().known, "p-ji-2", pack) == ["end"]


def test_the_hat_that_permits_is_told_from_the_one_that_does_not() -> None:
    enrolment, pack = active().known, wulibao()

    def stands(who: Who) -> bool:
        return stands_in(enrolment, cmd.Pause(at=MORNING, person=who[0], post=who[1], registration_id="reg-1"),
                         cmd.Pause, pack)  # fmt: skip

    assert [stands(who) for who in (MEMBER, DUTY, NEIGHBOUR, ("p-jia-1", None))] == [True, True, False, False]


# Who may be called


def test_a_member_counts_where_his_area_covers_the_place_or_a_larger_one_is_called() -> None:
    pack = wulibao()
    whole, part = active().known, active(area="courtyard-51").known

    assert member_of(whole, "courtyard-51-b1", MORNING, pack) is not None
    assert member_of(part, "courtyard-51-b1", MORNING, pack) is not None
    assert member_of(part, "wulibao-south", MORNING, pack) is not None
    assert member_of(part, "estate-kangning", MORNING, pack) is None


def test_an_area_limit_is_kept_to_the_letter() -> None:
    pack = wulibao()
    limited = active(area_limits=("courtyard-51",)).known

    assert member_of(limited, "courtyard-51-b1", MORNING, pack) is not None
    assert member_of(limited, "estate-kangning", MORNING, pack) is None
    assert member_of(limited, "wulibao-south", MORNING, pack) is None


def test_who_has_only_applied_has_paused_or_has_left_is_no_member_to_call() -> None:
    ended = active()
    ended.give(MEMBER, cmd.End)
    whole_unit = unit()
    whole_unit.give(SECRETARY, cmd.Confirm)

    for story in (applied(), waiting(), paused(), ended, whole_unit):
        assert member_of(story.known, "wulibao-south", MORNING, wulibao()) is None


def test_a_vetting_holds_through_its_last_day_and_then_counts_as_none() -> None:
    """Decision 2.27."""
    enrolment = active().known

    def vetting(when: str) -> str:
        member = member_of(enrolment, "wulibao-south", at(when), wulibao())
        assert member is not None
        return member.vetting

    assert (vetting("2027-08-31 23:59"), vetting("2027-09-01 00:00")) == ("basic", "none")


def test_who_is_not_free_or_works_at_home_only_is_not_alerted_but_may_answer() -> None:
    def alerted(**said: object) -> bool:
        member = member_of(active(**said).known, "wulibao-south", MORNING, wulibao())
        assert member is not None
        assert member.enrolled.alert is member.may_be_alerted
        return member.may_be_alerted

    assert alerted()
    assert alerted(free_times=("mon 09:00-12:00",))
    assert not alerted(free_times=("sat 09:00-12:00",))
    assert not alerted(at_home_only=True)


def test_free_times_are_local_and_know_the_working_calendar() -> None:
    def free(when: str, *spans: str) -> bool:
        return free_at(spans, at(when), wulibao())

    assert free("2026-09-14 23:59", "daily 18:00-24:00")
    assert not free("2026-09-14 12:00", "mon 09:00-12:00")
    assert free("2026-10-01 10:00", "holidays 09:00-12:00")
    assert not free("2026-10-01 10:00", "workdays 09:00-12:00")


def test_somebody_enrolled_twice_is_called_once_with_the_better_vetting() -> None:
    pack = wulibao()
    plain, vetted = applied(area="courtyard-51"), active()
    plain.give(SECRETARY, cmd.Confirm)
    members = [member_of(each.known, "courtyard-51", MORNING, pack) for each in (plain, vetted)]

    found = best_of([each for each in members if each is not None])

    assert [(each.person, each.vetting) for each in found] == [("p-gui-9", "basic")]


# The table

SPEC = Path(__file__).resolve().parent.parent / "spec" / "registration_flow.csv"
Line = tuple[str, ...]


def spec() -> list[dict[str, str]]:
    return list(csv.DictReader(SPEC.read_text("utf-8").splitlines()))


def said_of_fields(text: str) -> dict[str, tuple[str, bool]]:
    """By name: the type and whether it may be left out."""
    parts = [part.strip().partition(":") for part in text.split(";")]
    return {name: (kind.removesuffix("?"), kind.endswith("?")) for name, _, kind in parts}


WORDS = {str: {"id", "ref", "area", "text", "post"}, date: {"date"}, bool: {"bool"}, tuple: {"list"}}


def fits(hint: object, word: str) -> bool:
    """Whether a field of the code can hold what the specification's word says."""
    parts = [part for part in (get_args(hint) or (hint,)) if part is not type(None)]
    if get_origin(hint) is tuple:
        return word in WORDS[tuple]
    kind = parts[0]
    if get_origin(hint) is Literal or get_origin(kind) is Literal:
        choices = get_args(hint) if get_origin(hint) is Literal else get_args(kind)
        return set(word.split("|")) == set(choices)
    return isinstance(kind, type) and word in WORDS[kind]


def named(row: Row) -> dict[str, tuple[object, bool]]:
    """The fields that a command is given with: not the time, the person and what the caller gathers."""
    hints = get_type_hints(row.kind)
    named = {
        each.name: (hints[each.name], each.default is not MISSING)
        for each in fields(row.kind)
        if each.name not in ("at", "person", "post", "open_areas")
    }
    return named if row.command == "time_passed" else named | {"as": (hints["post"], True)}


def pairs() -> list[tuple[Row, dict[str, str]]]:
    return list(zip(REGISTRATION_FLOW, spec(), strict=True))


def test_the_flow_has_the_rows_of_the_specification_in_its_order() -> None:
    theirs = [(line["row"], line["command"], line["from"], line["to"]) for line in spec()]

    ours = [(row.number, row.command, "|".join(sorted(row.from_)), row.to) for row in REGISTRATION_FLOW]

    assert ours == [(number, name, "|".join(sorted(from_.split("|"))), to) for number, name, from_, to in theirs]


@pytest.mark.parametrize(("row", "line"), pairs(), ids=lambda value: getattr(value, "number", ""))
def test_a_row_permits_whom_the_specification_names(row: Row, line: dict[str, str]) -> None:
    assert row.who == tuple(line["who"].split("|"))


@pytest.mark.parametrize(("row", "line"), pairs(), ids=lambda value: getattr(value, "number", ""))
def test_a_row_brings_about_the_events_of_the_specification(row: Row, line: dict[str, str]) -> None:
    assert [event.type for event in row.events] == line["event"].split("; ")


@pytest.mark.parametrize(("row", "line"), pairs(), ids=lambda value: getattr(value, "number", ""))
def test_a_row_has_the_fields_of_the_specification(row: Row, line: dict[str, str]) -> None:
    theirs, ours = said_of_fields(line["fields"]), named(row)
    if row.command == "time_passed":
        theirs["clock"] = ("activate", True)

    assert set(ours) == set(theirs)
    for name, (word, optional) in theirs.items():
        hint, left_out = ours[name]
        assert (fits(hint, word), left_out) == (True, optional), (name, word, hint)


@pytest.mark.parametrize(("row", "line"), pairs(), ids=lambda value: getattr(value, "number", ""))
def test_a_row_refuses_with_the_codes_of_the_specification(row: Row, line: dict[str, str]) -> None:
    """Who may not at all is said by `who`: `not_permitted` may stand in a row besides."""
    theirs = {part.partition("]")[0] for part in line["guard"].split("[")[1:]}
    ours = {guard.code for guard in row.guards} | set(row.by_shape)

    assert ours - {"not_permitted"} == theirs - {"not_permitted"}
    assert theirs <= ours


def test_every_event_that_a_row_names_is_one_that_it_brings_about() -> None:
    stories = [
        ("apply", applied().history), ("confirm", active().history[1:]), ("confirm", waiting().history[1:]),
        ("pause", paused().history[3:]),
    ]  # fmt: skip
    for command, happened in stories:
        rows = [row for row in REGISTRATION_FLOW if row.command == command]
        assert [type(event) for event in happened] in [list(row.events) for row in rows]
    assert {event for row in REGISTRATION_FLOW for event in row.events} == set(ev.REGISTRATION_EVENTS)
