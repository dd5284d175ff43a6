"""A new vault key takes an old one's place: nothing is lost on the way, and then the old key can be thrown away."""

from __future__ import annotations

import base64
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.intake.__main__ import main
from services.intake.rotate import Rotated, rotated
from services.intake.seal import CannotOpen, Seal
from services.intake.vault import Identity, Vault
from shaoyin.adapters.mongo import Client, Database, close, connect
from shaoyin.adapters.settings import Settings, SettingsRefused
from tests.domain.town import MORNING

OLD, NEW, LOST = (base64.b64encode(secrets.token_bytes(32)).decode() for _ in range(3))
WHO = Identity("欧阳晓明", "13800138000", "堵了", None)


class StoppedError(Exception):
    """The operator's."""


def settings(mongo_url: str, mongo_name: str, folder: Path, **other: object) -> Settings:
    return Settings.checked(
        env="test", mongo_url=mongo_url, database_prefix=mongo_name, bus="memory", local=folder, **other
    )


@pytest.fixture
async def client(mongo_url: str, mongo_name: str, tmp_path: Path) -> AsyncIterator[Client]:
    found = connect(settings(mongo_url, mongo_name, tmp_path))
    yield found
    await close(found)


@pytest.fixture
def database(client: Client, mongo_name: str) -> Database:
    return client[f"{mongo_name}_intake"]


def sealed_by(*keys: str) -> Seal:
    return Seal([base64.b64decode(each) for each in keys])


async def fill(database: Database, count: int, seal: Seal) -> dict[str, str]:
    """Identities and receipts sealed with a key: the entry of each report."""
    vault = Vault(database, seal)
    entries = [vault.entry(f"r{number:04}", WHO, MORNING) for number in range(count)]
    await vault.keep(entries)
    for each in entries:
        code = seal.seal(b"ABCDEFGHJK", each.report_id, "code")
        await database["reports"].insert_one({"_id": each.report_id, "code": each.report_id, "sealed_code": code})
    await database["reports"].insert_one({"_id": f"r{count}", "code": "no key came with it"})
    return {each.report_id: each.entry_id for each in entries}


async def readable(database: Database, entries: dict[str, str], seal: Seal) -> int:
    vault, found = Vault(database, seal), 0
    for report_id, entry in entries.items():
        assert await vault.identity(entry, report_id) == WHO
        document = await database["reports"].find_one({"_id": report_id})
        assert document is not None
        assert seal.open(document["sealed_code"], report_id, "code") == b"ABCDEFGHJK"
        found += 1
    return found


async def test_what_the_old_key_sealed_is_read_with_the_new_one_alone_after_the_rotation(database: Database) -> None:
    entries = await fill(database, 23, sealed_by(OLD))
    both, new = sealed_by(NEW, OLD), sealed_by(NEW)
    with pytest.raises(CannotOpen):
        await readable(database, entries, new)
    assert await readable(database, entries, both) == 23, "both are read while it goes on"

    assert await rotated(database, both, most=5) == Rotated(resealed=46)

    assert await readable(database, entries, new) == 23
    assert await rotated(database, both, most=5) == Rotated(already=46)


async def test_a_rotation_that_was_stopped_goes_on_where_it_was(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = await fill(database, 12, sealed_by(OLD))
    both = sealed_by(NEW, OLD)
    batches = 0
    seal = Seal.seal

    def stopped(self: Seal, plain: bytes, report_id: str, what: str) -> bytes:
        nonlocal batches
        batches += 1
        if batches == 11:
            raise StoppedError
        return seal(self, plain, report_id, what)

    with monkeypatch.context() as patched:
        patched.setattr(Seal, "seal", stopped)
        with pytest.raises(StoppedError):
            await rotated(database, both, most=5)
    done = await rotated(database, both, most=5)

    assert done == Rotated(resealed=14, already=10)
    assert await readable(database, entries, sealed_by(NEW)) == 12


async def test_what_opens_with_no_key_is_counted_and_left_as_it_is(database: Database) -> None:
    await fill(database, 2, sealed_by(OLD))
    lost = sealed_by(LOST).seal(b"x", "rlost", "identity")
    await database["vault"].insert_one({"_id": "vlost", "report_id": "rlost", "sealed": lost})

    assert await rotated(database, sealed_by(NEW, OLD)) == Rotated(resealed=4, unreadable=1)

    document = await database["vault"].find_one({"_id": "vlost"})
    assert document is not None
    assert document["sealed"] == lost


async def test_an_identity_that_is_erased_meanwhile_stays_erased(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody becomes anonymous between the reading and the writing."""
    entries = await fill(database, 1, sealed_by(OLD))
    both, written = sealed_by(NEW, OLD), type(database["vault"]).bulk_write

    async def late(self: object, *given: object, **options: object) -> object:
        if getattr(self, "name", "") == "vault":
            await Vault(database, both).forget(list(entries.values()))
        else:
            await database["reports"].update_many({}, {"$unset": {"sealed_code": ""}})
        return await written(self, *given, **options)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(type(database["vault"]), "bulk_write", late)
    await rotated(database, both)

    assert await database["vault"].count_documents({}) == 0
    assert await database["reports"].count_documents({"sealed_code": {"$exists": True}}) == 0


def test_the_command_rotates_and_says_how_many(
    mongo_url: str, mongo_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {
        "ENV": "test", "MONGO_URL": mongo_url, "DATABASE_PREFIX": mongo_name, "BUS": "memory",
        "LOCAL": str(tmp_path), "VAULT_KEY": NEW, "RETIRED_VAULT_KEYS": f"{OLD}, {LOST}",
    }  # fmt: skip
    for name, value in said.items():
        monkeypatch.setenv(f"SHAOYIN_{name}", value)

    assert main(["rotate-vault-key"]) == 0

    assert "0 sealed anew, 0 by the new key already, 0 unreadable" in capsys.readouterr().out


def test_retired_keys_are_checked_like_the_one_in_use_and_never_repeated(
    mongo_url: str, mongo_name: str, tmp_path: Path
) -> None:
    for retired, wrong in (
        (NEW, "is the key in use"),
        (f"{OLD},{OLD}", "said twice"),
        (f"{OLD},c2hvcnQ=", "number 2 is 5 bytes long"),
        ("not base64!", "is not base64"),
    ):
        with pytest.raises(SettingsRefused) as refused:
            settings(mongo_url, mongo_name, tmp_path, vault_key=NEW, retired_vault_keys=retired)
        assert "SHAOYIN_RETIRED_VAULT_KEYS" in str(refused.value)
        assert wrong in str(refused.value)
        assert NEW not in str(refused.value)

    found = settings(mongo_url, mongo_name, tmp_path, vault_key=NEW, retired_vault_keys=OLD)
    assert found.vault_keys == [base64.b64decode(NEW), base64.b64decode(OLD)]
    assert OLD not in repr(found)
    assert settings(mongo_url, mongo_name, tmp_path).retired_vault_keys == ()
