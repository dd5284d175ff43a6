"""`python -m bench.sizes`: what stored cases weigh, each index by itself, as MongoDB's own collStats counts it."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.decide import wulibao
from bench.scale import Scale
from bench.seed import fill, grown
from deploy.local import Engines, free_ports
from shaoyin.adapters.mongo import close, connect
from shaoyin.adapters.settings import Settings


async def weighed(url: str, many: int) -> Mapping[str, Any]:
    client = connect(Settings(mongo_url=url))
    database = client["sizes_router"]
    await fill(database, grown(wulibao()), many)
    found = await database.command("collStats", "cases")
    await close(client)
    return found


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Bytes of a case. Seeded cases are copies and compress better than true ones; their documents are as large."""
    many = found["count"]
    yield f"{many:,} cases; bytes of each:"
    yield f"{'document':<24}{found['size'] / many:>10,.1f}"
    yield f"{'document compressed':<24}{found['storageSize'] / many:>10,.1f}"
    yield f"{'all indexes':<24}{found['totalIndexSize'] / many:>10,.1f}"
    for name, size in sorted(found["indexSizes"].items(), key=lambda each: -each[1]):
        yield f"  {name:<22}{size / many:>10,.1f}"


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m bench.sizes", description=__doc__)
    asked.add_argument("--cases", type=int, default=Scale.usual().cases)
    many = asked.parse_args().cases
    with TemporaryDirectory() as folder:
        engines = Engines(Path(folder), *free_ports(3), mongo_cache_gb=0.5)
        try:
            engines.start_mongo()
            print("\n".join(lines(asyncio.run(weighed(engines.mongo_url, many)))))
        finally:
            engines.wipe()


if __name__ == "__main__":
    main()
