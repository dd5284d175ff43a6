"""Danger in a text: said, denied, feared, long past, or only sounding like it."""

from __future__ import annotations

import pytest

from shaoyin.domain.danger import DangerSeen, DangerWords, EmergencySign
from shaoyin.domain.unsaid import NOTHING_UNSAID
from shaoyin.domain.writing import AS_WRITTEN
from tests.domain.town import wulibao


def dangers(text: str) -> list[str]:
    return [each.danger for each in wulibao().danger_words.seen(text)]


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("厨房漏气了", "gas"),
        ("楼道里有没气味", "gas"),
        ("是不是漏煤气了", "gas"),
        ("怕是漏气了", "gas"),
        ("不知道是不是煤气味", "gas"),
        ("不小心着火了", "fire"),
        ("没多久就着火了", "fire"),
        ("去年修过,现在又冒烟了", "fire"),
        ("以前冒过烟,今天又冒烟", "fire"),
        ("四樓著火", "fire"),
        ("ＴＨＥ ＣＡＲ ＩＳ ＯＮ ＦＩＲＥ", "fire"),
        ("老公昨晚喝多了打我", "violence_at_home"),
        ("怕他再打我", "violence_at_home"),
        ("担心他要跳楼", "suicide"),
        ("我妈叫不醒了", "medical"),
        ("有人倒在楼道里不动", "medical"),
        ("电梯里头关住人了", "trapped_in_lift"),
        ("孙子找不着了,人不见了", "missing_child"),
        ("老人有老年痴呆,走丢了", "missing_child"),
    ],
)
def test_what_is_said_is_seen_however_it_is_typed(text: str, danger: str) -> None:
    assert danger in dangers(text)


@pytest.mark.parametrize(
    "text",
    [
        "轮胎漏气",
        "没有漏气",
        "没闻到煤气味",
        "不是着火,是停电",
        "担心小孩触电",
        "万一楼上起火怎么办",
        "去年这里起火烧了两家",
        "上个月有人摔伤",
        "差点砸到人",
        "幸好没砸到人",
        "天然气打不着火",
        "not on fire, only no light",
        "他打我电话一直占线",
        "店铺喇叭喊跳楼价",
    ],
)
def test_what_is_not_so_is_not_seen(text: str) -> None:
    assert dangers(text) == []


def test_the_words_are_given_as_they_were_written() -> None:
    seen = wulibao().danger_words.seen("樓道漏煤汽,很呛。有人暈倒")

    assert seen == (DangerSeen("gas", ("漏煤汽",)), DangerSeen("medical", ("暈倒",)))


def test_a_pack_that_names_no_denials_takes_every_word_as_said() -> None:
    sign = EmergencySign("fire", "119", {}, words=("着火",), harmless=("着火点",))
    words = DangerWords((sign,), NOTHING_UNSAID, AS_WRITTEN)

    assert [each.danger for each in words.seen("没有着火")] == ["fire"]
    assert words.seen("着火点低") == ()


def test_long_hostile_texts_are_read_to_their_end() -> None:
    assert dangers("没有着火," * 600 + "着火了") == ["fire"]
    assert dangers("怕" * 3000) == []
