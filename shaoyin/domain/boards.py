"""Classes of matters: the board a category is watched on (SS-20), and how a class is talked over (SS-12)."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.domain.pack import Pack
from shaoyin.domain.profile import Board, ItemClass


def on_board(board: Board, category: str) -> bool:
    return any(
        category == each or (each.endswith(".*") and category.startswith(each[:-1])) for each in board.categories
    )


def board_of(category: str, pack: Pack) -> Board | None:
    return next((board for board in pack.profile.boards if on_board(board, category)), None)


def on_two_boards(pack: Pack) -> Iterator[str]:
    """A matter counted twice would make every sum wrong."""
    for category in pack.categories:
        if sum(on_board(board, category) for board in pack.profile.boards) > 1:
            yield category


def way_of(item_class: str, pack: Pack) -> ItemClass:
    return next(each for each in pack.profile.item_classes if each.item_class == item_class)


def may_be_decided(item_class: str, vote: str | None, pack: Pack) -> bool:
    """A class that is decided together needs the record of a vote."""
    return bool((vote or "").strip()) or not way_of(item_class, pack).vote
