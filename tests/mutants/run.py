"""Each mutant of the core must be killed by the quick suite: `make mutants`; the last line says killed of all.

A mutant is applied to a copy of the sources, so the checkout is never touched. Exits 1 when one survives.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parent.parent.parent
COPIED = ("shaoyin", "services", "deploy", "tests", "packs", "pyproject.toml")
AT_ONCE = 2
WITHIN = 600
"""Seconds; a mutant that hangs the suite is killed by it."""
SUITE = ("tests/domain", "tests/properties")


def killed_by(mutant: Mutant) -> str | None:
    """The first test that fails, None where all pass."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        mutant.apply_to(copy)
        return _first_failure(copy)


def _first_failure(copy: Path) -> str | None:
    environment = {**os.environ, "SHAOYIN_SHRINK": "no", "PYTHONDONTWRITEBYTECODE": "1"}
    asked = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *SUITE]
    try:
        done = subprocess.run(
            asked, cwd=copy, env=environment, capture_output=True, text=True, timeout=WITHIN, check=False
        )
    except subprocess.TimeoutExpired:
        return "the time limit"
    if done.returncode == 0:
        return None
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"the suite did not run: {done.stderr[-400:]}")
    return found[1]


def outcomes(chosen: list[Mutant]) -> Iterator[tuple[Mutant, str | None]]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from zip(chosen, pool.map(killed_by, chosen), strict=True)


def main(names: list[str]) -> int:
    chosen = [each for each in MUTANTS if not names or each.name in names]
    killed = 0
    for mutant, test in outcomes(chosen):
        killed += test is not None
        sys.stdout.write(f"{'killed  ' if test else 'SURVIVED'} {mutant.name}: {test or 'no test noticed'}\n")
        sys.stdout.flush()
    sys.stdout.write(f"killed {killed} of {len(chosen)}\n")
    return 0 if killed == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
