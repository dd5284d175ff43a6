"""What is answered before the router is answered like everything else."""

import httpx
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from shaoyin.adapters.direct import Direct
from shaoyin.adapters.problem import Problem, install, problem_texts
from shaoyin.adapters.traffic import Counted, Process
from shaoyin.adapters.web import SECURITY, SafeAnswers


async def said(request: Request) -> Response:
    match request.query_params.get("goes"):
        case "wrong":
            raise Problem(422, "too_many", {"seconds": 1})
        case "broken":
            raise RuntimeError("nobody expected this")
        case _:
            return PlainTextResponse("directly")


async def routed() -> PlainTextResponse:
    return PlainTextResponse("by the router")


def client(process: Process | None = None) -> httpx.AsyncClient:
    app = FastAPI()
    install(app, problem_texts())
    app.add_api_route("/there", routed, methods=["GET", "POST"])
    app.add_middleware(Direct, "POST", "/there", said)
    app.add_middleware(SafeAnswers)
    app.add_middleware(Counted, process=process or Process("test"))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url="http://town")


async def test_one_method_of_one_address_goes_the_direct_way_and_no_other() -> None:
    async with client() as http:
        answers = [await http.post("/there"), await http.get("/there"), await http.post("/elsewhere")]

    assert [(each.status_code, each.text) for each in answers[:2]] == [(200, "directly"), (200, "by the router")]
    assert answers[2].status_code == 404


async def test_a_direct_answer_carries_the_security_headers_and_its_problems_are_told_as_any() -> None:
    async with client() as http:
        fine, wrong, broken = [await http.post("/there", params={"goes": how}) for how in ("well", "wrong", "broken")]

    assert all(each.headers[name] == value for each in (fine, wrong, broken) for name, value in SECURITY.items())
    assert (wrong.status_code, wrong.json()["code"]) == (422, "too_many")
    assert (broken.status_code, broken.json()["code"]) == (500, "internal")
    assert wrong.headers["Content-Type"] == broken.headers["Content-Type"] == "application/problem+json"


async def test_a_direct_request_is_counted_under_its_route() -> None:
    process = Process("test")
    async with client(process) as http:
        await http.post("/there")

    told = [sample for metric in process.collect() for sample in metric.samples if sample.labels.get("route")]
    assert {sample.labels["route"] for sample in told} == {"/there"}
