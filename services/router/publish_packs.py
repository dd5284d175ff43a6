"""Puts in force what was approved, in every router within a second, and tells the other services of it by Kafka.

The store is asked, not the topic: an approval counts for the next case also while Kafka is away. What the topic lacks,
after an outage, a kill or in a new cluster, is sent by the next look.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

from services.router.desk import Desk
from services.router.pack_versions import Draft, InForce, Officer
from services.router.recompute_clocks import recompute_clocks
from services.router.seed_registrations import seed_registrations
from services.router.versions import Versions
from shaoyin.adapters.bus import BusDown, Message
from shaoyin.adapters.folder_packs import packed_folder
from shaoyin.adapters.jobs import resting, turned, waiting
from shaoyin.adapters.mongo import StoreDown
from shaoyin.adapters.pack_cells import packed_cells_of
from shaoyin.adapters.packs import pages_of, version_of
from shaoyin.contracts.packs import write_pack
from shaoyin.contracts.topics import PACKS

LOOK_EVERY = timedelta(seconds=1)
FIRST = "随软件提供的规则 / the rules that came with the software"
CHANGED = "文件夹里的规则改过 / the folder was edited"
log = logging.getLogger(__name__)


async def settle(desk: Desk, versions: Versions, folder: Path, *, follow_folder: bool) -> None:
    """At the start: what was in force is in force again, and a pack that never was is published from its folder."""
    await versions.store.prepare()
    await versions.look()
    for pack, version in versions.packs.begun_with.items():
        line = versions.lines.get(pack)
        if line is None or (line.folder != version and follow_folder):
            await _publish_folder(desk, versions, folder / pack, version, line)
        elif line.folder != version:
            log.warning("the folder of %s says something else than is in force: hand it in to publish it", pack)
    await versions.look()
    versions.settled.set()


async def _publish_folder(desk: Desk, versions: Versions, folder: Path, version: str, line: InForce | None) -> None:
    """By the system, and recorded so. Where another router was quicker there is nothing left to do."""
    pages = await asyncio.to_thread(pages_of, folder)
    if version_of(pages) != version:
        log.error("the folder of %s was edited while the service started; it is read at the next start", folder.name)
        return
    system = Officer(None, None, desk.clock.now())
    note = FIRST if line is None else CHANGED
    read, cells = await asyncio.to_thread(packed_folder, folder)
    if read != version:
        cells = await asyncio.to_thread(packed_cells_of, pages)
    kept = await versions.store.keep(Draft(folder.name, version, pages, cells, system, note))
    if line is not None and line.version == version:
        await versions.store.see_folder(folder.name, version)
    elif await versions.store.put_in_force(kept, system, 0 if line is None else line.publication, version):
        log.info("version %d of %s was published from its folder", kept.number, folder.name)


async def publish_packs(desk: Desk, versions: Versions, folder: Path, *, follow_folder: bool) -> None:
    """Until cancelled."""
    if not versions.settled.is_set():
        await settle(desk, versions, folder, follow_folder=follow_folder)
        packed_folder.cache_clear()
    there = True
    while True:
        try:
            await versions.look()
            await send_publications(desk, versions)
            turned()
            there = True
        except (BusDown, StoreDown) as away:
            waiting(away)
            log.log(logging.WARNING if there else logging.DEBUG, "publications of packs wait: %s", away)
            there = False
        await asyncio.sleep(LOOK_EVERY.total_seconds())


async def send_publications(desk: Desk, versions: Versions) -> int:
    """What is in force and not on the topic of the cluster that is there now. Raises BusDown and StoreDown."""
    cluster = await desk.bus.cluster_id()
    behind = [each for each in versions.lines.values() if (each.sent, each.cluster) != (each.publication, cluster)]
    for line in behind:
        written = write_pack(await versions.published(line))
        await desk.bus.send([Message(PACKS.name, written.key, written.value, written.headers)])
        await versions.store.mark_sent(line.pack, line.publication, cluster)
    desk.noticed("packs_published", len(behind))
    return len(behind)


async def after_publications(desk: Desk, versions: Versions) -> None:
    """Until cancelled: what another version in force brings with it, besides what the next case makes of it."""
    while True:
        resting()
        await versions.changed.wait()
        versions.changed.clear()
        try:
            await recompute_clocks(desk)
            await seed_registrations(desk)
        except BaseException:
            versions.changed.set()
            raise
        turned()
