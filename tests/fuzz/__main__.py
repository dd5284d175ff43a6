"""`make fuzz REQUESTS=10000`: so many requests at each service, then a look into the three databases."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from tests.engines import end_tidily_when_terminated, own_engines
from tests.fuzz.scene import SERVICES, scene
from tests.fuzz.shots import Shooter
from tests.fuzz.stores import half_written


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    asked.add_argument("--requests", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("services", nargs="*", default=list(SERVICES))
    said = asked.parse_args()
    end_tidily_when_terminated()
    with tempfile.TemporaryDirectory() as folder, own_engines(Path(folder) / "engines") as engines:
        engines.start()
        with scene(engines, Path(folder)) as found, MongoClient[dict[str, Any]](engines.mongo_url, tz_aware=True) as db:
            tallies = [Shooter(found, service, said.seed).shoot(said.requests) for service in said.services]
            broken = half_written(db, found)
    for tally in tallies:
        sys.stdout.write("\n".join(tally.lines()) + "\n")
    for each in broken:
        sys.stdout.write(f"HALF WRITTEN {each}\n")
    wrong = sum(len(tally.wrong) for tally in tallies) + len(broken)
    sys.stdout.write(f"{wrong} wrong\n" if wrong else "no 500, every answer as described, nothing half-written\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
