"""How far a report has come, in plain words: made when it is read, from what intake followed and the pack's texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import cast

from services.intake.in_words import InWords
from services.intake.reports import report_in
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.words import Language
from shaoyin.domain.calendar import CalendarMissing
from shaoyin.domain.events import OPEN
from shaoyin.domain.pack import Pack, Urgency
from shaoyin.domain.report import Report

RATED_IN = ("calling_back", "closed")
"""Where a rating is heard (a10); before there is nothing to rate."""


@dataclass(frozen=True, slots=True)
class Said:
    at: datetime
    event: str
    text: str


@dataclass(frozen=True)
class Progress:
    """One report as its reporter reads it; `document` has `head` and `lines` once the case was heard of."""

    pack: Pack
    document: Document
    requests: Sequence[Document]
    language: Language

    @cached_property
    def report(self) -> Report:
        return report_in(self.document)

    @cached_property
    def _words(self) -> InWords:
        return InWords(self.pack, self.language, self.report.place, self._head("area"))

    @property
    def state(self) -> str:
        head = self.document.get("head")
        return "reported" if head is None else str(head["state"])

    @property
    def state_text(self) -> str:
        return self._words.said(f"state.{self.state}", {}) or self.state

    @property
    def may(self) -> list[str]:
        return ["rating"] if self.state in RATED_IN else []

    def read_in(self, language: Language) -> Progress:
        return Progress(self.pack, self.document, self.requests, language)

    def as_json(self, query_code: str) -> dict[str, object]:
        """api.md, Progress; beside it what the page needs: the number people read, the id, when it was received."""
        due_at = self.due_at()
        return {
            "query_code": query_code,
            "report_id": self.document["_id"],
            "number": self._head("number"),
            "received_at": self._local(self.report.received_at),
            "state": self.state,
            "state_text": self.state_text,
            "responsible": self.responsible(),
            "due_at": None if due_at is None else self._local(due_at),
            "replies": [{"at": self._local(each.at), "text": each.text} for each in self.replies()],
            "timeline": [
                {"at": self._local(each.at), "event": each.event, "text": each.text} for each in self.timeline()
            ],
            "why": self.why(),
            "requests": [self._request(each) for each in self.requests],
            "may": self.may,
            "emergency": [{"number": each.number, "say": each.say} for each in self.report.emergency_shown],
        }

    def due_at(self) -> datetime | None:
        """Of the clock that runs; before the case exists the first reply's."""
        head = self.document.get("head")
        return self._first_reply_at() if head is None else cast("datetime | None", head["due_at"])

    def _first_reply_at(self) -> datetime | None:
        """T0, counted as the router will count it (mechanics 17); None where the calendar has no such year."""
        urgency = cast("Urgency", self.document["urgency"])
        try:
            return self.pack.due(self.report.received_at, self.pack.limit("reply", urgency), urgency).due_at
        except CalendarMissing:
            return None

    def responsible(self) -> dict[str, str] | None:
        """Nobody any more where the matter has ended."""
        if self.state not in OPEN:
            return None
        return {"unit": self._words.unit(self._head("org"))}

    def _head(self, name: str) -> str | None:
        return cast("str | None", (self.document.get("head") or {}).get(name))

    def _lines(self) -> Iterator[Document]:
        """In the order of the case, whatever the order of arrival; without those that concern another reporter."""
        lines: Mapping[str, Document] = self.document.get("lines", {})
        for number in sorted(lines, key=int):
            line = lines[number]
            if line["facts"].get("ref", self.report.reporter_ref) == self.report.reporter_ref:
                yield line

    def timeline(self) -> Iterator[Said]:
        """From the receipt on, in the order of the case."""
        received = self._words.said("reply.received", {"due_at": self._first_reply_at()})
        yield Said(self.report.received_at, "received", received or "")
        for line in self._lines():
            text = self._words.said(f"timeline.{line['type']}", line["facts"]) if line["shown"] else None
            if text is not None:
                yield Said(line["at"], line["type"], text)

    def replies(self) -> Iterator[Said]:
        """The words that went to this reporter."""
        for line in self._lines():
            for reply in line["replies"]:
                if reply["to"] not in (None, self.report.reporter_ref):
                    continue
                facts = line["facts"] if reply["words"] is None else line["facts"] | {"message": reply["words"]}
                text = self._words.said(reply["key"], facts) or reply["words"]
                if text:
                    yield Said(line["at"], reply["key"], text)

    def why(self) -> str:
        """How the place was found, which rule made the unit responsible, how the date was counted (promise 4)."""
        opened, rule = self._last_with("how"), self._last_with("row")
        pieces = []
        if opened is not None:
            pieces.append(
                self._words.said(f"explain.place.{opened['how']}", opened | {"seen": opened.get("place_seen")})
            )
        if rule is not None:
            pieces.append(self._words.said("explain.chosen_by_person" if "chosen" in rule else "explain.row", rule))
        counted = rule or opened or {"due_at": self._first_reply_at()}
        if "within" in counted:
            pieces.append(self._words.said("explain.deadline", counted))
            pieces.append(self._words.said("explain.provisional", counted) if counted.get("provisional") else None)
        if not pieces:
            pieces.append(self._words.said("reply.triage", counted))
        return (" " if self.language == "en" else "").join(piece for piece in pieces if piece)

    def _last_with(self, fact: str) -> Document | None:
        found = [line["facts"] for line in self._lines() if fact in line["facts"]]
        return found[-1] if found else None

    def _request(self, document: Document) -> dict[str, object]:
        state = document["state"]
        refused = self._words.reason(document["code"]) if "code" in document else None
        return {
            "request_id": document["_id"],
            "asked": document["request"]["asked"],
            "state": state,
            "text": refused or self._words.said(f"request.{state}", {}),
            "at": self._local(document["since_at"]),
        }

    def _local(self, at: datetime) -> str:
        return at.astimezone(self.pack.zone).isoformat()
