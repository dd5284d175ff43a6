"""The least that a durable POST costs: no framework and no checks, the same documents and messages.

`python -m bench.intake_floor group|alone PREFIX`: a bare ASGI application. `group` lets the requests that arrive while
a write is under way share the next one, and puts as much into the engines as the product does; `alone` inserts one
report for each request. PREFIX is the product's, whose stored documents are the pattern.
"""

from __future__ import annotations

import asyncio
import gc
import secrets
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import orjson
import uvicorn
import uvloop
from starlette.types import Message as Said
from starlette.types import Receive, Scope, Send

from services.intake.receipt import Receipt
from services.intake.reports import Reports, report_in
from services.intake.seal import Seal
from services.intake.vault import Vault
from shaoyin.adapters.bus import Message, TopicSpec
from shaoyin.adapters.kafka import KafkaBus
from shaoyin.adapters.mongo import Client, Database, Document, close, connect
from shaoyin.adapters.settings import Settings
from shaoyin.adapters.web import SECURITY
from shaoyin.contracts.envelope import write_report
from shaoyin.contracts.topics import REPORTS

COLLECTIONS = ("vault", "recognised", "reports")
MOST = 500


@dataclass
class Engines:
    """What the product wrote for one report, and where as much is written again."""

    database: Database
    bus: KafkaBus
    samples: dict[str, Document]
    message: Message
    unsent: list[bytes] = field(default_factory=list)
    some_unsent: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, many: int) -> None:
        """Identities and references first and together, then the reports: the product's order."""
        idents = [secrets.token_hex(16) for _ in range(many)]
        await asyncio.gather(self._insert("vault", idents), self._insert("recognised", idents))
        await self._insert("reports", idents)
        self.unsent += [each.encode() for each in idents]
        self.some_unsent.set()

    async def write_one(self) -> None:
        ident = secrets.token_hex(16)
        await self.database["reports"].insert_one({**self.samples["reports"], "_id": ident, "code": ident})

    async def publish(self) -> None:
        while True:
            await self.some_unsent.wait()
            batch, self.unsent = self.unsent[:MOST], self.unsent[MOST:]
            if not self.unsent:
                self.some_unsent.clear()
            sample = self.message
            await self.bus.send([Message(sample.topic, each, sample.value, sample.headers) for each in batch])

    async def _insert(self, name: str, idents: Sequence[str]) -> None:
        sample = self.samples[name]
        documents = [{**sample, "_id": each} for each in idents]
        if name == "reports":
            for document, ident in zip(documents, idents, strict=True):
                document["code"] = ident
        await self.database[name].insert_many(documents, ordered=False)


@dataclass
class Groups:
    engines: Engines
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    some: asyncio.Event = field(default_factory=asyncio.Event)

    async def add(self) -> None:
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(durable)
        self.some.set()
        await durable

    async def run(self) -> None:
        while True:
            await self.some.wait()
            batch, self.waiting = self.waiting, []
            self.some.clear()
            await self.engines.write(len(batch))
            for durable in batch:
                durable.set_result(None)


def application(write: Callable[[], Awaitable[None]], answer: bytes) -> Callable[..., Awaitable[None]]:
    headers = [(name.lower().encode(), value.encode()) for name, value in SECURITY.items()]
    headers += [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
    start: Said = {"type": "http.response.start", "status": 202, "headers": headers}
    end: Said = {"type": "http.response.body", "body": answer}

    async def answered(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        if scope["method"] == "POST":
            await write()
        await send(start)
        await send(end)

    return answered


async def engines_of(settings: Settings, client: Client, product: str) -> Engines:
    theirs, database = client[f"{product}_intake"], client[settings.database("intake")]
    samples = {name: await theirs[name].find_one({}) for name in COLLECTIONS}
    await Vault(database, Seal(settings.vault_keys)).prepare()
    await Reports(database, "floor").prepare()
    bus = KafkaBus(settings.kafka, prefix="floor.")
    await bus.start()
    await bus.ensure_topics([TopicSpec(REPORTS.name, settings.partitions, REPORTS.kept)])
    written = write_report(report_in(dict(samples["reports"] or {})))
    message = Message(REPORTS.name, written.key, written.value, written.headers)
    return Engines(database, bus, {name: dict(each or {}) for name, each in samples.items()}, message)


async def run(how: str, product: str, settings: Settings) -> None:
    client = connect(settings)
    engines = await engines_of(settings, client, product)
    groups = Groups(engines)
    jobs = [asyncio.create_task(job()) for job in (groups.run, engines.publish)]
    receipt = Receipt("r" * 33, "A" * 10, engines.samples["reports"]["report"]["received_at"])
    write = groups.add if how == "group" else engines.write_one
    gc.collect()
    gc.freeze()
    config = uvicorn.Config(
        application(write, orjson.dumps(receipt.as_json())), host=settings.host, port=settings.port, http="httptools",
        lifespan="off", access_log=False, log_config=None, server_header=False,
    )  # fmt: skip
    await uvicorn.Server(config).serve()
    for job in jobs:
        job.cancel()
    await asyncio.wait(jobs)
    await engines.bus.stop()
    await close(client)


if __name__ == "__main__":
    uvloop.run(run(sys.argv[1], sys.argv[2], Settings.checked()))
