"""Who may read a case of which only the named posts may know (mechanics 26)."""

from __future__ import annotations

import pytest

from services.router.visible import may_read
from shaoyin.domain.org import Post
from tests.domain.routed import FIRM, sent
from tests.domain.town import Story


def post(story: Story, role: str) -> Post:
    found = story.pack.post_for(role, FIRM)
    assert found is not None
    return found


@pytest.mark.parametrize(("category", "reads"), [("CAR.key_person", False), ("WAT.sewer_blocked", True)])
def test_the_grid_s_lead_who_is_told_of_a_key_person_reads_nothing_of_the_case(category: str, reads: bool) -> None:
    """Rule 72, and rule 35 of which he is informed as a party."""
    story = sent(category, FIRM)
    lead = post(story, "grid_lead")

    assert [each.kind for each in story.alerts if each.post == lead.post_id] == ["informed" if reads else "unlabelled"]
    assert may_read(story.open_case, lead.holders[0], story.pack) is reads
    assert may_read(story.open_case, post(story, "street_centre").holders[0], story.pack)
