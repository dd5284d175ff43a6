"""What a case without category may be about, for the desk that has to say: from its words alone, and kept nowhere."""

from __future__ import annotations

from shaoyin.domain.case import Case
from shaoyin.domain.pack import Pack

View = dict[str, object]


def suggested(case: Case, pack: Pack) -> View:
    """`suggested` is empty once somebody has chosen; `danger_suspected` stays, a word shows danger in any category."""
    categories = () if case.category is not None else pack.suggesting.suggest(case.description).categories
    numbers = {sign.danger: sign.number for sign in pack.emergencies}
    return {
        "suggested": [
            {"category": each.category, "score": each.score, "words": list(each.words)} for each in categories
        ],
        "danger_suspected": [
            {"danger": each.danger, "number": numbers[each.danger], "words": list(each.words)}
            for each in pack.danger_words.seen(case.description)
        ],
    }
