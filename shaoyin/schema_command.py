"""`python -m shaoyin schema`: JSON Schemas of a pack's pages, by which an editor completes and checks them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from shaoyin.adapters.schema_names import folders_in, known_names
from shaoyin.adapters.schema_pages import schemas


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    page = commands.add_parser("schema", help="写出规则包的 JSON Schema / write the JSON Schemas of a pack's pages")
    page.add_argument("--packs", type=Path, default=Path("packs"), help="规则包所在的文件夹 / where packs lie")
    page.add_argument("--into", type=Path, default=Path("docs/schemas"), help="写到哪里 / where they are written")
    page.add_argument("--check", action="store_true", help="不写,只看旧不旧 / write nothing; exit 1 where one is old")


def run(given: argparse.Namespace) -> int:
    folders = folders_in(given.packs)
    if not folders:
        sys.stdout.write(f"{given.packs}: 没有规则包 / no packs there\n")
        return 1
    known, wrong = known_names(folders)
    if wrong:
        sys.stdout.writelines(f"{problem}\n" for problem in sorted(wrong))
        return 1
    wanted = {f"{Path(page).stem}.json": _text(schema) for page, schema in schemas(known).items()}
    differing = _differing(given.into, wanted)
    if given.check:
        said = "与规则包不符,请运行 python -m shaoyin schema / not what the packs say: run python -m shaoyin schema"
        sys.stdout.writelines(f"{given.into / name}: {said}\n" for name in differing)
        return 1 if differing else 0
    given.into.mkdir(parents=True, exist_ok=True)
    for name in differing:
        if name in wanted:
            (given.into / name).write_text(wanted[name], "utf-8")
        else:
            (given.into / name).unlink()
    changed = f"改了 {len(differing)} 个 / {len(differing)} changed" if differing else "没有变化 / nothing changed"
    sys.stdout.write(f"{given.into}: {changed}\n")
    return 0


def _text(schema: object) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _differing(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """Files that are missing, are old, or describe a page that there is no more."""
    there = {path.name: path.read_text("utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
