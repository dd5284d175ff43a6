"""A case's news as messages of its topic."""

from __future__ import annotations

from collections.abc import Iterable

from shaoyin.adapters.bus import Message
from shaoyin.contracts.envelope import Written
from shaoyin.contracts.topics import CASES


def on_cases(written: Iterable[Written]) -> list[Message]:
    return [Message(CASES.name, each.key, each.value, each.headers) for each in written]
