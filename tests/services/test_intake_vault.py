"""Nobody's identity leaves the vault: sealed there, absent everywhere else, and forgotten where it is nobody's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from services.intake.seal import CannotOpen, Seal
from services.intake.tidy import Tidy
from services.intake.vault import ORPHAN_AFTER, Identity, digits_of
from tests.services.intake_setup import Body, Town, a_drain, until
from tests.services.intake_setup import town as a_town

NAME, PHONE = "欧阳晓明", "138 0013 8000"
NAMED: Body = a_drain(
    description="我是欧阳晓明，电话13800138000，邻居13911112222也可以作证，下水道堵了",
    place={"building": "courtyard-51-b1", "text": "欧阳晓明家门口"},
    reporter={"name": NAME, "phone": PHONE},
)


@pytest.fixture
async def town(mongo_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(mongo_url, tmp_path) as found:
        yield found


async def everything_but_the_vault(town: Town) -> str:
    """The stored documents of every collection but `vault`, and every message, as text."""
    kept = []
    for name in await town.client[town.settings.database("intake")].list_collection_names():
        if name != "vault":
            kept += [repr(each) async for each in town.collection(name).find()]
    return "\n".join([*kept, *(each.value.decode() + repr(each.headers) for each in await town.on_topic())])


async def test_no_name_and_no_phone_is_anywhere_but_in_the_vault(town: Town) -> None:
    receipt = await town.taken(NAMED)
    await until(lambda: _published(town))

    seen = await everything_but_the_vault(town)
    for said in (NAME, "13800138000", "138 0013 8000", "13911112222"):
        assert said not in seen
    assert "下水道堵了" in seen
    sealed = repr(await town.collection("vault").find().to_list())
    assert NAME not in sealed
    assert "13800138000" not in sealed
    assert receipt["report_id"] in sealed


async def _published(town: Town) -> bool:
    return bool(await town.published_ids())


async def test_the_vault_opens_to_the_original_words(town: Town) -> None:
    receipt = await town.taken(NAMED)

    assert await identity_of(town, receipt["report_id"]) == Identity(
        NAME, PHONE, str(NAMED["description"]), "欧阳晓明家门口"
    )


async def identity_of(town: Town, report_id: str) -> Identity | None:
    document = (await town.intake.reports.by_id([report_id]))[report_id]
    return await town.intake.vault.identity(document["vault"], report_id)


async def test_an_anonymous_report_leaves_nothing_in_the_vault_whatever_was_typed(town: Town) -> None:
    await town.taken({**NAMED, "reporter": {"name": NAME, "phone": PHONE, "secrecy": "anonymous"}})

    assert await town.collection("vault").count_documents({}) == 0
    assert await town.collection("recognised").count_documents({}) == 0
    assert NAME not in await everything_but_the_vault(town)


async def test_an_anonymous_report_is_repeatable_without_a_trace_of_who_sent_it(town: Town) -> None:
    key = {"Idempotency-Key": "k1"}
    body = {**NAMED, "description": "下水道堵了", "place": {"text": "楼下"}}
    named = {**body, "reporter": {"phone": PHONE, "secrecy": "anonymous"}}
    unnamed = {**body, "reporter": {"secrecy": "anonymous"}}

    assert await town.taken(named, key) == await town.taken(unnamed, key), "the phone went into no hash"


async def test_a_report_in_which_nobody_is_named_needs_no_vault(town: Town) -> None:
    await town.taken()

    assert await town.collection("vault").count_documents({}) == 0


async def test_words_that_name_somebody_are_kept_in_the_vault_even_where_no_reporter_is_named(town: Town) -> None:
    receipt = await town.taken(a_drain(description="找物业13911112222"))

    identity = await identity_of(town, receipt["report_id"])
    assert identity is not None
    assert (identity.name, identity.description) == (None, "找物业13911112222")


async def refs(town: Town, *bodies: Body) -> list[str]:
    found = []
    for body in bodies:
        report_id = (await town.taken(body))["report_id"]
        document = (await town.intake.reports.by_id([report_id]))[report_id]
        found.append(document["report"]["reporter_ref"])
    return found


async def test_the_same_phone_is_the_same_reporter_for_seven_days_and_nobody_else_ever_is(town: Town) -> None:
    one = a_drain(reporter={"phone": "13800138000"})
    spaced = a_drain(reporter={"phone": "+86 138-0013-8000"}, category="LIG.lamp_out")
    other = a_drain(reporter={"phone": "13800138001"})
    hidden = a_drain(reporter={"phone": "13800138000", "secrecy": "anonymous"})
    first, again, somebody, nobody, nobody_else = await refs(town, one, spaced, other, hidden, hidden)

    assert first == again
    assert len({first, somebody, nobody, nobody_else}) == 4
    town.clock.forward(timedelta(days=6))
    assert await refs(town, one) == [first]
    town.clock.forward(timedelta(days=7))
    assert await refs(town, one) != [first]


async def test_two_reports_of_one_phone_in_one_batch_are_one_reporters(town: Town) -> None:
    body = a_drain(reporter={"phone": "13800138000"})
    receipts = await asyncio.gather(*(town.taken(body) for _ in range(20)))

    documents = await town.intake.reports.by_id([each["report_id"] for each in receipts])
    assert len({each["report"]["reporter_ref"] for each in documents.values()}) == 1


async def test_an_identity_whose_report_was_never_stored_is_swept_and_no_other(town: Town) -> None:
    receipt = await town.taken(NAMED)
    vault = town.intake.vault
    orphan = vault.entry("rnever", Identity(NAME, PHONE, "x", None), town.clock.now())
    twin = vault.entry(receipt["report_id"], Identity("别人", None, "x", None), town.clock.now())
    await vault.keep([orphan, twin])
    tidy = Tidy(town.client[town.settings.database("intake")], vault, town.intake.reports, town.clock)

    assert await tidy.forget_orphans() == 0, "too young: their reports may still be on the way"
    town.clock.forward(ORPHAN_AFTER + timedelta(seconds=1))
    assert await tidy.forget_orphans() == 2
    assert (await identity_of(town, receipt["report_id"])) is not None
    assert await tidy.forget_orphans() == 0


def test_what_one_key_sealed_the_next_key_still_opens() -> None:
    old, new = b"o" * 32, b"n" * 32
    sealed = Seal([old]).seal(b"secret", "r1", "identity")

    assert Seal([new, old]).open(sealed, "r1", "identity") == b"secret"
    assert Seal([new, old]).seal(b"x", "r1", "identity")[:4] != sealed[:4]
    with pytest.raises(CannotOpen, match="no such key"):
        Seal([new]).open(sealed, "r1", "identity")


def test_a_sealed_text_opens_only_for_its_own_report_and_purpose_and_unchanged() -> None:
    seal = Seal([b"k" * 32])
    sealed = seal.seal(b"secret", "r1", "identity")

    assert sealed != seal.seal(b"secret", "r1", "identity"), "the nonce is never the same"
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for other, report_id, what in ((sealed, "r2", "identity"), (sealed, "r1", "code"), (changed, "r1", "identity")):
        with pytest.raises(CannotOpen):
            seal.open(other, report_id, what)


def test_a_vault_without_a_key_is_not_a_vault() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        Seal([])


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("138 0013 8000", "13800138000"), ("+86-13800138000", "13800138000"), ("１３８００１３８０００", "13800138000"),
     ("0371-6677 8899", "037166778899"), ("0086 138 0013 8000", "13800138000"), ("8613800", "8613800")],
)  # fmt: skip
def test_a_phone_is_compared_by_its_digits(typed: str, digits: str) -> None:
    assert digits_of(typed) == digits


async def test_two_processes_that_recognise_one_phone_at_once_agree_on_its_reference(
    town: Town, mongo_url: str, tmp_path: Path
) -> None:
    body = a_drain(reporter={"phone": "13800138000"})
    async with a_town(mongo_url, tmp_path, prefix=town.settings.database_prefix, bus=town.bus) as other:
        receipts = await asyncio.gather(*(each.taken(body) for each in (town, other) * 20))

    documents = await town.intake.reports.by_id([each["report_id"] for each in receipts])
    assert len({each["report"]["reporter_ref"] for each in documents.values()}) == 1


async def test_a_receipt_sealed_with_a_lost_key_fails_alone_and_not_the_batch(town: Town) -> None:
    key = {"Idempotency-Key": "k1"}
    receipt = await town.taken(headers=key)
    lost = Seal([b"another key, long gone, 32 bytes"]).seal(b"AAAAAAAAAA", receipt["report_id"], "code")
    await town.collection("reports").update_one({"_id": receipt["report_id"]}, {"$set": {"sealed_code": lost}})

    repeat, *others = await asyncio.gather(town.report(headers=key), *(town.report() for _ in range(5)))

    assert repeat.status_code == 500
    assert {each.status_code for each in others} == {202}
