"""Those who blew judge those who came: units each, members as one group, never a person (decisions 2.29)."""

from __future__ import annotations

from collections.abc import Mapping

from shaoyin.domain.call import Responder, Whistle
from shaoyin.domain.calling import MEMBERS, Broken, by, limited, the_whistle
from shaoyin.domain.case import Case
from shaoyin.domain.commands import OfWhistle, RateWhistle, Score
from shaoyin.domain.events import Event, Mark, WhistleRated
from shaoyin.domain.pack import Pack

LOWEST = 1
MARKS = range(1, 6)


def not_the_blower(case: Case, asked: OfWhistle, _pack: Pack) -> Broken:
    whistle = case.whistles.get(asked.whistle_id)
    return whistle is None or whistle.blower != asked.post


def rating_incomplete(case: Case, asked: RateWhistle, _pack: Pack) -> Broken:
    """One command rates all; who came needs each mark, the resident's view only where one is concerned."""
    rateable, given = _rateable(the_whistle(case, asked)), {each.responder: each for each in asked.ratings}
    missing = [name for name in rateable if name not in given]
    missing += [name for name, score in given.items() if name in rateable and not _complete(rateable[name], score)]
    return {"missing": sorted(missing)} if missing else False


def _complete(parts: list[Responder], score: Score) -> bool:
    needed = () if _absent(parts) else (score.promptness, score.attendance, score.quality)
    given = [each for each in (*_marks(score), *needed) if each is not None]
    return all(each is not None for each in needed) and all(each in MARKS for each in given)


def not_rateable(case: Case, asked: RateWhistle, _pack: Pack) -> Broken:
    """Removed and withdrawn are not rated; an absence has its marks; without a resident nobody speaks for one."""
    rateable = _rateable(the_whistle(case, asked))
    names = [each.responder for each in asked.ratings]
    wrong = {name for name in names if name not in rateable or names.count(name) > 1}
    for each in asked.ratings:
        if each.resident_view is not None and not case.reporters:
            wrong.add(each.responder)
        if each.responder in rateable and _absent(rateable[each.responder]) and not _fits_absence(each):
            wrong.add(each.responder)
    return {"responders": sorted(wrong)} if wrong else False


def _fits_absence(score: Score) -> bool:
    marks = {score.promptness, score.attendance}
    return marks <= {None, LOWEST} and score.quality is None and score.resident_view is None


def rate_whistle(case: Case, asked: RateWhistle, pack: Pack) -> list[Event]:
    """W12."""
    rateable = _rateable(the_whistle(case, asked))
    marks = tuple(_mark(rateable[each.responder], each) for each in asked.ratings)
    closing = limited(case, "closing", asked.at, pack)
    return [WhistleRated(at=asked.at, by=by(asked), whistle_id=asked.whistle_id, marks=marks, deadlines=closing)]


def _mark(parts: list[Responder], score: Score) -> Mark:
    if _absent(parts):
        return Mark(score.responder, LOWEST, LOWEST, None, None)
    return Mark(score.responder, *_marks(score))


def _marks(score: Score) -> tuple[int | None, int | None, int | None, int | None]:
    return score.promptness, score.attendance, score.quality, score.resident_view


def _rateable(whistle: Whistle) -> Mapping[str, list[Responder]]:
    found: dict[str, list[Responder]] = {}
    for each in whistle.responders.values():
        if each.state in ("result_in", "absent"):
            found.setdefault(MEMBERS if each.is_person else each.responder, []).append(each)
    return found


def _absent(parts: list[Responder]) -> bool:
    return all(each.state == "absent" for each in parts)
