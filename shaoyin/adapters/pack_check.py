"""Checks a pack that is to be published: what `load` finds wrong, its calendar from a day on, and its scenarios."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from shaoyin.adapters.pack_shelf import Handed, InMemory, OnDisk, Shelf, has_scenarios
from shaoyin.adapters.packs import Loaded, load, load_handed, located, refused
from shaoyin.adapters.scenarios import judged


def check(folder: Path, today: date) -> Loaded:
    """As `load`, for a pack that is to be published on `today`.

    Its calendar must reach far enough from there, and its scenarios must come true.
    """
    return _judged(load(folder, today), folder, OnDisk())


def check_handed(name: str, packs: Handed, today: date) -> Loaded:
    """As `check`, for a pack that somebody hands in with those it extends; nothing is read from a disk."""
    return _judged(load_handed(name, packs, today), Path(name), InMemory(packs))


def _judged(loaded: Loaded, folder: Path, shelf: Shelf) -> Loaded:
    """The scenarios of the folder itself: those of a pack it extends name other places."""
    if loaded.pack is None:
        return loaded
    pages = [
        (folder / name, shelf.content(folder, name)) for name in sorted(filter(has_scenarios, shelf.files(folder)))
    ]
    untrue = [located(file, slip) for file, slip in judged(pages, loaded.pack)]
    return refused(untrue) if untrue else loaded
