"""I11: points and marks are for thanks. Whatever somebody was marked with, every later decision is the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shaoyin.domain.call import Whistle
from shaoyin.domain.case import Case, Refused
from shaoyin.domain.commands import Command
from shaoyin.domain.events import Event
from shaoyin.domain.flow import decide
from shaoyin.domain.pack import Pack


def without_marks(case: Case) -> Case:
    return replace(case, whistles={name: _unmarked(each) for name, each in case.whistles.items()})


def _unmarked(whistle: Whistle) -> Whistle:
    responders = {name: replace(each, mark=None) for name, each in whistle.responders.items()}
    return replace(whistle, responders=responders)


def same_without_marks(case: Case, command: Command, events: Sequence[Event], pack: Pack) -> bool:
    marked = any(each.mark for whistle in case.whistles.values() for each in whistle.responders.values())
    if not marked:
        return True
    try:
        return decide(without_marks(case), command, pack) == list(events)
    except Refused:
        return False
