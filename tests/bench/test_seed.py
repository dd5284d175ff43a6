"""The cases that benches fill a store with are cases like any other."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import bson
import pytest
from bson.codec_options import CodecOptions

from bench.seed import grown, stamped
from services.router.documents import Document, document_of, stored_from
from shaoyin.domain.pack import Pack
from tests.domain.town import wulibao

NOW = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
WITH_OFFSETS: CodecOptions[Document] = CodecOptions(tz_aware=True)


def seeded(pack: Pack, many: int, **said: object) -> list[Document]:
    made = stamped(pack, many, at=NOW, **said)  # type: ignore[arg-type]
    return [bson.decode(each, WITH_OFFSETS) for each in made]


@pytest.mark.parametrize("pack", [wulibao(), grown(wulibao(), 500)], ids=["as it is", "grown"])
def test_a_seeded_case_reads_back_and_is_what_the_store_would_have_written(pack: Pack) -> None:
    for document in seeded(pack, 500, open_share=0.5):
        written = bson.encode(document_of(stored_from(document), pack))
        assert bson.decode(written, WITH_OFFSETS) == document


def test_seeded_cases_have_their_own_ids_numbers_and_places() -> None:
    documents = seeded(grown(wulibao(), 500), 500)

    for name in ("_id", "number"):
        own = [each[name] for each in documents if each[name] is not None]
        assert len(set(own)) == len(own)
    assert len({str(each["area_path"]) for each in documents}) > 200
    assert len({each["bucket"] for each in documents}) > 50


def test_most_seeded_cases_have_ended_and_nothing_falls_due_soon() -> None:
    documents = seeded(grown(wulibao(), 500), 2000)
    states = Counter(each["state"] for each in documents)
    due = [each["next_due_at"] for each in documents if isinstance(each["next_due_at"], datetime)]

    assert 0.1 < sum(each["open"] is True for each in documents) / 2000 < 0.2
    assert set(states) >= {"reported", "dispatched", "signed", "in_progress", "calling_back", "closed", "archived"}
    assert min(due) > NOW + timedelta(hours=1)


def test_seeded_cases_fall_due_when_they_are_told_to() -> None:
    due_at, within = NOW + timedelta(minutes=1), timedelta(seconds=100)

    at_once = seeded(wulibao(), 200, open_share=1.0, due_at=due_at)
    spread = seeded(wulibao(), 200, open_share=1.0, due_at=due_at, due_within=within)

    assert {each["next_due_at"] for each in at_once} == {due_at}
    assert [each["next_due_at"] for each in spread] == [due_at + within * (number / 200) for number in range(200)]
