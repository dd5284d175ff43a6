"""Reports over HTTP: what is taken, what is refused and why, and what the receipt promises."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.intake.codes import CODE_LENGTH, CODE_SIGNS
from shaoyin.domain.report import Report, case_id_of
from tests.services.intake_setup import GONE, Body, Town, a_drain, problem, until
from tests.services.intake_setup import town as a_town

POINT = {"lng": 113.6, "lat": 34.7, "crs": "GCJ02"}


@pytest.fixture(scope="module")
async def town(mongo_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """Shared by the tests that only look at their own reports."""
    async with a_town(mongo_url, tmp_path_factory.mktemp("intake")) as found:
        yield found


@pytest.fixture
async def empty_town(mongo_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path) as found:
        yield found


async def test_a_report_is_answered_with_a_receipt_whose_code_works_at_once(town: Town) -> None:
    answer = await town.report()

    assert answer.status_code == 202
    receipt = answer.json()
    assert set(receipt) == {"report_id", "query_code", "status_url", "received_at"}
    assert answer.headers["location"] == receipt["status_url"] == f"/api/reports/{receipt['query_code']}"
    progress = await town.progress(receipt["query_code"])
    assert progress["state"] == "reported"
    assert progress["responsible"] == {"unit": "五里堡南社区居委会"}


async def test_a_query_code_can_be_read_aloud_and_typed_in_any_way(town: Town) -> None:
    code = (await town.taken())["query_code"]

    assert len(code) == CODE_LENGTH
    assert set(code) <= set(CODE_SIGNS)
    assert not set("01OIL") & set(CODE_SIGNS)
    typed = f"{code[:5].lower()}-{code[5:]}"
    assert (await town.progress(typed))["query_code"] == code


async def test_a_code_nobody_was_given_is_not_found(town: Town) -> None:
    for code in ("AAAAAAAAAA", "short", "0O1IL00000", "%00"):
        assert problem(await town.http.get(f"/api/reports/{code}"))[:2] == (404, "not_found")


async def test_the_report_travels_as_the_domain_knows_it(empty_town: Town) -> None:
    body = a_drain(
        place={"building": "courtyard-51-b1", "text": "楼东侧", "point": POINT},
        occurred_at="2026-09-14T08:00:00+08:00",
        answers={"danger": "none", "inside_flat": False},
    )
    receipt = await empty_town.taken(body)
    await until(lambda: _travels(empty_town, receipt["report_id"]))

    [report] = await empty_town.published()
    assert isinstance(report, Report)
    assert report.report_id == receipt["report_id"]
    assert case_id_of(report.report_id).startswith("c")
    assert (report.community, report.category, report.channel) == ("wulibao", "WAT.sewer_blocked", "form")
    assert report.place.building == "courtyard-51-b1"
    assert report.place.text == "楼东侧"
    assert report.place.point is not None
    assert report.place.point.crs == "GCJ02"
    assert report.answers == {"danger": "none", "inside_flat": False}
    assert report.pack_version == empty_town.intake.packs["wulibao"].version
    assert report.reporter_ref


async def _travels(town: Town, report_id: str) -> bool:
    return report_id in await town.published_ids()


async def test_the_whole_body_of_the_interface_is_taken_in_a_form_too(town: Town) -> None:
    fields = {
        "community": "wulibao",
        "description": "路灯不亮\r\n已经三天",
        "category": "LIG.lamp_out",
        "place.text": "康宁苑门口",
        "place.point.lng": "113.6",
        "place.point.lat": "34.7",
        "place.point.crs": "WGS84",
        "reporter.name": "",
        "reporter.secrecy": "confidential",
        "answers.danger": "none",
    }
    urlencoded = await town.http.post("/api/reports", data=fields)
    multipart = await town.http.post("/api/reports", files={name: (None, value) for name, value in fields.items()})

    assert [urlencoded.status_code, multipart.status_code] == [202, 202]
    documents = await town.intake.reports.by_id([each.json()["report_id"] for each in (urlencoded, multipart)])
    for document in documents.values():
        assert document["report"]["description"] == "路灯不亮\n已经三天"
        assert document["report"]["place"]["point"] == {"lng": 113.6, "lat": 34.7, "crs": "WGS84"}
        assert document["report"]["secrecy"] == "confidential"


WRONG: list[tuple[Body, str, str]] = [
    ({"reporter_name": "x"}, "reporter_name", "unknown_field"),
    ({"place": {"text": "x", "floor": 3}}, "place.floor", "unknown_field"),
    ({"description": GONE}, "description", "missing"),
    ({"description": "  \n "}, "description", "too_short"),
    ({"description": "堵" * 4001}, "description", "too_long"),
    ({"description": 7}, "description", "wrong_type"),
    ({"place": GONE}, "place", "place_missing"),
    ({"place": {}}, "place", "place_missing"),
    ({"place": {"area": "atlantis"}}, "place.area", "unknown_place"),
    ({"place": {"building": "atlantis"}}, "place.building", "unknown_place"),
    ({"place": {"building": "courtyard-51"}}, "place.building", "unknown_place"),
    ({"place": {"point": {"lng": 1, "lat": 2}}}, "place.point.crs", "missing"),
    ({"place": {"point": {**POINT, "lat": 91}}}, "place.point.lat", "wrong_value"),
    ({"place": {"point": {**POINT, "lng": "113"}}}, "place.point.lng", "wrong_type"),
    ({"community": "atlantis"}, "community", "unknown_community"),
    ({"category": "WAT.flood"}, "category", "unknown_category"),
    ({"reporter": {"secrecy": "open-ish"}}, "reporter.secrecy", "wrong_value"),
    ({"reporter": {"phone": "call me"}}, "reporter.phone", "not_a_phone"),
    ({"occurred_at": "2026-09-14T08:00:00"}, "occurred_at", "time_without_offset"),
    ({"occurred_at": "yesterday"}, "occurred_at", "not_a_time"),
    ({"occurred_at": "2027-01-01T00:00:00+08:00"}, "occurred_at", "in_the_future"),
    ({"occurred_at": "0001-01-01T00:00:00+08:00"}, "occurred_at", "wrong_value"),
    ({"channel": "pigeon"}, "channel", "wrong_value"),
    ({"answers": {"colour": "red"}}, "answers.colour", "unknown_question"),
    ({"answers": {"danger": "dragon"}}, "answers.danger", "wrong_value"),
    ({"answers": {"danger": ["fire", "dragon"]}}, "answers.danger", "wrong_value"),
    ({"answers": {"target": ["neighbour", "property"]}}, "answers.target", "wrong_value"),
    ({"answers": {"inside_flat": "yes"}}, "answers.inside_flat", "wrong_value"),
]
NAMED = {"place_missing", "unknown_place", "unknown_community", "unknown_category"}
"""Wrongs that give the problem its code, too, where they are alone."""


async def test_every_wrong_field_is_named_and_nothing_is_half_written(empty_town: Town) -> None:
    for changed, field, code in WRONG:
        answer = await empty_town.report(a_drain(**changed))
        assert problem(answer) == (422, code if code in NAMED else "invalid_fields", [(field, code)]), changed
    several = problem(await empty_town.report(a_drain(category="X.y", place={"area": "z"})))
    assert several[1:] == ("invalid_fields", [("category", "unknown_category"), ("place.area", "unknown_place")])

    for name in ("reports", "vault", "recognised", "requests"):
        assert await empty_town.collection(name).count_documents({}) == 0, name
    assert await empty_town.published() == []


UNREADABLE: list[tuple[bytes, str, int, str]] = [
    (b"{", "application/json", 400, "invalid_json"),
    (b"", "application/json", 400, "invalid_json"),
    (b'{"description": "\xff"}', "application/json", 400, "invalid_utf8"),
    (json.dumps(a_drain()).encode("utf-16"), "application/json", 400, "invalid_utf8"),
    (b'{"community": "wulibao", "community": "x"}', "application/json", 400, "duplicate_key"),
    (b"[]", "application/json", 422, "invalid_fields"),
    (b"null", "application/json", 422, "invalid_fields"),
    (b"description=%FF", "application/x-www-form-urlencoded", 400, "invalid_utf8"),
    (b"a=1&" * 300, "application/x-www-form-urlencoded", 400, "bad_request"),
    (b"place.=1", "application/x-www-form-urlencoded", 422, "invalid_fields"),
    (b"place=1&place.text=2", "application/x-www-form-urlencoded", 422, "invalid_fields"),
    (b"--x\r\n", "multipart/form-data; boundary=x", 400, "body_cut_off"),
    (b"nonsense", "multipart/form-data", 400, "bad_request"),
    (b"<report/>", "application/xml", 415, "unsupported_media_type"),
    (b"{}", "", 415, "unsupported_media_type"),
    (b'{"description": "' + b"x" * (1024 * 1024) + b'"}', "application/json", 413, "body_too_large"),
]


async def test_what_cannot_be_read_is_refused_with_its_reason(empty_town: Town) -> None:
    for raw, kind, status, code in UNREADABLE:
        answer = await empty_town.http.post("/api/reports", content=raw, headers={"Content-Type": kind} if kind else {})
        assert problem(answer)[:2] == (status, code), raw[:60]

    assert await empty_town.collection("reports").count_documents({}) == 0


async def test_a_name_said_twice_in_a_complete_report_is_refused_too(town: Town) -> None:
    raw = json.dumps(a_drain())[:-1] + ', "description": "另一件事：急"}'

    answer = await town.http.post("/api/reports", content=raw.encode(), headers={"Content-Type": "application/json"})

    assert problem(answer)[:2] == (400, "duplicate_key")


async def test_a_body_that_does_not_say_its_length_is_cut_off_at_the_limit(town: Town) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * 65536

    answer = await town.http.post("/api/reports", content=endless(), headers={"Content-Type": "application/json"})

    assert problem(answer)[:2] == (413, "body_too_large")


async def test_a_photo_is_refused_in_words_and_an_empty_file_field_is_not_a_photo(town: Town) -> None:
    fields = {"community": "wulibao", "description": "路灯不亮", "place.text": "康宁苑"}
    with_photo = await town.http.post(
        "/api/reports", data=fields, files={"photos": ("a.jpg", b"\xff\xd8", "image/jpeg")}
    )
    with_none = await town.http.post("/api/reports", data=fields, files={"photos": ("", b"")})

    assert problem(with_photo) == (422, "photos_not_taken", [("photos", "photos_not_taken")])
    assert "照片" in with_photo.json()["detail"]
    assert with_none.status_code == 202


async def test_refusals_speak_the_readers_language(town: Town) -> None:
    english = await town.report(a_drain(category="WAT.flood"), {"Accept-Language": "en-GB, zh;q=0.5"})
    chinese = await town.report(a_drain(category="WAT.flood"))

    assert english.json()["title"] == "There is no such category"
    assert chinese.json()["title"] == "没有这个类别"


async def test_any_unicode_is_taken_and_a_name_of_one_word_too(town: Town) -> None:
    body = a_drain(description='𠮷野家门口😀 $where {"a":1}', reporter={"name": "张三"}, place={"text": "𠮷野家"})

    receipt = await town.taken(body)

    document = (await town.intake.reports.by_id([receipt["report_id"]]))[receipt["report_id"]]
    assert document["report"]["description"] == '𠮷野家门口😀 $where {"a":1}'


async def test_the_public_form_is_open_and_every_other_door_needs_the_right_to_take_in(town: Town) -> None:
    for said in ({"channel": "phone"}, {"on_behalf": True}):
        body = a_drain(**said)
        assert problem(await town.report(body))[:2] == (401, "signed_out")
        assert problem(await town.report(body, {"Authorization": "Bearer x"}))[:2] == (401, "signed_out")
        assert problem(await town.report(body, await town.token("p-bing-4")))[:2] == (403, "not_permitted")
        assert (await town.report(body, await town.token("p-jia-1"))).status_code == 202


@pytest.mark.parametrize(
    ("person", "said", "taken_by"),
    [
        ("p-jia-6", {"channel": "service_post", "category": "LIG.lamp_out"}, "service-desk"),
        ("p-jia-6", {"channel": "service_post", "category": "LIG.lamp_out", "place": {}}, "service-desk"),
        ("p-jia-1", {"channel": "phone", "category": "WAT.sewer_blocked"}, "duty"),
        ("p-jia-1", {"channel": "phone", "category": "LIG.lamp_out", "description": "灯箱冒烟"}, "duty"),
    ],
)
async def test_a_desk_takes_down_what_has_no_place_at_its_own_counter_or_where_it_cannot_wait(
    town: Town, person: str, said: Body, taken_by: str
) -> None:
    """Rule 22."""
    receipt = await town.taken(a_drain(**{"place": GONE, **said}), await town.token(person))
    (document,) = (await town.intake.reports.by_id([receipt["report_id"]])).values()

    assert document["report"]["taken_by"] == taken_by
    assert not any(document["report"].get("place", {}).values())
    assert (await town.http.get(receipt["status_url"])).status_code == 200


@pytest.mark.parametrize(
    ("person", "said"),
    [
        ("p-jia-1", {"channel": "phone", "category": "LIG.lamp_out"}),
        ("p-jia-1", {"channel": "service_post", "category": "LIG.lamp_out"}),
        (None, {"category": "LIG.lamp_out"}),
        (None, {"category": "WAT.sewer_blocked", "answers": {"danger": "fire"}}),
    ],
)
async def test_elsewhere_and_of_a_resident_the_place_is_asked_for(town: Town, person: str | None, said: Body) -> None:
    """Near misses of rule 22."""
    answer = await town.report(a_drain(**{"place": GONE, **said}), await town.token(person) if person else None)

    assert problem(answer) == (422, "place_missing", [("place", "place_missing")])


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (["fire", "injury"], ["fire", "injury"]), (["fire"], "fire"), (["none", "fire"], "fire"), (["none"], "none"),
        (["fire", "fire"], "fire"),
    ],
)  # fmt: skip
async def test_several_answers_are_kept_once_each_and_none_is_no_answer_beside_a_danger(
    town: Town, said: list[str], kept: object
) -> None:
    receipt = await town.taken(a_drain(answers={"danger": said}))
    (document,) = (await town.intake.reports.by_id([receipt["report_id"]])).values()

    assert document["report"]["answers"] == {"danger": kept}


async def test_who_may_not_use_a_door_learns_nothing_about_the_fields(town: Town) -> None:
    answer = await town.report(a_drain(channel="phone", category="WAT.flood"), await town.token("p-bing-4"))

    assert problem(answer) == (403, "not_permitted", [])


async def test_a_sensitive_matter_is_confidential_unless_more_was_chosen(town: Town) -> None:
    secrecies = {}
    for category, chosen in (
        ("DIS.neighbour", None), ("DIS.neighbour", "open"), ("DIS.neighbour", "anonymous"), ("LIG.lamp_out", None),
    ):  # fmt: skip
        receipt = await town.taken(a_drain(category=category, reporter={"secrecy": chosen} if chosen else {}))
        document = (await town.intake.reports.by_id([receipt["report_id"]]))[receipt["report_id"]]
        secrecies[category, chosen] = document["report"]["secrecy"]

    assert list(secrecies.values()) == ["confidential", "confidential", "anonymous", "open"]


async def test_danger_in_the_text_or_an_answer_shows_whom_to_call_in_the_readers_language(town: Town) -> None:
    by_word = await town.taken(a_drain(description="三号楼着火了"), {"Accept-Language": "en"})
    by_answer = await town.taken(a_drain(answers={"danger": "injury"}))
    none = await town.taken(a_drain(answers={"danger": "none"}))

    assert [each["number"] for each in _emergency(by_word)] == ["119"]
    assert "Call 119" in _emergency(by_word)[0]["say"]
    assert [each["number"] for each in _emergency(by_answer)] == ["120"]
    assert "拨打120" in _emergency(by_answer)[0]["say"]
    assert "emergency" not in none
    assert (await town.progress(by_answer["query_code"]))["emergency"] == by_answer["emergency"]
    await until(lambda: _travels(town, none["report_id"]))
    shown = {each.report_id: each.emergency_shown for each in await town.published() if isinstance(each, Report)}
    assert [each.number for each in shown[by_word["report_id"]]] == ["119"]


def _emergency(receipt: dict[str, str]) -> list[dict[str, str]]:
    found: object = receipt["emergency"]
    assert isinstance(found, list)
    return found


async def test_before_the_case_exists_the_first_reply_is_due_as_urgently_as_the_matter_is(town: Town) -> None:
    due = {}
    for name, body in {
        "no category": a_drain(category=GONE),
        "urgent": a_drain(),
        "danger word": a_drain(category="LIG.lamp_out", description="着火了"),
        "danger answer": a_drain(category="LIG.lamp_out", answers={"danger": "injury"}),
    }.items():
        due[name] = (await town.progress((await town.taken(body))["query_code"]))["due_at"]

    assert due == {
        "no category": "2026-09-15T18:00:00+08:00",
        "urgent": "2026-09-14T10:30:00+08:00",
        "danger word": "2026-09-14T10:30:00+08:00",
        "danger answer": "2026-09-14T09:40:00+08:00",
    }


async def test_the_interface_is_described_with_its_body_and_its_refusal_of_photos(town: Town) -> None:
    from services.intake.program import program

    described = program(town.settings).openapi()

    post = described["paths"]["/api/reports"]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"community", "description"}, "the place is asked of a resident (place_missing)"
    assert "photos_not_taken" in str(post["requestBody"])
    assert "#/$defs" not in json.dumps(described)
    assert set(post["responses"]) >= {"202", "400", "413", "415", "422", "503"}
    assert "/c/{community}" not in described["paths"]


async def test_reading_and_metrics_say_what_was_taken_and_refused(empty_town: Town) -> None:
    await empty_town.taken()
    await empty_town.report(a_drain(category="WAT.flood"))

    told = (await empty_town.http.get("/metrics")).text

    assert 'shaoyin_events_total{service="intake",what="reports_taken"} 1.0' in told
    assert 'what="reports_refused_unknown_category"} 1.0' in told
    ready: httpx.Response = await empty_town.http.get("/health/ready")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
