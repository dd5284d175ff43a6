"""What is wrong with the categories of a pack: questions without wording, critical matters that would wait, texts."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.domain.calendar import Within
from shaoyin.domain.conditions import NOT_KNOWN
from shaoyin.domain.pack import MAY_WAIT, Pack
from shaoyin.domain.problem import Path, Problem


def problems_of_questions(pack: Pack) -> Iterator[Problem]:
    for category in pack.categories.values():
        for number, question in enumerate(category.questions):
            if question not in pack.questions:
                where: Path = (category.code, "questions", number)
                detail = f"{category.code} asks {question!r}, which has no wording"
                yield Problem("categories.yaml", where, "unknown_question", detail, question)
        for cell, limits in (("result_if", category.result_if), ("result_if_not", category.result_if_not)):
            for question, _ in limits:
                yield from _problems_of_answer(pack, question, (category.code, cell, question))
    danger = pack.questions.get("danger")
    named = {name for name, _ in danger.choices} if danger is not None else set()
    for index, sign in enumerate(pack.emergencies):
        for number, answer in enumerate(sign.answers):
            if answer not in named:
                detail = f"the question `danger` has no answer {answer!r}"
                yield Problem("pack.yaml", ("emergencies", index, "answers", number), "unknown_answer", detail, answer)

    for asked in pack.questions.values():
        if any(name == NOT_KNOWN for name, _ in asked.choices):
            detail = f"{NOT_KNOWN} is no answer to {asked.question}"
            where = asked.question, "choices", NOT_KNOWN
            yield Problem("questions.yaml", where, "choice_reserved", detail, NOT_KNOWN)


def _problems_of_answer(pack: Pack, question: str, where: Path) -> Iterator[Problem]:
    if question not in pack.questions:
        detail = f"a deadline hangs on {question!r}, which has no wording"
        yield Problem("categories.yaml", where, "unknown_question", detail, question)
    elif pack.questions[question].kind != "yes_no":
        detail = f"a deadline hangs on {question!r}, which is no yes-or-no question"
        yield Problem("categories.yaml", where, "not_yes_no", detail, question)


def problems_of_critical_limits(pack: Pack) -> Iterator[Problem]:
    """Critical matters use wall-clock units only (domain 3.4); MAY_WAIT says which limits need not, and why."""
    for index, row in enumerate(pack.rules.rows):
        for cell, length in (("result_within", row.then.result_within), ("first_step", row.then.first_step)):
            if row.then.urgency == "critical" and length and Within.parse(length).unit not in ("h", "min"):
                detail = f"a critical matter cannot wait {length}"
                yield Problem("rules.yaml", (index, "then", cell), "critical_waits", detail, length)
    limits: dict[Path, Within] = {
        ("clocks", name, "critical"): each["critical"] for name, each in pack.limits.items() if name not in MAY_WAIT
    }
    limits["default_result", "critical"] = pack.default_result["critical"]
    for where, within in limits.items():
        if within.unit not in ("h", "min"):
            yield Problem("pack.yaml", where, "critical_waits", f"a critical matter cannot wait {within}", str(within))
    for category in pack.categories.values():
        if category.urgency == "critical":
            limits = {("result",): category.result}
            if category.first_step is not None:
                limits["first_step", "within"] = category.first_step.within
            for where, within in limits.items():
                if within.unit not in ("h", "min"):
                    detail = f"a critical matter cannot wait {within}"
                    yield Problem("categories.yaml", (category.code, *where), "critical_waits", detail, str(within))


def problems_of_texts(pack: Pack) -> Iterator[Problem]:
    for key, languages in pack.texts.items():
        for language in ("zh-CN", "en"):
            if not languages.get(language):
                yield Problem("messages.yaml", (key, language), "text_missing", f"{key} has no text in {language}")
