"""`python -m shaoyin rules export|import`: the rules of a pack in the clerk's own tool, a workbook, and back."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from shaoyin.adapters.packs import load, pages_of


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    page = commands.add_parser("rules", help="规则表导出为表格、从表格读回 / the rules as a workbook, and back")
    actions = page.add_subparsers(dest="action", required=True)
    out = actions.add_parser("export", help="写出表格 / write the workbook")
    out.add_argument("folder", type=Path, help="packs/NAME")
    out.add_argument("book", type=Path, help="rules.xlsx")
    back = actions.add_parser("import", help="读回规则 / read the workbook back")
    back.add_argument("book", type=Path, help="rules.xlsx")
    back.add_argument("folder", type=Path, help="packs/NAME")


def run(given: argparse.Namespace) -> int:
    folder: Path = given.folder
    if given.action == "export":
        return _export(folder, given.book)
    return _import(given.book, folder)


def _export(folder: Path, book: Path) -> int:
    from shaoyin.adapters.rule_book import write_book

    if _refused(folder):
        return 1
    count = write_book(pages_of(folder), book)
    sys.stdout.write(f"{book}: 写出 {count} 行规则 / {count} rows\n")
    return 0


def _import(book: Path, folder: Path) -> int:
    from shaoyin.adapters.rule_conditions import NotSaid
    from shaoyin.adapters.rule_import import imported
    from shaoyin.adapters.rule_sheet import read_sheet, write_problems

    if _refused(folder):
        return 1
    try:
        sheet = read_sheet(book)
    except NotSaid as error:
        from shaoyin.adapters.pack_wording import said

        return _told([f"{book}: {error.code}: {' / '.join(said(error.code, error.told))}"])
    found = imported(sheet, pages_of(folder), [pages_of(each) for each in _communities(folder)])
    if found.refused:
        copy = book.with_name(f"{book.stem.removesuffix('.problems')}.problems.xlsx")
        write_problems(sheet, found.cells, copy)
        lines = [f"{copy}:{each.row}:{each.column}: {each}" for each in found.cells]
        return _told([*lines, *map(str, found.elsewhere)])
    changed = found.page is not None and _write(folder / "rules.yaml", found.page)
    sys.stdout.write(f"{folder}: {'规则已写入 / rules written' if changed else '没有变化 / nothing changed'}\n")
    return 0


def _communities(folder: Path) -> list[Path]:
    """The pack itself; of one that is no community, such as the common rules, those that rest on it."""
    if (folder / "areas.yaml").exists() or not folder.is_dir():
        return [folder]
    beside = [each for each in sorted(folder.resolve().parent.iterdir()) if (each / "areas.yaml").exists()]
    return [each for each in beside if folder.resolve().name in pages_of(each)]


def _refused(folder: Path) -> bool:
    """Whether something is wrong with the pack already; then it has been said."""
    problems = sorted({problem for each in _communities(folder) for problem in load(each).problems})
    return bool(problems and _told(map(str, problems)))


def _write(page: Path, content: bytes) -> bool:
    """All of it or nothing; whether there was anything to change."""
    if page.exists() and page.read_bytes() == content:
        return False
    draft = page.with_name(f".{page.name}.new")
    draft.write_bytes(content)
    os.replace(draft, page)
    return True


def _told(lines: Iterable[str]) -> int:
    told = list(lines)
    sys.stdout.writelines(f"{line}\n" for line in told)
    sys.stdout.write(f"有 {len(told)} 处问题,什么都没有改 / {len(told)} problems, nothing was changed\n")
    return 1
