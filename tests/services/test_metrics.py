"""Every metric that the documentation names is there, every alert rule asks for one, and none tells of a person."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from services.together import program
from shaoyin import __version__
from shaoyin.adapters.settings import Settings
from tests.services.intake_setup import until, with_state

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy" / "prometheus" / "alerts.yaml"
NAME, PHONE = "王小明", "13812345678"
OF_A_SERIES = ("_bucket", "_count", "_sum", "_total")


@pytest.fixture
async def origin(mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """All three services, as on a laptop, with the bus in memory."""
    settings = Settings.checked(
        env="test", mongo_url=mongo_url, database_prefix=mongo_name, local=tmp_path, packs=ROOT / "packs", bus="memory"
    )
    async with running(settings) as http:
        yield http


@pytest.fixture(scope="module")
async def there(mongo_url: str, tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The families of a product that has just started."""
    settings = Settings.checked(
        env="test", mongo_url=mongo_url, database_prefix="of_the_rules", local=tmp_path_factory.mktemp("local"),
        packs=ROOT / "packs", bus="memory",
    )  # fmt: skip
    async with running(settings) as http:
        return frozenset(families(await numbers(http)))


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = program(settings)
    async with app.router.lifespan_context(app) as state:
        transport = httpx.ASGITransport(app=with_state(app, state or {}))
        async with httpx.AsyncClient(transport=transport, base_url="http://shaoyin.test") as http:

            async def ready() -> bool:
                return (await http.get("/health/ready")).status_code == 200

            await until(ready)
            yield http


async def numbers(http: httpx.AsyncClient, path: str = "/metrics") -> str:
    return (await http.get(path)).text


def families(text: str) -> set[str]:
    """The names as they are exposed: a counter's head already carries its `_total`."""
    return set(re.findall(r"^# TYPE (\S+)", text, re.M))


def documented() -> set[str]:
    told = (ROOT / "docs" / "operations.md").read_text("utf-8")
    return set(re.findall(r"`((?:shaoyin|process)_[a-z_]+)`", told))


def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = YAML(typ="safe").load(RULES)["groups"][0]["rules"]
    return found


async def test_every_documented_metric_exists_and_every_one_of_ours_is_documented(origin: httpx.AsyncClient) -> None:
    there = families(await numbers(origin))

    assert documented() <= there
    assert {name for name in there if name.startswith("shaoyin_") and not name.endswith("_created")} <= documented()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_an_alert_rule_asks_for_metrics_that_exist_and_says_what_is_wrong(
    rule: dict[str, Any], there: frozenset[str]
) -> None:
    there |= {f"{name}{ending}" for name in there for ending in OF_A_SERIES}
    asked = set(re.findall(r"\b((?:shaoyin|process)_[a-z_]+)", rule["expr"]))

    assert asked
    assert asked <= there
    assert all(rule["expr"].count(left) == rule["expr"].count(right) for left, right in ("()", "[]", "{}"))
    assert rule["labels"]["severity"] in ("page", "look")
    assert " / " in rule["annotations"]["summary"], "in Chinese and in English"
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}


async def test_nothing_of_a_person_and_no_query_code_is_told(origin: httpx.AsyncClient) -> None:
    body = {
        "community": "wulibao", "description": f"{NAME}家门口路灯不亮", "category": "LIG.lamp_out",
        "place": {"building": "courtyard-51-b1", "text": "三单元"}, "reporter": {"name": NAME, "phone": PHONE},
    }  # fmt: skip
    receipt = (await origin.post("/api/reports", json=body)).json()
    code = receipt["query_code"]
    for path in (f"/api/reports/{code}", f"/reports/{code}", f"/nowhere/{PHONE}", f"/api/cases/{PHONE}"):
        await origin.get(path)
    await origin.post(f"/api/cases/c1/commands/{PHONE}", json={})

    text = await numbers(origin)

    for word in (NAME, PHONE, code, receipt["report_id"], "三单元"):
        assert word not in text, word
    assert 'route="/api/reports/{query_code}"' in text
    assert 'method="GET",route="unmatched",service="shaoyin",status="4xx"' in text
    assert 'shaoyin_group_commit_reports_count{service="intake"} 1.0' in text


async def test_each_service_tells_its_own_and_the_origin_tells_all(origin: httpx.AsyncClient) -> None:
    async def measured() -> bool:
        return "shaoyin_deadlines_overdue{" in await numbers(origin)

    await until(measured)

    alone, together = await numbers(origin, "/api/router/metrics"), await numbers(origin)

    for word in ('of="cases"', 'of="enrolments"', 'reader="router"', 'job="watch_deadlines"', 'dependency="mongodb"'):
        assert word in alone
    assert 'service="intake"' not in alone
    for word in ('of="reports"', 'of="requests"', 'of="deliveries"', 'reader="notify"', 'reader="intake"'):
        assert word in together
    assert together.count("# TYPE shaoyin_events_total ") == 1
    assert f'version="{__version__}"' in together
    assert re.search(r"^process_resident_memory_bytes \d", together, re.M)


def test_the_version_that_is_told_is_the_packages() -> None:
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text("utf-8")
