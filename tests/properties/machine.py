"""The life of a town as a state machine: somebody acts, time passes, a post falls vacant, a year becomes official."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from shaoyin.domain import commands as cmd
from shaoyin.domain.commands import Command
from shaoyin.domain.flow import decide
from tests.domain.town import at
from tests.properties.beginnings import STORIES, world_of
from tests.properties.life import Life
from tests.properties.moves import forbidden, permitted
from tests.properties.reports import opening
from tests.properties.towns import OwnWork
from tests.properties.world import LAST_DAY, World, a_while

DICE = st.integers(0, 2**31)
MORNINGS = ("2026-09-14 09:30", "2026-09-30 17:50", "2026-10-09 23:30", "2026-11-05 09:05", "2026-12-28 16:00")
MERGERS: tuple[tuple[str | None, str | None], ...] = (("p-jia-1", "duty"), ("p-bing-1", "centre"), (None, None))
VACANT = ("duty", "secretary", "deputy", "municipal-duty", "municipal-head", "grid-1-lead", "street-deputy",
          "adjudicator", "street-head", "triage-lead", "grid-2-lead", "urban-duty", "branch-secretary", "mediator",
          "kangning-property-duty", "district-joint")  # fmt: skip


class Town(RuleBasedStateMachine):
    """Each step is one command, one look at the clock or one change of the town; `world` holds all of it up."""

    wanted: frozenset[int] = frozenset()
    """Lines that are preferred in this run, because they were walked seldom."""
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.world = World(now=at(MORNINGS[0]))

    @initialize(story=st.sampled_from(["", "", "", *STORIES]), dice=DICE)
    def begin(self, story: str, dice: int) -> None:
        rng = Random(dice)
        if story:
            self.world = world_of(story)
        else:
            self.world = World(now=at(rng.choice(MORNINGS)))
            self._report(rng)
        own_work_by: OwnWork = "person" if rng.random() < 0.1 else "organisation"
        self.world.switch(tier=rng.random() < 0.7, own_work_by=own_work_by)

    def _report(self, rng: Random) -> None:
        self.world.opened += 1
        self.world.report(opening(rng, self.world.pack, self.world.now, f"r{self.world.opened}-own"))

    def _case(self, rng: Random) -> Life:
        while not self.world.lives:
            self._report(rng)
        return rng.choice(self.world.lives)

    @rule(dice=DICE)
    def somebody_acts(self, dice: int) -> None:
        self._somebody_acts(dice)

    @rule(dice=DICE)
    def somebody_acts_again(self, dice: int) -> None:
        self._somebody_acts(dice)

    @rule(dice=DICE)
    def several_act(self, dice: int) -> None:
        for number in range(3):
            self._somebody_acts(dice + number)

    def _somebody_acts(self, dice: int) -> None:
        Town.steps += 1
        rng = Random(dice)
        life = self._case(rng)
        command = permitted(self.world.scene(life, rng), self.wanted)
        if command is not None:
            self.world.give(life, command)
            self.world.now += timedelta(minutes=rng.choice((0, 0, 1, 7)))

    @rule(dice=DICE)
    def somebody_acts_who_may_not(self, dice: int) -> None:
        """Refused, and nothing is changed; a reporter's own request is answered with the refusal."""
        Town.steps += 1
        rng = Random(dice)
        life = self._case(rng)
        command = forbidden(self.world.scene(life, rng))
        if command is None:
            return
        said = self.world.give(life, command)
        if isinstance(command, cmd.ByReporter) and command.request_id is not None:
            assert [each.type for each in said if not isinstance(each, str)] == ["case.request_refused"]
        else:
            assert said in ("not_permitted", "not_now"), f"{type(command).__name__} was not refused: {said}"

    @precondition(lambda self: self.world.last is not None)
    @rule()
    def a_request_is_heard_again(self) -> None:
        """I13: the same request id changes nothing, whatever has happened since."""
        Town.steps += 1
        assert self.world.last is not None
        life, command = self.world.last
        if isinstance(command, cmd.ByReporter) and command.request_id is not None:
            assert decide(life.known, replace(command, at=self.world.now), self.world.pack) == []

    @rule(dice=DICE)
    def a_clock_speaks_of_the_past(self, dice: int) -> None:
        """A server whose clock is behind writes nothing before what has happened (I12)."""
        Town.steps += 1
        rng = Random(dice)
        life = self._case(rng)
        command = permitted(self.world.scene(life, rng), self.wanted)
        if command is not None:
            early: Command = replace(command, at=self.world.now - timedelta(minutes=30))
            self.world.give(life, early)

    @precondition(lambda self: self.world.now < LAST_DAY)
    @rule(dice=DICE)
    def time_passes_to_a_date(self, dice: int) -> None:
        """To the next date exactly, when nothing is late; and one millisecond after it, when it is."""
        Town.steps += 1
        due = self.world.next_due()
        if due is not None and due > self.world.now:
            self.world.pass_time(due)
            if dice % 4:
                self.world.pass_time(due + timedelta(milliseconds=1))

    @precondition(lambda self: self.world.now < LAST_DAY)
    @rule(dice=DICE)
    def a_while_passes(self, dice: int) -> None:
        Town.steps += 1
        self.world.pass_time(self.world.now + a_while(Random(dice)))

    @precondition(lambda self: self.world.now < LAST_DAY)
    @rule(days=st.sampled_from((1, 2, 4, 9, 20)))
    def nobody_looks_for_days(self, days: int) -> None:
        """An outage: everything that fell due is said at once, when somebody looks again."""
        Town.steps += 1
        self.world.pass_time(self.world.now + timedelta(days=days, minutes=3))

    @rule(dice=DICE)
    def another_reporter_joins(self, dice: int) -> None:
        Town.steps += 1
        rng = Random(dice)
        life = self._case(rng)
        ref = f"reporter-more-{rng.randrange(3)}"
        said = self.world.attach(life, ref, None)
        if not isinstance(said, str):
            assert self.world.attach(life, ref, None) == "already_attached", "attached once (I13)"

    @rule(dice=DICE)
    def two_are_one_matter(self, dice: int) -> None:
        Town.steps += 1
        rng = Random(dice)
        life = self._case(rng)
        self.world.merge(life, rng.choice(MERGERS), same_reporter=rng.random() < 0.7)

    @precondition(lambda self: len(self.world.lives) < 3)
    @rule(dice=DICE)
    def somebody_reports(self, dice: int) -> None:
        Town.steps += 1
        self._report(Random(dice))

    @rule(post=st.sampled_from(VACANT))
    def somebody_leaves_a_post(self, post: str) -> None:
        """I14: this post is vacant from now on; the one that was vacant before has a holder again."""
        Town.steps += 1
        self.world.switch(vacant=post)
        self.world.check_next_dates_reach_somebody()

    @rule(tier=st.booleans())
    def the_department_tier_is_switched(self, tier: bool) -> None:
        Town.steps += 1
        self.world.switch(tier=tier)

    @rule()
    def the_next_year_is_announced(self) -> None:
        """Every case whose dates lay in the assumed year is counted anew, once (decisions 1.42)."""
        Town.steps += 1
        self.world.switch(official=True)
        for life in self.world.lives:
            command = cmd.RecomputeClocks(at=self.world.now, calendar="2027 official")
            self.world.give(life, command)
            again = self.world.give(life, command)
            assert again in ("not_now", "nothing_provisional"), f"counted anew twice: {again}"

    def teardown(self) -> None:
        self.world.check_told_once()
