"""What a street says of its matters beside the rules: whose duty each is by list, and which emergency mode is on."""

from __future__ import annotations

from datetime import date
from typing import Literal

from shaoyin.domain.frozen import dataclass

DutyList = Literal["basic", "cooperate", "taken_back"]
Power = Literal["licence", "enforcement"]
EmergencyKind = Literal["epidemic", "disaster", "crowd"]


@dataclass(frozen=True, slots=True)
class Matter:
    """An entry of the matter catalogue: on which national list, which department, and what power it takes."""

    category: str
    dept: str
    duty_list: DutyList | None = None
    needs: Power | None = None


@dataclass(frozen=True, slots=True)
class EmergencyMode:
    """An epidemic or a disaster for an area from a day on, and what it holds for beside PUB.* (domain 4.4)."""

    kind: EmergencyKind
    area: str
    since: date
    until: date | None = None
    categories: tuple[str, ...] = ()

    def holds(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


def of_category(patterns: tuple[str, ...], category: str) -> bool:
    """SAN.* means every category of that first level."""
    return any(category == each or (each.endswith(".*") and category.startswith(each[:-1])) for each in patterns)
