"""The course of one report: its own case's and, once it was merged, that of the lead that answers for it (I5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import cast

from services.intake.reports import report_in
from shaoyin.adapters.mongo import Document
from shaoyin.domain.events import EmergencyDiverted, Event, ReporterDetached
from shaoyin.domain.report import Report, Secrecy

SECRECIES: tuple[Secrecy, ...] = ("open", "confidential", "anonymous")
"""Upward only (domain 6.2)."""
LEFT = "withdrawn"
"""How the matter stands for a reporter who left it while it goes on without him (row 39)."""


@dataclass(frozen=True)
class Course:
    """`leads` are the cases it was merged into, one into the next; empty for nearly all."""

    document: Document
    leads: Sequence[Document] = ()

    @cached_property
    def report(self) -> Report:
        return report_in(self.document)

    @property
    def ref(self) -> str:
        return self.report.reporter_ref or ""

    @cached_property
    def answering(self) -> Document:
        """The document whose case answers for this report now: the last lead that was heard of, else its own."""
        return next((each for each in reversed(self.leads) if "head" in each), self.document)

    @property
    def answering_report(self) -> str:
        return str(self.answering["_id"])

    @property
    def merged(self) -> bool:
        return self.answering is not self.document

    @cached_property
    def head(self) -> Document | None:
        return cast("Document | None", self.answering.get("head"))

    def of_head(self, name: str) -> str | None:
        return cast("str | None", (self.head or {}).get(name))

    @property
    def state(self) -> str:
        if self.left_at is not None:
            return LEFT
        return "reported" if self.head is None else str(self.head["state"])

    @cached_property
    def secrecy(self) -> Secrecy:
        """The highest that was ever said of this reporter, at the receipt or in any header since."""
        said = [SECRECIES.index(self.report.secrecy)]
        said += [each.get("secrecies", {}).get(self.ref, 0) for each in (self.document, *self.leads)]
        return SECRECIES[max(said)]

    @cached_property
    def left_at(self) -> datetime | None:
        """When this reporter was detached from the case that answers."""
        return next((line["at"] for line in self.lines() if line["type"] == ReporterDetached.type), None)

    @property
    def ended_at(self) -> datetime | None:
        """Day 0 of retention: the terminal instant, the lead's for a merged one; None while it is open (1.41)."""
        if self.left_at is not None:
            return self.left_at
        if self.answering.get("joined"):
            return None  # the lead has not been heard of yet
        end = self.answering.get("end")
        return None if end is None else cast("datetime | None", end["ended_at"])

    def lines(self) -> Iterator[Document]:
        """In the order of the case, whatever the order of arrival; without those that concern another reporter.

        Of a lead only what came after this report joined it; nothing after its reporter left.
        """
        since: datetime | None = None
        for each, lead in zip((self.document, *self.leads), (*self.leads, None), strict=True):
            for line in self._own(each, since):
                yield line
                if line["type"] == ReporterDetached.type:
                    return
            since = None if lead is None else each["joined"][str(lead["_id"])]

    def _own(self, document: Document, since: datetime | None) -> Iterator[Document]:
        for line in ordered(document):
            if (since is None or line["at"] >= since) and line["facts"].get("ref", self.ref) == self.ref:
                yield line

    def facts_with(self, fact: str) -> Document | None:
        """The last facts in which it is named, in the whole story of the case that answers."""
        found = [line["facts"] for line in (*ordered(self.document), *ordered(self.answering)) if fact in line["facts"]]
        return found[-1] if found else None

    def done(self, kind: type[Event]) -> list[datetime]:
        """When this reporter did it, whether here or through somebody at a desk."""
        return [
            line["at"] for line in self.lines() if line["type"] == kind.type and line["facts"].get("by") == self.ref
        ]

    @property
    def called(self) -> Document | None:
        """The numbers that were kept as reply where the report ended in a call (row 3)."""
        if self.state != "transferred_out":
            return None
        found = [line["facts"] for line in self.lines() if line["type"] == EmergencyDiverted.type]
        return found[-1] if found else None

    @property
    def question(self) -> str | None:
        """What is being asked of the reporter now."""
        if self.state != "needs_info":
            return None
        asked = self.facts_with("question")
        return None if asked is None else str(asked["question"])


def ordered(document: Document) -> list[Document]:
    lines: dict[str, Document] = document.get("lines", {})
    return [lines[number] for number in sorted(lines, key=int)]
