"""The table of proofs: for each row of the flow and each numbered decision, the tests that prove it.

A test says what it proves in its docstring: `Row 12.`, `Rows 33, 36.`, `Decision 1.7.`, `Invariant I4.`
`python -m tests.proofs` writes the table, `--check` fails where a row or decision has no test or the table is old.
"""

from __future__ import annotations

import ast
import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parent
TABLE = TESTS / "spec" / "proofs.md"
FLOWS = ("case_flow.csv", "whistle_flow.csv", "responder_flow.csv", "registration_flow.csv")
STRUCK = {"1"}
"""Row 1 is struck: drafts stay on the phone, there is no call to test."""
DECISIONS = [f"1.{number}" for number in range(1, 46)] + [f"2.{number}" for number in range(1, 41)]
INVARIANTS = [f"I{number}" for number in range(1, 15)]
ELSEWHERE = {"2.39": "indicators are not part of the life cycles; their population is tested with them"}
_NUMBERS = r"[\w.]*\w(?:(?:, | and )[\w.]*\w)*"
_SAID = re.compile(rf"(?:^|(?<=[.\n]))\s*(Row|Decision|Invariant)s? ({_NUMBERS})\.(?=\s|$)", re.IGNORECASE)


def wanted() -> list[str]:
    rows: dict[str, None] = {}
    for name in FLOWS:
        for line in csv.DictReader((TESTS / "spec" / name).read_text("utf-8").splitlines()):
            if line["row"] not in STRUCK:
                rows[f"Row {line['row']}"] = None
    return [*rows, *(f"Decision {each}" for each in DECISIONS), *(f"Invariant {each}" for each in INVARIANTS)]


def proofs() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for name, said in _tests(path):
            for kind, number in _numbers(said):
                found.setdefault(f"{kind} {number}", []).append(f"{path.relative_to(TESTS).as_posix()}::{name}")
    return found


def _tests(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node.name, ast.get_docstring(node) or ""
        if isinstance(node, ast.ClassDef) and "Machine" in node.name:
            yield node.name, ast.get_docstring(node) or ""


def _numbers(said: str) -> Iterator[tuple[str, str]]:
    for match in _SAID.finditer(said):
        for number in re.split(r", | and ", match[2]):
            yield match[1].capitalize(), number


def table(found: dict[str, list[str]]) -> str:
    lines = ["# What proves each row, decision and invariant", "", "Made by `python -m tests.proofs`.", ""]
    lines += ["| What | Tests |", "|---|---|"]
    for each in wanted():
        tests = found.get(each) or [ELSEWHERE.get(each.split()[-1], "**none**")]
        lines.append(f"| {each} | {'<br>'.join(f'`{test}`' if '::' in test else test for test in tests)} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    found = proofs()
    missing = [each for each in wanted() if each not in found and each.split()[-1] not in ELSEWHERE]
    unknown = sorted(set(found) - set(wanted()))
    if "--check" not in arguments:
        TABLE.write_text(table(found), "utf-8")
    old = not TABLE.exists() or TABLE.read_text("utf-8") != table(found)
    for each in missing:
        sys.stderr.write(f"{each}: no test proves it\n")
    for each in unknown:
        sys.stderr.write(f"{each}: named by {found[each][0]}, but there is no such thing\n")
    if old:
        sys.stderr.write("tests/spec/proofs.md is old: python -m tests.proofs\n")
    sys.stdout.write(f"{len(wanted()) - len(missing)} of {len(wanted())} rows, decisions and invariants are proved\n")
    return 1 if missing or unknown or old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
