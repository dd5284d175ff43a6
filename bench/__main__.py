"""`make bench`: prints a table and writes bench/results/latest.json."""

from __future__ import annotations

from bench import decide, pipeline
from bench.figures import keep, show


def main() -> None:
    figures = [*decide.measure(), *pipeline.run()]
    show(figures)
    keep(figures)


if __name__ == "__main__":
    main()
