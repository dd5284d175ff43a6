"""How far a report has come, in plain words: made when it is read, from what intake followed and the pack's texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import cast

from services.intake.allowed import Allowed
from services.intake.course import Course
from services.intake.in_words import InWords
from shaoyin.adapters.mongo import Document
from shaoyin.adapters.words import Language
from shaoyin.domain.calendar import CalendarMissing
from shaoyin.domain.events import OPEN
from shaoyin.domain.located import BY_PERSON
from shaoyin.domain.pack import Pack, Urgency
from shaoyin.domain.report import Report

REQUESTS_SHOWN = 50
"""The newest."""


@dataclass(frozen=True, slots=True)
class Said:
    at: datetime
    event: str
    text: str


@dataclass(frozen=True)
class Progress:
    """One report as its reporter reads it now; once merged, as the lead stands."""

    pack: Pack
    course: Course
    requests: Sequence[Document]
    language: Language
    now: datetime

    @property
    def report(self) -> Report:
        return self.course.report

    @cached_property
    def _words(self) -> InWords:
        return InWords(self.pack, self.language, self.report.place, self.course.of_head("area"))

    @property
    def state(self) -> str:
        return self.course.state

    @property
    def state_text(self) -> str:
        return self._words.said(f"state.{self.state}", {}) or self.state

    @property
    def allowed(self) -> Allowed:
        return Allowed(self.course, self.requests, self.pack, self.now)

    @cached_property
    def may(self) -> list[str]:
        return self.allowed.may

    def read_in(self, language: Language) -> Progress:
        return Progress(self.pack, self.course, self.requests, language, self.now)

    def as_json(self, query_code: str) -> dict[str, object]:
        """api.md, Progress; beside it what the page needs: the number people read, the id, when it was received."""
        due_at = self.due_at()
        return {
            "query_code": query_code,
            "report_id": self.report.report_id,
            "number": self.number(),
            "merged_into": self.merged_into(),
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
            "question": self.question(),
            "secrecy": self.course.secrecy,
            "requests": [self._request(each) for each in self.requests[-REQUESTS_SHOWN:]],
            "may": self.may,
            "emergency": self.emergency(),
        }

    def number(self) -> str | None:
        """The case's own, which it keeps for life."""
        return cast("str | None", (self.course.document.get("head") or {}).get("number"))

    def merged_into(self) -> dict[str, str | None] | None:
        """The number of the case that goes on for this one, as far as it has one."""
        if not self.course.merged:
            told = self.course.facts_with("lead")
            return None if told is None else {"number": str(told["lead"])}
        return {"number": self.course.of_head("number")}

    def question(self) -> dict[str, str | None] | None:
        """What is asked of the reporter, and until when an answer is waited for."""
        if (asked := self.course.question) is None or self.course.head is None:
            return None
        by = self.course.head["info_by"]
        return {"text": asked, "answer_by": None if by is None else self._local(by)}

    def emergency(self) -> list[dict[str, str]]:
        """The numbers shown with the receipt, and those a report that ended in a call was sent to (row 3)."""
        shown = {each.number: each.say for each in self.report.emergency_shown}
        called = self.course.called
        for number in called["numbers"] if called is not None else ():
            shown.setdefault(number, self._say(number))
        return [{"number": number, "say": say} for number, say in shown.items()]

    def _say(self, number: str) -> str:
        signs = self.pack.emergencies
        return next((each.say[self.language] for each in signs if each.number == number), "")

    def due_at(self) -> datetime | None:
        """Of the clock that runs; before the case exists the first reply's."""
        if self.course.head is None:
            return self._first_reply_at()
        return cast("datetime | None", self.course.head["due_at"]) if self.state in OPEN else None

    def _first_reply_at(self) -> datetime | None:
        """T0, counted as the router will count it (mechanics 17); None where the calendar has no such year."""
        urgency = cast("Urgency", self.course.document["urgency"])
        try:
            return self.pack.due(self.report.received_at, self.pack.limit("reply", urgency), urgency).due_at
        except CalendarMissing:
            return None

    def responsible(self) -> dict[str, str] | None:
        """Nobody any more where the matter has ended."""
        if self.state not in OPEN:
            return None
        return {"unit": self._words.unit(self.course.of_head("org"))}

    def timeline(self) -> Iterator[Said]:
        """From the receipt on, in the order of the case."""
        received = self._words.said("reply.received", {"due_at": self._first_reply_at()})
        yield Said(self.report.received_at, "received", received or "")
        for line in self.course.lines():
            text = self._words.said(f"timeline.{line['type']}", line["facts"]) if line["shown"] else None
            if text is not None:
                yield Said(line["at"], line["type"], text)

    def replies(self) -> Iterator[Said]:
        """The words that went to this reporter."""
        for line in self.course.lines():
            for reply in line["replies"]:
                if reply["to"] not in (None, self.report.reporter_ref):
                    continue
                facts = line["facts"] if reply["words"] is None else line["facts"] | {"message": reply["words"]}
                text = self._words.said(reply["key"], facts) or reply["words"]
                if text:
                    yield Said(line["at"], reply["key"], text)

    def why(self) -> str:
        """How the place was found, which rule made the unit responsible, how the date was counted (promise 4)."""
        found, rule = self.course.facts_with("how"), self.course.facts_with("row")
        pieces = []
        if found is not None:
            pieces.append(self._place(found))
        if rule is not None:
            pieces.append(self._words.said("explain.chosen_by_person" if "chosen" in rule else "explain.row", rule))
        counted = rule or self.course.facts_with("within") or {"due_at": self._first_reply_at()}
        if "within" in counted:
            pieces.append(self._words.said("explain.deadline", counted))
            pieces.append(self._words.said("explain.provisional", counted) if counted.get("provisional") else None)
        if not pieces:
            pieces.append(self._words.said("reply.triage", counted))
        return (" " if self.language == "en" else "").join(piece for piece in pieces if piece)

    def _place(self, found: Document) -> str | None:
        """As it was found last; where the case lies elsewhere by now a person said so."""
        area = self.course.of_head("area")
        if area is not None and area != found.get("area"):
            return self._words.said(f"explain.place.{BY_PERSON}", found | {"area": area})
        how = str(found["how"])
        seen = self.pack.areas.seen_in(how, str(found.get("place_seen") or ""), self.language)
        return self._words.said(f"explain.place.{how}", found | {"seen": seen})

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
