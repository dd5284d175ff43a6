"""The events of a YAML text and where each stands: from libyaml, and from ruamel.yaml where that is in doubt.

libyaml takes a twentieth of the time and reads YAML 1.1, so a text that the two might read differently is left to the
careful reader; its words say what is wrong, too. Neither decides what a word means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from shaoyin.adapters.pack_lines import InDoubt

Event = Any
"""`anchor`, `tag`, `value`, `style`, `implicit` and `start_mark`, as both libraries call them."""
_READ_DIFFERENTLY = re.compile("[\x85\u2028\u2029\ufeff]|[|>][-+0-9]*(#| *(#[^\n]*)?\n *\n)|^[.]{3}", re.MULTILINE)
"""What ends a line in YAML 1.1; a byte order mark within a text; a block of text with a comment close behind its sign,
or that begins with an empty line; the end of a text.
"""


class Broken(Exception):  # noqa: N818 - said of the text
    """It is no YAML; row and column from 1."""

    def __init__(self, row: int, column: int, reason: str) -> None:
        super().__init__(reason)
        self.row, self.column, self.reason = row, column, reason


class InOtherSigns(Exception):  # noqa: N818 - said of the text
    """A sign that no YAML may hold stands `at`, counted from 0."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def quickly(text: str) -> Iterator[Event]:
    """Raises InDoubt."""
    if _READ_DIFFERENTLY.search(text):
        raise InDoubt
    try:
        yield from yaml.parse(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise InDoubt from error


def carefully(text: str) -> Iterator[Event]:
    """YAML 1.2. Raises Broken and InOtherSigns."""
    from ruamel.yaml import YAML  # memory that nobody needs while every page is well
    from ruamel.yaml.error import MarkedYAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        row, column = (0, 0) if mark is None else (mark.line, mark.column)
        raise Broken(row + 1, column + 1, str(error.problem or error.context)) from error
    except ReaderError as error:
        raise InOtherSigns(error.position) from error


def kind_of(event: Event) -> str:
    """`Scalar`, `MappingStart`, …"""
    return type(event).__name__.removesuffix("Event")
