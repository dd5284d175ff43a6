"""What a community's pack says about a report: whether it knows what was said, how urgent and how secret it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from services.intake.report_body import AnswerGiven, PlaceOfReport, ReportBody
from shaoyin.adapters.problem import FieldError
from shaoyin.domain.danger import EmergencySign
from shaoyin.domain.pack import URGENCIES, Pack, Question, Urgency
from shaoyin.domain.report import Answer, Secrecy
from shaoyin.domain.triage import takes_without_place

Answers = Mapping[str, AnswerGiven]
NONE = "none"
"""The answer that nothing of the kind is so."""
CLOCKS_DIFFER_BY = timedelta(minutes=5)


def wrongs(body: ReportBody, pack: Pack, now: datetime, taken_by: str | None) -> Iterator[FieldError]:
    """Everything in the report that the pack does not know, or that must be asked before it is taken."""
    if body.category is not None and body.category not in pack.categories:
        yield FieldError("category", "unknown_category", {"category": body.category})
    if not body.place.said and not _needs_no_place(body, pack, taken_by):
        yield FieldError("place", "place_missing")
    yield from wrong_place(body.place, pack)
    if body.occurred_at is not None and body.occurred_at > now + CLOCKS_DIFFER_BY:
        yield FieldError("occurred_at", "in_the_future")
    yield from wrong_answers(body.answers, pack)


def _needs_no_place(body: ReportBody, pack: Pack, taken_by: str | None) -> bool:
    """Row 22, as the case will be opened; a resident on the public form is asked, whatever it is."""
    if taken_by is None:
        return False
    known = body.category is None or body.category in pack.categories
    urgency = urgency_of(body, pack, signs_of_danger(body, pack)) if known else "normal"
    return takes_without_place(pack.directory.posts.get(taken_by), urgency)


def wrong_answers(answers: Answers, pack: Pack) -> Iterator[FieldError]:
    for question, answer in answers.items():
        if question not in pack.questions:
            yield FieldError(f"answers.{question}", "unknown_question", {"question": question})
        elif (expected := _expected(pack.questions[question], answer)) is not None:
            yield FieldError(f"answers.{question}", "wrong_value", {"expected": expected})


def wrong_place(place: PlaceOfReport, pack: Pack) -> Iterator[FieldError]:
    areas = pack.areas.areas
    if place.area is not None and place.area not in areas:
        yield FieldError("place.area", "unknown_place", {"place": place.area})
    if place.building is not None and (place.building not in areas or areas[place.building].kind != "building"):
        yield FieldError("place.building", "unknown_place", {"place": place.building})


def _expected(question: Question, answer: AnswerGiven) -> object | None:
    """None when the answer is one; else what would have been."""
    if question.kind == "yes_no":
        return None if isinstance(answer, bool) else "true, false"
    if question.kind == "number":
        return None if isinstance(answer, int) and not isinstance(answer, bool) else "0, 1, 2, …"
    choices = [choice for choice, _ in question.choices]
    said = answer if isinstance(answer, list) else [answer]
    fits = all(each in choices for each in said) and (question.several or len(said) <= 1)
    return None if fits else choices


def answers_of(body: ReportBody) -> Mapping[str, Answer]:
    return given_answers(body.answers)


def given_answers(answers: Answers) -> Mapping[str, Answer]:
    """Choices, numbers, yes and no: codes of the pack, hence nothing to scrub. No answer is "not known", never "no"."""
    return {question: _given(answer) for question, answer in answers.items() if answer != []}


def _given(answer: AnswerGiven) -> Answer:
    """Whoever names a danger and "none" as well named a danger."""
    if not isinstance(answer, list):
        return answer
    named = tuple(each for each in dict.fromkeys(answer) if each != NONE) or (NONE,)
    return named if len(named) > 1 else named[0]


def secrecy_of(body: ReportBody, pack: Pack) -> Secrecy:
    """What the reporter chose, open if nothing; quarrels, conduct and clues are confidential at least (row 17)."""
    chosen = body.reporter.secrecy or "open"
    masked = body.category is not None and pack.categories[body.category].masked
    return "confidential" if masked and chosen == "open" else chosen


def signs_of_danger(body: ReportBody, pack: Pack) -> tuple[EmergencySign, ...]:
    said = f"{body.description}\n{body.place.text or ''}"
    return pack.dangers(said, answers_of(body), body.category)


def urgency_of(body: ReportBody, pack: Pack, signs: tuple[EmergencySign, ...]) -> Urgency:
    """For the time of the first reply: the category's; a word of danger makes it urgent, an answer critical."""
    urgency: Urgency = "normal" if body.category is None else pack.categories[body.category].urgency
    if not signs:
        return urgency
    least: Urgency = "critical" if pack.told_dangers(answers_of(body), body.category) else "urgent"
    return max(urgency, least, key=URGENCIES.index)
