"""`rules.yaml` as a clerk's own text: its rows with the comments above them; what is not changed stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shaoyin.adapters.pack_files import Page, read
from shaoyin.adapters.yaml_events import carefully, kind_of

HEAD = (
    "# 谁来办:本包自己的规则行。与所继承的包行号相同的代替那一行;新的行先问。写法见 docs/packs.md。\n"
)  # fmt: skip
_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\n]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """A row as it stands: `before` are the blank lines and comments above it, `text` its own lines."""

    data: Mapping[str, Any]
    before: str
    text: str

    @property
    def line(self) -> str:
        return line_of(self.data)

    @property
    def comment(self) -> str:
        """What is said beside the rules: above the row and within it, without the signs."""
        said = [*_COMMENT.findall(self.before), *comments_in(self.text)]
        return "\n".join(each[1:].removeprefix(" ").rstrip() for each in said)


@dataclass(frozen=True, slots=True)
class RulePage:
    head: str
    entries: tuple[Entry, ...]
    tail: str = ""

    @property
    def text(self) -> str:
        return self.head + "".join(entry.before + entry.text for entry in self.entries) + self.tail


def line_of(data: Mapping[str, Any]) -> str:
    """What a row is called by: its number, and the letter of its line where it has several."""
    return f"{data.get('row')}{data.get('part', '')}"


def page_of(raw: bytes) -> RulePage:
    """The page cut between its rows. Raises Unreadable; a page that is no list of rows has none."""
    page, text = read(raw), raw.decode("utf-8-sig").replace("\r\n", "\n")
    lines = text.splitlines(keepends=True)
    if not isinstance(page.data, list) or not page.data:
        return RulePage("".join(line for line in lines if line.strip() != "[]"), ())
    starts = [page.spot((index,)).row - 1 for index in range(len(page.data))]
    if len(set(starts)) != len(starts) or not all(lines[start].startswith("- ") for start in starts):
        return RulePage("", tuple(Entry(data, "", "") for data in page.data))
    return _cut(page, lines, starts)


def _cut(page: Page, lines: list[str], starts: list[int]) -> RulePage:
    assert isinstance(page.data, list)
    ends = [_end(lines, start, after) for start, after in zip(starts, [*starts[1:], len(lines)], strict=True)]
    head = _head(lines, starts[0])
    befores = [head, *ends[:-1]]
    entries = tuple(
        Entry(data, "".join(lines[before:start]), "".join(lines[start:end]))
        for data, before, start, end in zip(page.data, befores, starts, ends, strict=True)
    )
    return RulePage("".join(lines[:head]), entries, "".join(lines[ends[-1] :]))


def _end(lines: list[str], start: int, after: int) -> int:
    """Where a row's own lines end: blank lines and comments at the margin belong to the next one."""
    while after > start + 1 and (not lines[after - 1].strip() or lines[after - 1].startswith("#")):
        after -= 1
    return after


def _head(lines: list[str], first: int) -> int:
    """The page's own words end at its first blank line; comments after it are the first row's."""
    blank = [index for index in range(first) if not lines[index].strip()]
    return blank[0] if blank else first


def comments_in(text: str) -> Iterator[str]:
    """Comments between the cells of a row; a # within a cell is none."""
    if "#" not in text:
        return
    cells = [(event.start_mark.index, event.end_mark.index) for event in carefully(text) if kind_of(event) == "Scalar"]
    for found in _COMMENT.finditer(text):
        if not any(start <= found.start() < end for start, end in cells):
            yield found.group()


def comment_lines(comment: str) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines())
