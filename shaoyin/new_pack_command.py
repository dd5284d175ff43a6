"""`python -m shaoyin new-pack NAME`: the beginning of a pack, which holds as it is and says what comes next."""

from __future__ import annotations

import argparse
import sys
from importlib.resources import files
from pathlib import Path

from shaoyin.adapters.pack_names import NAME
from shaoyin.adapters.packs import load

PAGES = ("pack.yaml", "areas.yaml", "orgs.yaml", "people.yaml", "scenarios.yaml")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    page = commands.add_parser("new-pack", help="新建一个规则包的骨架 / make the skeleton of a pack")
    page.add_argument("name", help="小写字母和数字,例如 hehuan / lower-case letters and digits")
    page.add_argument("--packs", type=Path, default=Path("packs"), help="规则包所在的文件夹 / where packs lie")


def run(given: argparse.Namespace) -> int:
    name, folder = given.name, given.packs / given.name
    if NAME.fullmatch(name) is None or len(name) > 20:
        return _told(f"名字用小写字母、数字,中间可以有 - 或 _,至多 20 个 / no name for a pack: {name}")
    if folder.exists():
        return _told(f"{folder} 已经有了,什么都没有改 / exists already, nothing was changed")
    if not (given.packs / "base" / "pack.yaml").exists():
        return _told(f"{given.packs} 里没有公共规则 base / no pack named base there")
    folder.mkdir()
    for page, content in pages(name).items():
        (folder / page).write_text(content, encoding="utf-8")
    problems = load(folder).problems
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    sys.stdout.write(f"{folder}: 骨架已建好,从 pack.yaml 开始改 / made; begin with pack.yaml\n")
    return 1 if problems else 0


def pages(name: str) -> dict[str, str]:
    """The pages of a pack of that name, complete."""
    there = files("shaoyin.adapters").joinpath("texts", "new_pack")
    return {page: there.joinpath(page).read_text("utf-8").replace("NAME", name) for page in PAGES}


def _told(said: str) -> int:
    sys.stdout.write(f"{said}\n")
    return 1
