"""How a process begins: its packs are read, what that took is given back, and then the program is imported."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from weakref import ref

import pytest

from shaoyin.adapters.folder_packs import PacksRefused, begun, load_packs, packed_folder
from shaoyin.adapters.pack_cells import packed_cells_of
from shaoyin.adapters.pack_files import read
from shaoyin.adapters.packs import pages_of, version_of
from shaoyin.adapters.packs_in_force import Packs
from shaoyin.adapters.program import settle
from tests.domain.town import PACKS
from tests.services.publication_setup import another_limit, published


@pytest.mark.parametrize("program", ["services", "services.intake", "services.router", "services.notify"])
def test_a_program_is_imported_when_its_packs_are_read_and_not_before(program: str) -> None:
    loads = f"import sys, {program}.__main__; print([each for each in ('fastapi', 'aiokafka') if each in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"


@pytest.fixture
def in_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Path], None]:
    """The environment of a process whose packs lie there; the logs stay those of the tests."""

    def begins_with(packs: Path) -> None:
        for name, value in {"ENV": "test", "PACKS": packs, "LOCAL": tmp_path}.items():
            monkeypatch.setenv(f"SHAOYIN_{name}", str(value))

    monkeypatch.setattr("shaoyin.adapters.folder_packs.log_to_stderr", lambda **_: None)
    return begins_with


def test_the_pages_behind_the_packs_do_not_stay_in_memory(in_folder: Callable[[Path], None]) -> None:
    in_folder(PACKS)

    assert begun(publishes=True).packs == PACKS

    assert read.cache_info().currsize == 0
    pages = pages_of(PACKS / "wulibao")
    assert packed_folder(PACKS / "wulibao") == (version_of(pages), packed_cells_of(pages))


def test_nothing_begins_without_a_pack(in_folder: Callable[[Path], None], tmp_path: Path) -> None:
    in_folder(tmp_path)

    with pytest.raises(PacksRefused, match="no pack in"):
        begun()


async def test_what_the_folder_said_goes_from_memory_when_another_version_comes_into_force() -> None:
    packs = Packs({name: pack for name, pack in load_packs(PACKS).items() if name == "wulibao"})
    read_first = ref(packs["wulibao"])
    settle()
    try:
        assert read_first() is not None

        await packs.put(published(another_limit("7 h")))

        assert read_first() is None
    finally:
        gc.unfreeze()
