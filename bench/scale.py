"""How much is stored before a bench begins, and how many reports it sends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """`cases` lie in the store beforehand where a bench wants a full one; `reports` pass through the pipeline.

    A robot is watched at its quota for so many `minutes`.
    """

    cases: int
    reports: int
    minutes: int = 1

    @classmethod
    def usual(cls) -> Scale:
        """So few that all benches together take some ten minutes on two cores, longer where they are slow."""
        return cls(100_000, 6_000)

    @classmethod
    def full(cls) -> Scale:
        return cls(1_000_000, 20_000, minutes=3)
