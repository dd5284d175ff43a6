"""How often the suggestion names the matter, and how often danger is seen: figures over the labelled sentences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from shaoyin.domain.pack import Pack
from shaoyin.domain.suggesting import Suggestion
from tests.suggest.sentences import Sentence


@dataclass(frozen=True)
class Judged:
    """One sentence and what was made of it."""

    sentence: Sentence
    found: Suggestion

    @property
    def first(self) -> bool:
        return [each.category for each in self.found.categories[:1]] == list(self.sentence.categories[:1])

    @property
    def among_three(self) -> bool:
        return self.sentence.categories[0] in {each.category for each in self.found.categories}

    @property
    def danger_right(self) -> bool:
        return self.sentence.danger in {each.danger for each in self.found.dangers}

    @property
    def danger_shown(self) -> bool:
        return bool(self.found.dangers)


@dataclass(frozen=True)
class Measures:
    """Shares of 1. `danger_recall`: of those in danger, seen as what it is; `danger_precision`: of those where a number
    is shown, in danger indeed; `silence`: of those where nobody could say, nothing is proposed.
    """

    sentences: int
    in_danger: int
    first: float
    among_three: float
    danger_recall: float
    danger_precision: float
    silence: float


def judged(pack: Pack, sentences: Iterable[Sentence]) -> list[Judged]:
    return [Judged(each, pack.suggesting.suggest(each.text)) for each in sentences]


def measures(judged: Iterable[Judged]) -> Measures:
    every = list(judged)
    told = [each for each in every if each.sentence.categories]
    in_danger = [each for each in every if each.sentence.danger]
    shown = [each for each in every if each.danger_shown]
    untold = [each for each in every if not each.sentence.categories and not each.sentence.danger]
    return Measures(
        sentences=len(every),
        in_danger=len(in_danger),
        first=_share(each.first for each in told),
        among_three=_share(each.among_three for each in told),
        danger_recall=_share(each.danger_right for each in in_danger),
        danger_precision=_share(bool(each.sentence.danger) for each in shown),
        silence=_share(not each.found.categories for each in untold),
    )


def by(judged: Iterable[Judged], key: Callable[[Sentence], str]) -> Mapping[str, Measures]:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        groups[key(each.sentence)].append(each)
    return {name: measures(groups[name]) for name in sorted(groups)}


def _share(true: Iterable[bool]) -> float:
    """Of nothing everything."""
    every = list(true)
    return sum(every) / len(every) if every else 1.0
