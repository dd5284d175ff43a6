"""One behaviour suite for the store of versions: in memory, on motor, and on PyMongo's async client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.router.memory_pack_versions import MemoryPackVersions
from services.router.pack_versions import Draft, MongoPackVersions, Officer, PackVersions, Version
from shaoyin.adapters.mongo import close, connect
from shaoyin.adapters.pack_cells import pack_from, packed_cells_of, unpacked_cells, unpacked_pages
from shaoyin.adapters.packs import pages_of, version_of
from shaoyin.adapters.settings import Settings
from tests.domain.town import MORNING, PACKS

PAGES = pages_of(PACKS / "wulibao")
FIRST = Officer("p-ren-2", "rules-officer", MORNING)
SECOND = Officer("p-ren-3", "rules-approver", MORNING + timedelta(hours=1))


@pytest.fixture(params=["memory", "motor", "pymongo"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[PackVersions]:
    if request.param == "memory":
        yield MemoryPackVersions()
        return
    url, name = request.getfixturevalue("mongo_url"), request.getfixturevalue("mongo_name")
    client = connect(Settings(mongo_url=url, driver=request.param))
    versions = MongoPackVersions(client[f"{name}_router"])
    await versions.prepare()
    yield versions
    await close(client)


def a_draft(note: str = "", pack: str = "wulibao") -> Draft:
    """Another note on the page makes another version."""
    own = {**PAGES["wulibao"], "people.yaml": PAGES["wulibao"]["people.yaml"] + f"# {note}\n".encode()}
    pages = {"base": PAGES["base"], pack: own}
    return Draft(pack, version_of(pages), pages, packed_cells_of(pages), FIRST, note)


async def kept(store: PackVersions, *notes: str) -> list[Version]:
    return [await store.keep(a_draft(note)) for note in notes]


async def test_versions_are_numbered_as_they_are_handed_in_each_pack_by_itself(store: PackVersions) -> None:
    numbers = [each.number for each in await kept(store, "one", "two", "three")]

    assert numbers == [1, 2, 3]
    assert (await store.keep(a_draft("one", "another"))).number == 1


async def test_the_same_pages_again_are_the_same_version_as_it_was_first_handed_in(store: PackVersions) -> None:
    first, _, again = await kept(store, "one", "two", "one")

    assert again == first
    assert len(await store.history("wulibao")) == 2


async def test_many_that_are_handed_in_at_once_get_a_number_each(store: PackVersions) -> None:
    versions = await asyncio.gather(*(store.keep(a_draft(str(each))) for each in range(5)))

    assert sorted(each.number for each in versions) == [1, 2, 3, 4, 5]


async def test_a_version_comes_back_with_who_handed_it_in_and_with_its_pages(store: PackVersions) -> None:
    draft = a_draft("one")
    version = await store.keep(draft)

    assert await store.find("wulibao", 1) == version
    assert (version.handed_in, version.note, version.version) == (FIRST, "one", draft.version)
    assert unpacked_pages(await store.pages("wulibao", 1) or "") == draft.pages
    cells = unpacked_cells(await store.cells("wulibao", version.version) or "")
    assert pack_from(version.version, cells).name == "wulibao"


async def test_what_was_never_handed_in_is_not_there(store: PackVersions) -> None:
    assert await store.find("wulibao", 1) is None
    assert await store.pages("wulibao", 1) is None
    assert await store.cells("wulibao", "0") is None
    assert await store.in_force() == []
    assert list(await store.publications("wulibao")) == []


async def test_the_numbers_of_all_versions_are_known_without_their_pages(store: PackVersions) -> None:
    one, two = await kept(store, "one", "two")

    assert await store.numbers() == {("wulibao", one.version): 1, ("wulibao", two.version): 2}


async def test_history_tells_the_latest_first(store: PackVersions) -> None:
    one, two = await kept(store, "one", "two")

    assert await store.history("wulibao") == [two, one]


async def test_a_version_in_force_is_replaced_by_the_next_and_may_come_back(store: PackVersions) -> None:
    one, two = await kept(store, "one", "two")
    for after, version in enumerate((one, two, one)):
        assert await store.put_in_force(version, SECOND, after, None)

    (line,) = await store.in_force()
    assert (line.pack, line.publication, line.number, line.version) == ("wulibao", 3, 1, one.version)
    assert line.approved == SECOND
    assert [(each.publication, each.number) for each in await store.publications("wulibao")] == [(1, 1), (2, 2), (3, 1)]


async def test_of_two_approvals_at_once_one_is_first_and_the_other_is_told(store: PackVersions) -> None:
    one, two, three = await kept(store, "one", "two", "three")
    assert sorted(await asyncio.gather(*(store.put_in_force(each, SECOND, 0, None) for each in (one, two)))) == [0, 1]
    (line,) = await store.in_force()

    again = await asyncio.gather(*(store.put_in_force(each, SECOND, 1, None) for each in (two, three)))

    assert sorted(again) == [False, True]
    assert line.publication == 1
    assert [each.publication for each in await store.publications("wulibao")] == [1, 2]


async def test_what_the_topic_has_is_remembered_until_the_next_publication(store: PackVersions) -> None:
    one, two = await kept(store, "one", "two")
    await store.put_in_force(one, SECOND, 0, "folder-1")
    await store.mark_sent("wulibao", 1, "cluster-1")
    (sent,) = await store.in_force()
    await store.put_in_force(two, SECOND, 1, None)
    await store.mark_sent("wulibao", 1, "cluster-2")
    (behind,) = await store.in_force()

    assert (sent.sent, sent.cluster) == (1, "cluster-1")
    assert (behind.publication, behind.sent, behind.cluster) == (2, 1, "cluster-1")


async def test_the_folder_that_was_seen_stays_known_whatever_is_published(store: PackVersions) -> None:
    one, two = await kept(store, "one", "two")
    await store.put_in_force(one, SECOND, 0, "folder-1")
    await store.put_in_force(two, SECOND, 1, None)
    (line,) = await store.in_force()
    await store.see_folder("wulibao", "folder-2")
    (after,) = await store.in_force()

    assert (line.folder, after.folder) == ("folder-1", "folder-2")
