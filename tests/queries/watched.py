"""What a database did for a question, by its own profiler, and which functions of the product asked it."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from pymongo import MongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

ROOT = Path(__file__).parents[2]
SERVICES = ROOT / "services"
ASKING = frozenset(
    {
        "aggregate", "bulk_write", "count_documents", "delete_many", "delete_one", "distinct", "find", "find_one",
        "find_one_and_delete", "find_one_and_update", "replace_one", "update_many", "update_one",
    }
)  # fmt: skip
"""The calls of a collection that look for documents."""
NO_COLLECTIONS = ("versions.store", ".areas", "desk.store", "desk.registrations")
"""What has a `find` of its own."""
PROFILED_AT_MOST = 64 * 1024 * 1024
OWN = ".system.profile"
"""Reading the profile is profiled too."""
PREPARING = frozenset({"createIndexes", "listIndexes"})
Asker = tuple[str, str]
"""The module's file and the function's name."""


@dataclass(frozen=True, slots=True)
class Look:
    """One operation as the profiler wrote it down. `wanted` is what it came to, or might have: its limit."""

    question: str
    collection: str
    operation: str
    plan: str
    examined: int
    wanted: int

    @property
    def scans(self) -> bool:
        return "COLLSCAN" in self.plan

    def __str__(self) -> str:
        return f"{self.question}: {self.operation} {self.collection} by {self.plan}, {self.examined} for {self.wanted}"


class Profiler:
    """One database's; reads what was written since it was last asked."""

    def __init__(self, client: MongoClient[dict[str, Any]], name: str) -> None:
        self._database = client[name]
        self._database.create_collection("system.profile", capped=True, size=PROFILED_AT_MOST)
        self._database.command("profile", 2)
        self._seen = 0

    def looks(self, question: str) -> list[Look]:
        found = list(self._database["system.profile"].find().skip(self._seen))
        self._seen += len(found)
        return [_look(question, each) for each in found if "planSummary" in each and not each["ns"].endswith(OWN)]


def _look(question: str, entry: dict[str, Any]) -> Look:
    command = entry.get("command", {})
    stages = {name: value for stage in command.get("pipeline", ()) for name, value in stage.items()}
    counts = (entry.get(name, 0) for name in ("nreturned", "nMatched", "ndeleted"))
    limit = int(command.get("limit", 0)) or int(stages.get("$limit", 0))
    collection = entry["ns"].partition(".")[2]
    return Look(
        question, collection, entry["op"], entry["planSummary"], int(entry.get("docsExamined", 0)), max(limit, *counts)
    )


@dataclass
class Askers(CommandListener):
    """Who sent commands: the driver tells of each while those who await it are still on the stack."""

    seen: set[Asker] = field(default_factory=set)

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name not in PREPARING:
            self.seen |= set(_ours(sys._getframe()))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


def _ours(frame: FrameType | None) -> Iterator[Asker]:
    while frame is not None:
        if (path := Path(frame.f_code.co_filename)).is_relative_to(SERVICES):
            yield str(path.relative_to(ROOT)), frame.f_code.co_name
        frame = frame.f_back


def askers_in_source() -> set[Asker]:
    """Every function of the three services that looks for documents in a collection."""
    return {
        (str(path.relative_to(ROOT)), function.name)
        for path in SERVICES.rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef) and any(map(_asks, _own(function)))
    }


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """What stands in it and in no function inside it."""
    for each in ast.iter_child_nodes(function):
        yield each
        if not isinstance(each, ast.AsyncFunctionDef | ast.FunctionDef):
            yield from _own(each)


def _asks(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Name):
        return node.func.id == "aggregate"
    return (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in ASKING
        and not ast.unparse(node.func.value).endswith(NO_COLLECTIONS)
    )
