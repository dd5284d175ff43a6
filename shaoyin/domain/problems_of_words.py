"""What is wrong with the words of `suggest.yaml`: no such category or danger, a word that speaks for and against."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.domain.pack import Pack
from shaoyin.domain.problem import Problem

FILE = "suggest.yaml"


def problems_of_words(pack: Pack) -> Iterator[Problem]:
    known = {sign.danger for sign in pack.emergencies}
    for each in pack.tellings:
        where = ("categories", each.category)
        if each.category not in pack.categories:
            detail = f"there is no category {each.category!r}"
            yield Problem(FILE, where, "unknown_category", detail, each.category)
        if each.danger is not None and each.danger not in known:
            detail = f"no emergency is called {each.danger!r}"
            yield Problem(FILE, (*where, "danger"), "unknown_danger", detail, each.danger)
        for word in set(each.against) & {*each.words, *each.context}:
            detail = f"{word!r} speaks for the category and against it"
            yield Problem(FILE, (*where, "against"), "said_for_and_against", detail, word)
