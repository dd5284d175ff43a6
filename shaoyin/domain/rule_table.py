"""The decision table: compiled once, gone through in ordered groups, and able to say why each row did not match.

How rows combine is domain 4.4: masks and dangers add up, the first row that stops or decides ends its group, rows that
only add or schedule never do, and of those that decide the more exact one names the handler.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field

from shaoyin.domain.conditions import CATEGORY, IN_TEXT, Condition, Fact, Facts, Test, named, tested
from shaoyin.domain.frozen import dataclass
from shaoyin.domain.lines import Asked, Line, Step, compiled, matching, steps_of
from shaoyin.domain.rules import BY_PLACE, FIRM, GROUPS, LAID_ASIDE, Group, RowSeen, RuleRow, Walk

DECIDING: tuple[Group, ...] = ("emergency", "scope", "identity", "grid", "category", "whose", "fallback")
"""Danger first, then what is not for us or not for this desk; else the more exact row (domain 4.4)."""
SUMMED: frozenset[Group] = frozenset({"mask", "emergency", "load"})
"""In these groups every row that matches counts; in the others the first that stops or decides is the last asked."""
INSIDE_FLAT = "inside_flat"

_FIRST: tuple[Group, ...] = ("mask", "emergency")
_THEN: tuple[Group, ...] = ("scope", "identity", "grid", "whose", "category")
_LOAD: tuple[Group, ...] = ("load",)
"""Masks and dangers ask of every matter much the same, the others of each category a few things of its own."""


@dataclass(slots=True, eq=False)
class _Stage:
    """Groups that follow one another: whatever of them was asked, added and decided."""

    asked: list[RowSeen] = field(default_factory=list)
    added: list[RuleRow] = field(default_factory=list)
    found: dict[Group, RuleRow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Way:
    """What some groups ask of a matter of one category: the facts by value, the texts by what was found in them.

    Matters with the same answers to these go the same way through these groups, so the way is remembered. An answer is
    of its question's kind, so that no number is ever taken for a yes.
    """

    steps: tuple[tuple[Group, tuple[Step, ...]], ...]
    facts: tuple[str, ...]
    texts: tuple[tuple[str, Test], ...]
    any_text: tuple[tuple[str, Test], ...]
    known: dict[tuple[Fact, ...], _Stage] = field(default_factory=dict)

    def found(self, facts: Facts) -> tuple[bool, ...]:
        """What was found in the texts, word list by word list; mostly nothing, and that is seen at one look."""
        for fact, test in self.any_text:
            if test(facts.get(fact)):
                return tuple([test(facts.get(fact)) for fact, test in self.texts])
        return ()


KNOWN_AT_MOST = 4096
WALKS_AT_MOST = 8192
"""Ways, and walks made of them, that are remembered; beyond that they are forgotten and gone anew."""


@dataclass(frozen=True)
class RuleTable:
    """The rows of a pack in the order in which they are asked."""

    rows: tuple[RuleRow, ...]
    by_number: dict[int, RuleRow] = field(init=False, repr=False, compare=False)
    by_line: dict[str, RuleRow] = field(init=False, repr=False, compare=False)
    _groups: dict[Group, tuple[Line, ...]] = field(init=False, repr=False, compare=False)
    _ways: dict[Fact, tuple[_Way, _Way, _Way]] = field(init=False, repr=False, compare=False)
    _walks: dict[tuple[_Stage, _Stage], Walk] = field(init=False, repr=False, compare=False)
    _ends: dict[tuple[int, _Stage], tuple[Walk, Walk]] = field(init=False, repr=False, compare=False)
    _admitted: dict[None, RuleTable] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        lines = compiled(self.rows)
        groups = {group: tuple(each for each in lines if each.row.group == group) for group in GROUPS}
        object.__setattr__(self, "by_number", {row.row: row for row in reversed(self.rows)})
        object.__setattr__(self, "by_line", {row.line: row for row in reversed(self.rows)})
        object.__setattr__(self, "_groups", groups)
        object.__setattr__(self, "_ways", {})
        object.__setattr__(self, "_walks", {})
        object.__setattr__(self, "_ends", {})
        object.__setattr__(self, "_admitted", {})

    @property
    def admitted(self) -> RuleTable:
        """The table for a matter that a person has accepted: no row lays it aside any more."""
        if not self._admitted:
            self._admitted[None] = RuleTable(tuple(each for each in self.rows if each.then.mode not in LAID_ASIDE))
        return self._admitted[None]

    def asks(self, fact: str, category: Fact) -> bool:
        """Whether any row of the walk asks this of a matter of that category."""
        first, then, _ = self._ways_of(category)
        return fact in first.facts or fact in then.facts

    def walk(self, facts: Facts) -> Walk:
        """Groups in order. Raises LookupError when not even the fallback row matches, which `problems` excludes."""
        get = facts.get
        first, then, _ = self._ways.get(get(CATEGORY)) or self._ways_of(get(CATEGORY))
        key = (*map(get, first.facts), *first.found(facts)) if first.texts else tuple(map(get, first.facts))
        summed = first.known.get(key) or self._remember(first, key, facts)
        key = (*map(get, then.facts), *then.found(facts)) if then.texts else tuple(map(get, then.facts))
        decided = then.known.get(key) or self._remember(then, key, facts)
        return self._walks.get((summed, decided)) or self._joined(summed, decided, facts)

    def after(self, walk: Walk, facts: Facts) -> Walk:
        """Step 8 of domain 4.4: load and calendar, on whatever the walk came to."""
        way = self._ways_of(facts.get(CATEGORY))[2]
        key = (*map(facts.get, way.facts), *way.found(facts))
        late = way.known.get(key) or self._remember(way, key, facts)
        known = self._ends.get((id(walk), late))
        if known is None or known[0] is not walk:
            if len(self._ends) >= WALKS_AT_MOST:
                self._ends.clear()
            known = self._ends[id(walk), late] = walk, _with_load(walk, late)
        return known[1]

    def of_load(self, facts: Facts) -> tuple[RuleRow, ...]:
        """The rows of the load alone, for what happens to a case later."""
        return tuple(matching(steps_of(None, self._groups["load"]), facts, []))

    def gone(self, facts: Facts) -> Walk:
        """As `walk`, remembering nothing."""
        first, then, _ = self._ways_of(facts.get(CATEGORY))
        return self._whole(_stage(first, facts), _stage(then, facts), facts)

    def forget(self) -> None:
        """Every way and walk so far; the next matter of a kind is asked everything again."""
        for known in (self._ways, self._walks, self._ends):
            known.clear()

    def _ways_of(self, category: Fact) -> tuple[_Way, _Way, _Way]:
        known = self._ways.get(category)
        if known is None:
            if len(self._ways) >= KNOWN_AT_MOST:
                self._ways.clear()
            known = self._way_of(category, _FIRST), self._way_of(category, _THEN), self._way_of(category, _LOAD)
            self._ways[category] = known
        return known

    def _way_of(self, category: Fact, groups: tuple[Group, ...]) -> _Way:
        """Of a row that this category excludes only what is asked before that can make a difference."""
        lines = [each for group in groups for each in self._groups[group]]
        asked = [one for each in lines for one in each.asked_of(category)]
        facts = dict.fromkeys(each.fact for each in asked if not each.in_text and each.fact != CATEGORY)
        if any(FIRM in each.row.then.handlers for each in lines):
            facts["firm"] = None
        texts = [each for each in asked if each.in_text]
        steps = tuple((group, steps_of(category, self._groups[group])) for group in groups)
        return _Way(steps, tuple(facts), tuple((each.fact, each.test) for each in texts), _of_any(texts))

    def _remember(self, way: _Way, key: tuple[Fact, ...], facts: Facts) -> _Stage:
        if len(way.known) >= KNOWN_AT_MOST:
            way.known.clear()
        stage = way.known[key] = _stage(way, facts)
        return stage

    def _joined(self, summed: _Stage, decided: _Stage, facts: Facts) -> Walk:
        if len(self._walks) >= WALKS_AT_MOST:
            self._walks.clear()
        walk = self._whole(summed, decided, facts)
        if summed.found or decided.found or not any(each.asks for each in self._groups["fallback"]):
            self._walks[summed, decided] = walk
        return walk

    def _whole(self, summed: _Stage, decided: _Stage, facts: Facts) -> Walk:
        """The last row only where nothing else decided."""
        found = {**decided.found, **summed.found}
        last = _Stage() if found else _stage(self._way_of(facts.get(CATEGORY), ("fallback",)), facts)
        for group in DECIDING:
            row = found.get(group) or last.found.get(group)
            if row is not None:
                added = (*summed.added, *_standing(decided.added, row), *last.added)
                return Walk(row, added, (*summed.asked, *decided.asked, *last.asked))
        raise LookupError("no row decides, and the table has no fallback row")


def _stage(way: _Way, facts: Facts) -> _Stage:
    stage = _Stage()
    for group, steps in way.steps:
        if _stopped(group, steps, facts, stage):
            break
    if "category" in stage.found:
        _stand_in(stage, dict(way.steps)["whose"], facts)
    return stage


def _stopped(group: Group, steps: Sequence[Step], facts: Facts, stage: _Stage) -> bool:
    """Asks a group; whether a row of it stopped the walk."""
    for row in matching(steps, facts, stage.asked):
        if row.effect in ("adds", "schedules") or group in stage.found:
            stage.added.append(row)
            continue
        stage.found[group] = row
        if row.effect == "stops":
            return True
        if group not in SUMMED:
            break
    return False


def _stand_in(stage: _Stage, place_rows: Sequence[Step], facts: Facts) -> None:
    """A row for the firm holds where there is one; else the place's own row stands in, and the rest stays (4.4)."""
    first, *others = stage.found["category"].then.handlers or (None,)
    if first == BY_PLACE:
        anyhow = {name: said for name, said in facts.items() if name != INSIDE_FLAT}
        place = next(matching(place_rows, anyhow, []), None)
        stage.found.pop("whose", None)
        if place is not None:
            stage.found["whose"] = place
    if first == BY_PLACE or (first == FIRM and facts.get("firm") is not True):
        if others and (first == FIRM or "whose" not in stage.found):
            return
        stage.added.append(stage.found.pop("category"))


def _with_load(walk: Walk, late: _Stage) -> Walk:
    """Where a row of the load names a handler it is the one that did; whatever was decided before counts beside it."""
    decided, before = (late.found["load"], walk.rows) if late.found else (walk.decided, walk.added)
    return Walk(decided, (*before, *late.added), (*walk.asked, *late.asked))


def _standing(added: Sequence[RuleRow], decided: RuleRow) -> Iterator[RuleRow]:
    """What was added; a category row in whose place the place stands counts where the place does decide."""
    for row in added:
        if row.effect != "decides" or decided.group in ("whose", "fallback"):
            yield row


def _of_any(lists: Sequence[Asked]) -> tuple[tuple[str, Test], ...]:
    """For each text one look that finds whatever any of its lists would find."""
    words: dict[str, tuple[str, ...]] = {}
    for each in lists:
        words[each.fact] = (*words.get(each.fact, ()), *map(str, named(each.condition)))
    return tuple((fact, tested(Condition(fact, IN_TEXT, each))) for fact, each in words.items())
