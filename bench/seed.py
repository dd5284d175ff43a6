"""Fills the router's `cases` with as many realistic cases as a bench wants: stamped out, not decided one by one.

`await fill(database, pack, 100_000)` decides a few hundred cases with the real core (`bench.lives`), writes each as the
store would, and copies them as bytes with their own id, number, reporter and times. A copy reads back like any case.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from struct import Struct
from typing import cast

import bson
from bson.raw_bson import RawBSONDocument
from pymongo import WriteConcern
from pymongo.results import InsertManyResult

from bench.lives import NUMBER, REPORT_ID, REPORTER, lives
from services.router.cases import MongoCases
from services.router.documents import bucket_of, document_of
from shaoyin.adapters.clock import SystemClock
from shaoyin.adapters.mongo import Collection, Database, Document, StoreDown
from shaoyin.domain.pack import Pack
from shaoyin.domain.place import Area, AreaTree

BATCH = 2_000
INDEXED_WITHIN = 900.0
QUIET = timedelta(hours=2)
YEAR = timedelta(days=365)
_MILLIS, _INT = Struct("<q"), Struct("<i")
_PLACE = "seed-{grid:02d}-{number:05d}"


def grown(pack: Pack, places: int = 10_000) -> Pack:
    """The pack with invented buildings in each of its micro-grids, so that few seeded cases are alike.

    Without it the cases lie in the pack's own buildings, and hundreds of open ones share place and category.
    """
    grids = _grids(pack)
    names = [(_PLACE.format(grid=number % len(grids), number=number // len(grids)), number) for number in range(places)]
    invented = {
        name: Area(name, "building", grids[number % len(grids)], {"zh-CN": name, "en": name}) for name, number in names
    }
    return replace(pack, areas=AreaTree({**pack.areas.areas, **invented}))


async def fill(
    database: Database, pack: Pack, many: int, *, open_share: float = 0.15, due_at: datetime | None = None,
    due_within: timedelta = timedelta(0), at: datetime | None = None, seed: int = 1,
) -> None:  # fmt: skip
    """Leaves the store as after `prepare()`, with `many` more cases; other seeds give other ids.

    `open_share` of them are open, the others closed or archived within the year before `at` (now). Nothing falls due
    for two hours, unless `due_at` is said: then every open case falls due at that instant, or evenly within
    `due_within` after it. Indexes are built afterwards, which takes half the time.
    """
    cases: Collection = database["cases"].with_options(write_concern=WriteConcern(w=1, j=False))
    copies = stamped(pack, many, open_share=open_share, due_at=due_at, due_within=due_within, at=at, seed=seed)
    under_way: asyncio.Future[InsertManyResult] | None = None
    while raw := [RawBSONDocument(each) for each in islice(copies, BATCH)]:
        if under_way is not None:
            await under_way
        under_way = asyncio.ensure_future(cases.insert_many(cast("list[Document]", raw), ordered=False))
        await asyncio.sleep(0)
    if under_way is not None:
        await under_way
    await _indexed(database)


async def _indexed(database: Database) -> None:
    """Of a million cases an index takes longer than a client waits for one answer; so it is asked for again."""
    ends_at = time.monotonic() + INDEXED_WITHIN
    while True:
        try:
            return await MongoCases(database).prepare()
        except StoreDown:
            if time.monotonic() > ends_at:
                raise
            await asyncio.sleep(1)


def stamped(
    pack: Pack, many: int, *, open_share: float = 0.15, due_at: datetime | None = None,
    due_within: timedelta = timedelta(0), at: datetime | None = None, seed: int = 1,
) -> Iterator[bytes]:  # fmt: skip
    """The documents as BSON; see `fill`."""
    now, random = at or SystemClock().now(), Random(seed)
    templates = _templates(pack)
    going = [each for each in templates if each.open and (due_at is not None or each.quiet)]
    closed = [each for each in templates if not each.open and each.due_at is not None]
    archived = [each for each in templates if each.due_at is None]
    for number in range(many):
        drawn = random.random()
        if drawn < open_share:
            template = random.choice(going)
            due = None if due_at is None else due_at + due_within * (number / many)
            shift = template.fall_due(due) if due is not None else template.quietly(now, random)
        elif drawn < open_share + (1 - open_share) * 0.05:
            template = random.choice(closed)
            shift = template.quietly(now, random)
        else:
            template = random.choice(archived)
            shift = now - template.last_at - YEAR * random.random()
        yield template.copy(number, shift, seed, random)


def case_id(number: int, seed: int = 1) -> str:
    """The id of the so-many-th case, from 0."""
    return "c" + hashlib.blake2b(f"{seed}:{number}".encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Template:
    """A document, and where in its bytes stands what a copy has of its own."""

    document: bytes
    open: bool
    last_at: datetime
    due_at: datetime | None
    times: tuple[tuple[int, int], ...]
    ids: tuple[int, ...]
    reporters: tuple[int, ...]
    numbers: tuple[int, ...]
    places: tuple[int, ...]
    bucket: int
    most_places: int

    @property
    def quiet(self) -> bool:
        return self.due_at is not None and self.due_at - self.last_at > 2 * QUIET

    def fall_due(self, due: datetime) -> timedelta:
        assert self.due_at is not None
        return due - self.due_at

    def quietly(self, now: datetime, random: Random) -> timedelta:
        """Changed last some time ago, due some time from now."""
        assert self.due_at is not None
        return now - self.last_at - (self.due_at - self.last_at - QUIET) * random.random()

    def copy(self, number: int, shift: timedelta, seed: int, random: Random) -> bytes:
        made = bytearray(self.document)
        own = case_id(number, seed)[1:]
        _put(made, self.ids, own.encode())
        _put(made, self.reporters, own[::-1].encode())
        _put(made, self.numbers, b"%07d" % number)
        if self.places:
            _put(made, self.places, b"%05d" % random.randrange(self.most_places))
        _INT.pack_into(made, self.bucket, bucket_of(f"c{own}"))
        millis = round(shift.total_seconds() * 1000)
        for offset, value in self.times:
            _MILLIS.pack_into(made, offset, value + millis)
        return bytes(made)


def _put(made: bytearray, offsets: Sequence[int], value: bytes) -> None:
    for offset in offsets:
        made[offset : offset + len(value)] = value


def _templates(pack: Pack) -> Sequence[Template]:
    """Of the pack that was asked about last they are known: it takes seconds to live through them."""
    if not _KNOWN or _KNOWN[0][0] is not pack:
        _KNOWN[:] = [(pack, _made(pack))]
    return _KNOWN[0][1]


_KNOWN: list[tuple[Pack, Sequence[Template]]] = []


def _made(pack: Pack) -> list[Template]:
    grids = len(_grids(pack))
    places = [_PLACE.format(grid=grid, number=0) for grid in range(grids)]
    known = places[0] in pack.areas.areas
    if not known:
        places = [name for name, area in pack.areas.areas.items() if area.kind == "building"]
    most = sum(name.startswith("seed-") for name in pack.areas.areas) // grids
    found: list[Template] = []
    for place in places:
        for stored in lives(pack, [place]):
            document, due_at = bson.encode(document_of(stored, pack)), stored.case.next_due_at
            prefix = place[:-5].encode() if known else b""
            found.append(_template(document, stored.case.open, stored.case.last_at, due_at, prefix, most))
    return found


def _template(
    document: bytes, going: bool, last_at: datetime, due_at: datetime | None, place: bytes, most: int
) -> Template:
    return Template(
        document, going, last_at, due_at, tuple(_times(document, 0)), _all(document, REPORT_ID[1:].encode()),
        _all(document, REPORTER[3:].encode()), _all(document, NUMBER.encode(), len(NUMBER) - 7),
        _all(document, place + b"00000", len(place)) if place else (), document.index(b"\x10bucket\x00") + 8, most,
    )  # fmt: skip


def _all(document: bytes, wanted: bytes, at: int = 0) -> tuple[int, ...]:
    found: list[int] = []
    start = document.find(wanted)
    while start >= 0:
        found.append(start + at)
        start = document.find(wanted, start + len(wanted))
    return tuple(found)


def _times(document: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Where every instant stands and what it is, in the documents and lists inside too."""
    offset, end = start + 4, start + _INT.unpack_from(document, start)[0] - 1
    while offset < end:
        kind = document[offset]
        offset = document.index(0, offset + 1) + 1
        if kind == 0x09:
            yield offset, _MILLIS.unpack_from(document, offset)[0]
        elif kind in (0x03, 0x04):
            yield from _times(document, offset)
        offset += _size(kind, document, offset)


def _size(kind: int, document: bytes, offset: int) -> int:
    match kind:
        case 0x01 | 0x09 | 0x12:
            return 8
        case 0x02:
            return 4 + int(_INT.unpack_from(document, offset)[0])
        case 0x03 | 0x04:
            return int(_INT.unpack_from(document, offset)[0])
        case 0x08:
            return 1
        case 0x0A:
            return 0
        case 0x10:
            return 4
    raise ValueError(f"a case holds nothing of BSON's type {kind}")


def _grids(pack: Pack) -> list[str]:
    return sorted(name for name, area in pack.areas.areas.items() if area.kind == "micro_grid")
