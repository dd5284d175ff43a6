"""A case whose document comes near its end takes no more words of staff, and goes on by itself."""

from __future__ import annotations

import pytest

from services.router import full
from services.router.full import refuse_if_full
from shaoyin.adapters.problem import Problem
from tests.services.test_case_store import new


def test_a_case_that_is_nearly_full_is_told_to_be_continued_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    found = new()
    long: dict[str, object] = {"note": "很长" * 5000}
    refuse_if_full(found, long)
    refuse_if_full(found, {"note": "短"})

    monkeypatch.setattr(full, "FULL_AT", 1000)

    refuse_if_full(found, {"note": "短"})
    with pytest.raises(Problem) as caught:
        refuse_if_full(found, long)
    assert (caught.value.status, caught.value.code) == (409, "case_full")
