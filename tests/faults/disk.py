"""A small disk of our own under the engines, which can run full: a file system in memory, in a private namespace.

It needs no privilege where the machine lets anybody make a user namespace; where it does not, there is no such fault.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOM = 1200 * 1024
"""Kilobytes; memory is taken only for what is written."""
INSIDE = "SHAOYIN_FAULTS_NAMESPACE"
UNSHARE = ("unshare", "--map-root-user", "--mount")


def go_where_mounting_is_allowed(module: str) -> bool:
    """Begins the program anew in a namespace of its own; False where the machine permits none."""
    if os.environ.get(INSIDE):
        return True
    try:
        allowed = subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        allowed = False
    if allowed:
        os.environ[INSIDE] = "1"
        os.execvp(UNSHARE[0], [*UNSHARE, sys.executable, "-m", module, *sys.argv[1:]])
    return False


@dataclass
class SmallDisk:
    """Mounted at a folder; it goes away with the namespace at the latest."""

    folder: Path

    def __post_init__(self) -> None:
        _mount("-t", "tmpfs", "-o", f"size={ROOM}k", "tmpfs", self.folder)

    def fill(self) -> None:
        """From now on there is room for nothing: the disk becomes as small as what lies on it."""
        for spare in (0, 64, 512, 4096):
            seen = os.statvfs(self.folder)
            used = (seen.f_blocks - seen.f_bfree) * seen.f_frsize // 1024
            if self._resize(used + spare):
                return
        raise AssertionError("the disk grows faster than it can be made small")

    def free(self) -> None:
        assert self._resize(ROOM)

    def leave(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)

    def _resize(self, kilobytes: int) -> bool:
        asked = ["mount", "-o", f"remount,size={kilobytes}k", str(self.folder)]
        return subprocess.run(asked, capture_output=True).returncode == 0


def _mount(*arguments: object) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)
