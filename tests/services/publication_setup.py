"""Packs that are changed for tests of publication: other rows, categories and texts, and a router's desk in memory."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
from fastapi import FastAPI
from ruamel.yaml import YAML
from starlette.types import ASGIApp

from services.router.app import Router, problem_words, routes, topic_specs
from services.router.desk import Desk
from services.router.memory_cases import MemoryCases, MemoryPast
from services.router.memory_pack_versions import MemoryPackVersions
from services.router.numbers import MemoryNumbers
from services.router.publish_packs import settle
from services.router.versions import Versions
from shaoyin.adapters.bus import Message
from shaoyin.adapters.clock import FakeClock
from shaoyin.adapters.condition import Condition
from shaoyin.adapters.jobs import Jobs
from shaoyin.adapters.memory_bus import MemoryBus
from shaoyin.adapters.metrics import Metrics
from shaoyin.adapters.mongo import Client
from shaoyin.adapters.pack_cells import packed_cells_of
from shaoyin.adapters.pack_shelf import has_scenarios
from shaoyin.adapters.packs import pages_of, version_of
from shaoyin.adapters.packs_in_force import Packs
from shaoyin.adapters.problem import install, problem_texts
from shaoyin.adapters.settings import Settings
from shaoyin.contracts.packs import PackPublished, write_pack
from shaoyin.contracts.topics import PACKS as TOPIC
from shaoyin.domain.report import PlaceGiven, Report
from tests.domain.town import MORNING, PACKS, wulibao
from tests.services.intake_setup import with_state
from tests.services.registration_setup import TokensAreNames

OFFICER, APPROVER, STRANGER = "p-ren-2", "p-ren-3", "p-jia-1"
DRAIN = "WAT.sewer_blocked"
Files = dict[str, str | None]


def base(page: str) -> Any:
    return YAML(typ="safe").load((PACKS / "base" / page).read_text("utf-8"))


def written(page: object) -> str:
    text = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.dump(page, text)
    return text.getvalue()


def changes(**pages: object) -> Files:
    """Own pages by name, without the ending; the scenarios, which say what the pack did before, are left out."""
    own = (path.name for path in (PACKS / "wulibao").iterdir())
    files: Files = {name: None for name in own if has_scenarios(name)}
    return files | {f"{name}.yaml": written(page) for name, page in pages.items()}


def another_row(row: int, **then: object) -> Files:
    """The row of the base table with something else behind `then`."""
    found = next(each for each in base("rules.yaml") if each["row"] == row)
    return changes(rules=[{**found, "then": {**found["then"], **then}}])


def another_limit(within: str) -> Files:
    """A blocked drain is to be cleared within another time."""
    return changes(categories={DRAIN: {**base("categories.yaml")[DRAIN], "result": within}})


def one_more_category(code: str = "WAT.invented") -> Files:
    named = {"zh-CN": "示例类别", "en": "An invented category"}
    return changes(categories={code: {**base("categories.yaml")[DRAIN], "name": named}})


def other_words(key: str, zh: str, en: str) -> Files:
    return changes(messages={key: {"zh-CN": zh, "en": en}})


def a_drain(number: int, version: str | None = None, building: str | None = None) -> Report:
    return Report(
        report_id=f"r{number}", community="wulibao", pack_version=version or wulibao().version, description="堵了",
        place=PlaceGiven(building=building or "courtyard-51-b1"), received_at=MORNING, reporter_ref=f"ref{number}",
        category=DRAIN,
    )  # fmt: skip


@dataclass
class Office:
    """One router in memory, and the calls to it."""

    desk: Desk
    versions: Versions
    bus: MemoryBus
    http: httpx.AsyncClient
    app: ASGIApp

    async def get(self, path: str, person: str = OFFICER) -> httpx.Response:
        return await self.http.get(f"/api/packs{path}", headers={"authorization": f"Bearer {person}"})

    async def post(
        self, path: str, person: str, body: Mapping[str, object] | None = None, language: str = "zh-CN"
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {person}", "accept-language": language}
        return await self.http.post(f"/api/packs{path}", headers=headers, json=body)

    async def hands_in(self, files: Files, person: str = OFFICER, **said: object) -> httpx.Response:
        return await self.post("/wulibao/versions", person, {"files": files, **said})

    async def approves(self, number: int, person: str = APPROVER) -> httpx.Response:
        return await self.post(f"/wulibao/versions/{number}/approve", person)

    async def publishes(self, files: Files) -> int:
        """Both officers at once; the number."""
        handed_in = await self.hands_in(files)
        assert handed_in.status_code == 201, handed_in.text
        number = int(handed_in.json()["number"])
        approved = await self.approves(number)
        assert approved.status_code == 200, approved.text
        return number

    async def in_force(self) -> Mapping[str, Any]:
        answer = await self.get("/wulibao")
        assert answer.status_code == 200, answer.text
        found: Mapping[str, Any] = answer.json()
        return found


@asynccontextmanager
async def office(
    store: MemoryPackVersions | None = None, cases: MemoryCases | None = None, bus: MemoryBus | None = None,
    *, settled: bool = True,
) -> AsyncIterator[Office]:  # fmt: skip
    """Two of them over the same stores and bus are two replicas."""
    bus, clock, packs = bus or MemoryBus(), FakeClock(MORNING), Packs({"wulibao": wulibao()})
    await bus.ensure_topics(topic_specs(2))
    counts: dict[str, int] = {}
    versions = Versions(
        packs, store or MemoryPackVersions(), lambda what, many: counts.update({what: counts.get(what, 0) + many})
    )
    kept = cases or MemoryCases()
    desk = Desk(
        kept, bus, cast("Any", MemoryNumbers()), clock, packs, versions=versions, past=MemoryPast(kept),
        noticed=lambda what, many: counts.update({what: counts.get(what, 0) + many}),
    )  # fmt: skip
    if settled:
        await settle(desk, versions, PACKS, follow_folder=False)
    router = Router(
        desk, TokensAreNames(), Jobs(), Settings.checked(env="test", packs=PACKS), cast("Client", None), None,
        Metrics("router"), cast("Condition", None),
    )  # fmt: skip
    app = FastAPI()
    install(app, problem_texts(problem_words()))
    app.include_router(routes(development_too=False))
    served = with_state(app, {"router": router})
    transport = httpx.ASGITransport(app=served)
    async with httpx.AsyncClient(transport=transport, base_url="http://router.test") as http:
        yield Office(desk, versions, bus, http, served)


def published(files: Files, publication: int = 2, pack: str = "wulibao") -> PackPublished:
    """What the router says on the topic of a pack with these pages changed."""
    pages = {name: dict(each) for name, each in pages_of(PACKS / "wulibao").items()}
    own = {name: page for name, page in pages["wulibao"].items() if name not in files}
    pages["wulibao"] = own | {name: text.encode() for name, text in files.items() if text is not None}
    return PackPublished(pack, publication, publication, version_of(pages), MORNING, packed_cells_of(pages))


def on_topic(*all_of_them: PackPublished) -> list[Message]:
    written = [write_pack(each) for each in all_of_them]
    return [Message(TOPIC.name, each.key, each.value, each.headers) for each in written]
