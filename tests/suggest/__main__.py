"""`python -m tests.suggest` prints the measures of each part, manner and group; `--misses` the tuning part's misses."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import get_args

from tests.domain.town import wulibao
from tests.suggest.measures import Judged, Measures, by, judged
from tests.suggest.sentences import Part, of_part

HEADS = ("sentences", "first", "top 3", "in danger", "recall", "precision", "silence")


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.suggest", description=__doc__)
    asked.add_argument("--misses", action="store_true", help="what is missed of the tuning part, never of the others")
    given = asked.parse_args()
    if given.misses:
        sys.stdout.writelines(_miss(each) for each in judged(wulibao(), of_part("tuning")) if _missed(each))
        return
    found = {part: judged(wulibao(), of_part(part)) for part in get_args(Part)}
    every = [each for part in found.values() for each in part]
    _print("part", by(every, lambda sentence: sentence.part))
    for part, those in found.items():
        _print(f"{part}: manner", by(those, lambda sentence: sentence.manner))
        _print(f"{part}: group", by(those, lambda sentence: "".join(sentence.categories[:1])[:3] or "none"))


def _print(what: str, rows: Mapping[str, Measures]) -> None:
    sys.stdout.write(f"\n{what:24}" + "".join(f"{head:>11}" for head in HEADS) + "\n")
    for name, row in rows.items():
        shares = (row.first, row.among_three, None, row.danger_recall, row.danger_precision, row.silence)
        cells = [f"{share:11.1%}" if share is not None else f"{row.in_danger:11}" for share in shares]
        sys.stdout.write(f"{name:24}{row.sentences:11}{''.join(cells)}\n")


def _missed(each: Judged) -> bool:
    wrong = bool(each.sentence.categories) and not each.among_three
    unseen = bool(each.sentence.danger) and not each.danger_right
    return wrong or unseen or (each.danger_shown and not each.sentence.danger)


def _miss(each: Judged) -> str:
    got = " ".join(one.category for one in each.found.categories)
    seen = " ".join(one.danger for one in each.found.dangers)
    wanted = " ".join((*each.sentence.categories, each.sentence.danger))
    return f"{each.sentence.id} {wanted} | {got} | {seen} | {each.sentence.text}\n"


if __name__ == "__main__":
    main()
