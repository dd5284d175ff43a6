"""A case's facts under the names that stand in the texts: ids become names, instants the community's own time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.intake.words import UNKNOWN, length, said, when
from shaoyin.adapters.words import Language
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import PlaceGiven


@dataclass(frozen=True, slots=True)
class InWords:
    """Bound to a reader's language, to the place as it was reported, and to the area where the case lies, if known."""

    pack: Pack
    language: Language
    place: PlaceGiven
    area: str | None

    def said(self, key: str, facts: Mapping[str, object]) -> str | None:
        """The text under `key`, filled in; None where there is none."""
        return said(self.pack, key, self.language, dict(self._named(facts)))

    def unit(self, org: object) -> str:
        """The body's name; the triage desk's where none is named, as for a helper who claimed the matter."""
        known = self.pack.directory.orgs
        if org not in known:
            area = self.area or self.pack.areas.find(self.place).area or self.pack.root
            org = self.pack.triage_post(area).org
        return known[str(org)].name[self.language]

    def reason(self, code: str) -> str:
        """Why a rule refused, in its own words."""
        return self.said(f"refused.{code}", {}) or self.said("request.refused", {}) or code

    def _named(self, facts: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        yield "unit", self.unit(facts.get("org"))
        yield "place", self._place(facts.get("area"))
        for name, value in facts.items():
            if isinstance(value, datetime):
                yield name.removesuffix("_at"), when(value, self.pack, self.language)
            elif name == "code":
                yield "reason", self.reason(str(value))
            elif value is not None and name not in ("org", "area"):
                yield name, self._name(name, str(value))

    def _place(self, area: object) -> str:
        """The area's name; where none was found, what the reporter said."""
        found = area or self.area or self.pack.areas.find(self.place).area
        known = self.pack.areas.areas.get(str(found))
        return known.name[self.language] if known else self.place.text or UNKNOWN

    def _name(self, name: str, value: str) -> str:
        """A category, whistle or body by its name; a clock, grade or outcome by the pack's word for it."""
        pack = self.pack
        match name:
            case "category" if value in pack.categories:
                return pack.categories[value].name[self.language]
            case "whistle" if value in pack.whistle_types:
                return pack.whistle_types[value].name[self.language]
            case "responder" if value in pack.directory.orgs:
                return pack.directory.orgs[value].name[self.language]
            case "clock" | "grade" | "outcome" | "responder" | "finding" | "urgency":
                return said(pack, f"{name}.{value}", self.language, {}) or value
            case "within":
                return length(value, self.language)
            case _:
                return value
