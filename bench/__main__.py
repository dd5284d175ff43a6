"""`make bench`, or `python -m bench NAME …` for some: prints a table and writes bench/results/latest.json."""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import replace
from importlib import import_module

from bench.figures import Figure, keep, show
from bench.scale import Scale

BENCHES = (
    "decide",
    "simulate",
    "places",
    "pipeline",
    "intake",
    "latency",
    "lifecycle",
    "burst",
    "escalation",
    "start",
    "readers",
    "publication",
    "fanout",
)
"""In the order in which they run; each is a module of this package with `measure(scale)`."""


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench")
    asked.add_argument("names", nargs="*", choices=(*BENCHES, []), help="which; all when none is named")
    asked.add_argument("--full", action="store_true", default=os.environ.get("FULL") == "1", help="1,000,000 cases")
    said = asked.parse_args()
    scale = Scale.full() if said.full else Scale.usual()
    if said.names == ["fanout"]:
        scale = replace(scale, minutes=Scale.full().minutes)
    print(f"{scale.cases:,} stored cases, {os.cpu_count()} cores", flush=True)
    for name in said.names or BENCHES:
        began = time.perf_counter()
        figures: list[Figure] = list(import_module(f"bench.{name}").measure(scale))
        show(figures)
        keep(figures)
        print(f"           ({name} took {time.perf_counter() - began:.0f} s)", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
