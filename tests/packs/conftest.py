"""A copy of the shipped packs that a test may break, and the problems that come of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from shaoyin.adapters.packs import Located, load
from shaoyin.domain.pack import Pack

SHIPPED = Path(__file__).parents[2] / "packs"


class Copy:
    """The packs in a folder of their own: change a page, then ask what is wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.own = folder / "wulibao"

    def change(self, file: str, old: str, new: str) -> Copy:
        page = self.folder / file
        text = page.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        page.write_text(text.replace(old, new), encoding="utf-8")
        return self

    def add(self, file: str, text: str) -> Copy:
        page = self.folder / file
        before = page.read_text(encoding="utf-8") if page.exists() else ""
        page.write_text(before + text, encoding="utf-8")
        return self

    def row_of(self, file: str, words: str) -> int:
        lines = (self.folder / file).read_text(encoding="utf-8").splitlines()
        found = [number for number, line in enumerate(lines, start=1) if words in line]
        assert len(found) == 1, f"{words!r} stands on lines {found}"
        return found[0]

    def problems(self) -> tuple[Located, ...]:
        """What is wrong; there is something, and there is no pack."""
        loaded = load(self.own)
        assert loaded.pack is None
        assert loaded.problems
        return loaded.problems

    def problem(self) -> Located:
        (only,) = self.problems()
        return only

    def where(self, located: Located) -> tuple[str, int, int]:
        return str(Path(located.file).relative_to(self.folder)), located.row, located.column

    def pack(self) -> Pack:
        loaded = load(self.own)
        assert loaded.pack is not None, loaded.problems
        return loaded.pack


@pytest.fixture
def packs(tmp_path: Path) -> Copy:
    return Copy(Path(shutil.copytree(SHIPPED, tmp_path / "packs")))


def shipped(name: str) -> Pack:
    loaded = load(SHIPPED / name)
    assert loaded.pack is not None, loaded.problems
    return loaded.pack


@pytest.fixture(scope="session")
def wulibao() -> Pack:
    return shipped("wulibao")


@pytest.fixture(scope="session")
def songshan() -> Pack:
    return shipped("songshan")


@pytest.fixture(scope="session")
def panlonggu() -> Pack:
    return shipped("panlonggu")


@pytest.fixture(scope="session")
def nanmen() -> Pack:
    return shipped("nanmen")


@pytest.fixture(scope="session")
def xinya() -> Pack:
    return shipped("xinya")


@pytest.fixture(scope="session")
def say(wulibao: Pack) -> Callable[[str], tuple[str, ...]]:
    """The dangers that a text shows."""
    return lambda text: tuple(sign.danger for sign in wulibao.dangers(text, {}))
