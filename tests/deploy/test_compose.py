"""What runs in containers is whole, closed and pinned: the compose file, the image and the proxy, read as they are."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from starlette.routing import Route

from services.intake import app as intake
from services.intake.rates import BETWEEN_SERVICES
from services.notify import app as notify
from services.notify.act import RouterAddress
from services.notify.act_links import PublicAddress
from services.notify.residents.contacts import IntakeAddress
from services.router import app as router
from shaoyin.adapters.settings import SECRETS, Settings
from tests.deploy.proxy import way_of, ways

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text("utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("intake", "router", "notify")
STAYING = [name for name, container in CONTAINERS.items() if container["restart"] == "unless-stopped"]
SECRET_VARIABLES = [f"SHAOYIN_{name.upper()}" for name in SECRETS]
PINNED = re.compile(r"^[a-z0-9/]+:\d+\.\d+(\.\d+)?(-slim)?$")

ADDRESSES = {
    "intake": [
        "/", "/c/wulibao", "/reports", "/reports/ABCDEFGHJK", "/reports/ABCDEFGHJK/rating", "/view", "/intake.css",
        "/static/suggest.js", "/open311/v2/services.json", "/api/reports", "/api/reports/ABCDEFGHJK",
        "/api/reports/ABCDEFGHJK/info", "/api/communities", "/api/communities/wulibao/form",
        "/api/communities/wulibao/suggest", "/api/notices", "/api/identities/r1/reads", "/api/intake/openapi.json",
        "/api/intake/health/ready", "/api/intake/metrics", "/health/live", "/health/ready",
    ],
    "router": [
        "/api/cases", "/api/cases/c1", "/api/cases/c1/explanation", "/api/cases/c1/commands/accept", "/api/explain",
        "/api/packs", "/api/packs/wulibao/simulate", "/api/packs/wulibao/versions/v1/approve", "/api/indicators",
        "/api/registrations", "/api/registrations/g1/commands/confirm", "/api/orders", "/api/dev/people",
        "/api/dev/sign-in", "/api/dev/clock", "/api/router/openapi.json", "/api/router/health/ready",
        "/api/router/metrics",
    ],
    "notify": [
        "/api/inbox", "/api/inbox/a1/read", "/api/inbox/a1/act", "/api/stream", "/api/deliveries", "/api/preferences",
        "/api/push-subscriptions", "/api/push-key", "/api/notify/openapi.json", "/api/notify/health/ready",
        "/api/notify/metrics",
    ],
}  # fmt: skip


def routes_of() -> Iterator[tuple[str, str]]:
    """Every service and every address it answers, pages and development included."""
    parts = {"intake": intake.routes(), "router": router.routes(development_too=True), "notify": notify.routes()}
    for service, part in parts.items():
        for route in part.routes:
            assert isinstance(route, Route)
            yield service, route.path


@pytest.mark.parametrize("name", STAYING)
def test_everything_that_stays_up_says_whether_it_is_well(name: str) -> None:
    health = CONTAINERS[name]["healthcheck"]

    assert health["test"][0] in ("CMD", "CMD-SHELL")
    assert {"interval", "timeout", "retries", "start_period"} <= set(health)


def test_the_three_services_and_both_engines_stay_up_and_only_the_replica_set_is_made_once() -> None:
    assert set(STAYING) == {*OURS, "proxy", "kafka", "mongo"}
    assert set(CONTAINERS) - set(STAYING) == {"mongo-init"}


@pytest.mark.parametrize("service", OURS)
def test_a_service_runs_its_own_program_from_the_one_image(service: str) -> None:
    container = CONTAINERS[service]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]

    assert container["command"] == ["python", "-m", f"services.{service}"]
    assert container["image"] == f"shaoyin:{version}"
    assert container["build"]["dockerfile"] == "deploy/Dockerfile"


@pytest.mark.parametrize("variable", SECRET_VARIABLES)
@pytest.mark.parametrize("service", OURS)
def test_no_secret_has_a_default(service: str, variable: str) -> None:
    assert CONTAINERS[service]["environment"][variable].startswith(f"${{{variable}:?")


def test_the_example_settings_hold_no_secret() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    said = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    assert {said[variable] for variable in SECRET_VARIABLES} == {""}
    assert said["SHAOYIN_ENV"] == "production"


def test_every_variable_is_one_that_the_settings_know() -> None:
    models = (Settings, RouterAddress, IntakeAddress, PublicAddress)
    known = {f"SHAOYIN_{name.upper()}" for model in models for name in model.model_fields}

    assert {name for name in CONTAINERS["router"]["environment"] if name.startswith("SHAOYIN_")} <= known


def test_an_alert_is_acted_upon_at_the_router_and_not_in_its_own_container() -> None:
    assert CONTAINERS["notify"]["environment"]["SHAOYIN_ROUTER_URL"] == "http://router:8000"
    assert CONTAINERS["notify"]["environment"]["SHAOYIN_INTAKE_URL"] == "http://intake:8000"


def test_images_are_pinned_and_come_from_no_named_registry() -> None:
    stages = re.findall(r"^FROM (\S+)", (ROOT / "deploy" / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    images = [container["image"] for container in CONTAINERS.values()] + stages

    assert [image for image in images if not PINNED.match(image)] == []


def test_what_goes_into_the_image_is_pinned_by_hash() -> None:
    assert "--require-hashes" in (ROOT / "deploy" / "Dockerfile").read_text("utf-8")


def test_nothing_runs_as_root_or_gains_rights() -> None:
    for name, container in CONTAINERS.items():
        assert container["cap_drop"] == ["ALL"], name
        assert container["security_opt"] == ["no-new-privileges:true"], name
        # Kafka's image names its own user and writes its settings beside its programs.
        assert container["read_only"] is (name != "kafka"), name
        assert name == "kafka" or container["user"] not in ("root", "0", "0:0"), name


def test_only_the_proxy_can_be_reached_and_only_from_this_machine() -> None:
    assert [name for name, container in CONTAINERS.items() if "ports" in container] == ["proxy"]
    assert CONTAINERS["proxy"]["ports"] == ["${SHAOYIN_ORIGIN:-127.0.0.1:8000}:8080"]
    assert COMPOSE["networks"]["engines"]["internal"] is True
    assert CONTAINERS["proxy"]["networks"] == ["front"]


def test_the_services_believe_the_proxy_about_whose_calls_it_passes_on_and_the_proxy_the_gateway() -> None:
    """Else everybody would share one address, and one limit."""
    (front,) = COMPOSE["networks"]["front"]["ipam"]["config"]
    proxy = CONTAINERS["proxy"]

    for service in OURS:
        assert CONTAINERS[service]["environment"]["SHAOYIN_TRUSTED_PROXIES"] == front["subnet"]
        assert CONTAINERS[service]["networks"] == ["engines", "front"]
    assert proxy["environment"]["SHAOYIN_GATEWAYS"].startswith("${SHAOYIN_GATEWAYS:-")
    assert "trusted_proxies static {$SHAOYIN_GATEWAYS:" in (ROOT / "deploy" / "proxy" / "Caddyfile").read_text("utf-8")


def test_a_fresh_broker_is_a_new_cluster_and_a_restarted_one_the_same(tmp_path: Path) -> None:
    tool = tmp_path / "storage.sh"
    tool.write_text("#!/bin/sh\necho drawn-now\n")
    tool.chmod(0o755)
    script = CONTAINERS["kafka"]["command"][2].replace("$$", "$")
    for there, here in (
        ("/var/lib/kafka/data", str(tmp_path)),
        ("/opt/kafka/bin/kafka-storage.sh", str(tool)),
        ("exec /etc/kafka/docker/run", "exec echo"),
    ):
        assert there in script
        script = script.replace(there, here)

    def started() -> str:
        return subprocess.run(["bash", "-c", script], check=True, capture_output=True, text=True).stdout.strip()

    assert started() == "CLUSTER_ID=drawn-now"
    (tmp_path / "meta.properties").write_text("version=1\ncluster.id=kept\nnode.id=1\n")
    assert started() == "CLUSTER_ID=kept"


def test_what_has_to_last_lies_in_named_volumes() -> None:
    kept = {volume.split(":")[0] for name in ("kafka", "mongo") for volume in CONTAINERS[name]["volumes"]}

    assert kept == set(COMPOSE["volumes"])


@pytest.mark.parametrize(("service", "address"), [(name, each) for name, found in ADDRESSES.items() for each in found])
def test_the_proxy_hands_every_address_of_the_product_to_the_service_that_answers_it(
    service: str, address: str
) -> None:
    assert way_of(address).service == service


def test_every_route_of_the_three_services_is_handed_to_its_own_service() -> None:
    found = list(routes_of())

    assert {service for service, _ in found} == set(OURS)
    outside = [(service, path) for service, path in found if not path.startswith(BETWEEN_SERVICES)]
    assert [(service, path) for service, path in outside if way_of(path).service != service] == []


def test_what_services_ask_each_other_the_proxy_hands_to_nobody() -> None:
    between = [path for _, path in routes_of() if path.startswith(BETWEEN_SERVICES)]

    assert between
    assert {way_of(path).service for path in between} == {None}


def test_the_metrics_of_one_service_do_not_pass_for_those_of_all() -> None:
    assert way_of("/metrics").service is None


def test_the_stream_is_handed_on_at_once() -> None:
    text = (ROOT / "deploy" / "proxy" / "Caddyfile").read_text("utf-8")

    assert re.search(r"handle @stream \{[^}]*flush_interval -1", text)


def test_every_service_has_a_way_and_the_last_one_takes_what_is_left() -> None:
    assert {way.service for way in ways()} == {*OURS, None}
    assert ways()[-1].patterns == ()
