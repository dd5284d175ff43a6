"""The packs in a folder, with which every program begins."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from shaoyin.adapters.logs import log_to_stderr
from shaoyin.adapters.pack_cells import packed_cells_of
from shaoyin.adapters.pack_files import forget
from shaoyin.adapters.packs import is_example, load, pages_of, version_of
from shaoyin.adapters.settings import Settings
from shaoyin.domain.pack import Pack


class PacksRefused(Exception):  # noqa: N818 - said to an operator: these packs are refused
    """Every problem of every pack; nothing was started (promise 7)."""


def begun(*, publishes: bool = False) -> Settings:
    """The settings of a process that begins; its logs are set up and its packs are read. Raises PacksRefused.

    To read the packs takes six megabytes more than they take afterwards. What is imported later fills them; once all is
    imported they would stay empty for as long as the process runs. So a program is imported after this.
    """
    settings = Settings.checked()
    log_to_stderr(frank=not settings.production)
    packs = load_packs(settings.packs, settings.examples)
    if publishes:
        for name in packs:
            packed_folder(settings.packs / name)
    forget()
    return settings


@cache
def load_packs(folder: Path, examples: bool = False) -> Mapping[str, Pack]:
    """Every community's pack in a folder, as first read; `base` is what they extend. Raises PacksRefused.

    Packs that are examples are read only where they are asked for.
    """
    packs: dict[str, Pack] = {}
    problems: list[str] = []
    for each in sorted(folder.iterdir()):
        if not (each / "pack.yaml").exists() or each.name == "base" or (is_example(each) and not examples):
            continue
        loaded = load(each)
        problems += [str(problem) for problem in loaded.problems]
        if loaded.pack is not None:
            packs[loaded.pack.name] = loaded.pack
    if problems or not packs:
        raise PacksRefused("\n".join(problems) or f"no pack in {folder}")
    return packs


@cache
def packed_folder(folder: Path) -> tuple[str, str]:
    """The version that a pack's folder says, as first read, and its cells as they are published."""
    pages = pages_of(folder)
    return version_of(pages), packed_cells_of(pages)
