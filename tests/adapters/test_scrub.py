"""What a resident writes travels without names, telephone numbers and identity-card numbers; the rest stays."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shaoyin.adapters.scrub import HIDDEN, scrub

MOBILE_RUN = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
FULL_WIDTH = {ord("0") + digit: chr(0xFF10 + digit) for digit in range(10)}
NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
gaps = st.sampled_from(["", " ", "\u3000", "\u200b", "·", "_", " ·"])
scripts = st.sampled_from([str.maketrans({}), FULL_WIDTH, NUMERALS])
prefixes = st.sampled_from(["", "+86 ", "86", "0086-", "(+86)", "0"])
around = st.text(alphabet="楼下的井盖坏了，请来人,。 ()abc\n", max_size=12)


@pytest.mark.parametrize(
    "written",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "138.1234.5678",
        "1381234–5678",
        "13-81-23-45-67-8",
        "1 3 8 1 2 3 4 5 6 7 8",
        "+86 13812345678",
        "8613812345678",
        "(+86)138-1234-5678",
        "１３８１２３４５６７８",
        "１３８－１２３４－５６７８",
        "一三八一二三四五六七八",
        "幺三八一二三四五六七八",
        "138一二三四五六七八",
        "1️⃣3️⃣8️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣",
        "0371-67170000",
        "(0371)6717 0000",
        "０３７１－６７１７００００",
        "010 8888 7777",
        "+86 371 67170000",
        "410103199001011234",
        "41010319900101123X",
        "410103 19900101 123x",
        "410103 1990-01-01 1234",
        "４１０１０３１９９００１０１１２３４",
        "410103900101123",
        "410103 900101 123",
    ],
)
def test_a_number_that_leads_to_a_person_is_hidden_however_it_is_written(written: str) -> None:
    left = scrub(f"井盖坏了，请打{written}，谢谢")

    assert HIDDEN in left
    assert left.startswith("井盖坏了，请打")
    assert left.endswith("，谢谢")
    assert not re.search(r"\d{3}", left)


@pytest.mark.parametrize(
    "kept",
    [
        "案件4101030000002026091200017",
        "案件 410103000000202609120001 已受理",
        "2026-09-12 10:30 到 2026-09-13 14:00",
        "2026-09-13 812345678",
        "2026年9月12日13时",
        "请拨打12345或110、119",
        "16-2-1001，三单元",
        "二〇二六年九月十二日",
        "主机 192.168.100.10:27017",
        "经度 130.12345678，纬度 34.746599",
        "订单 1234567890",
        "1790000000000",
        "400-123-4567",
        "",
    ],
)
def test_dates_case_numbers_and_public_numbers_stay(kept: str) -> None:
    assert scrub(kept) == kept


def test_two_numbers_one_after_the_other_are_both_hidden() -> None:
    assert scrub("13812345678 13912345678") == f"{HIDDEN} {HIDDEN}"
    assert scrub("150 13812345678") == f"150 {HIDDEN}"
    assert scrub("2026-09-12 13812345678") == f"2026-09-12 {HIDDEN}"


def test_a_numeral_beside_a_number_does_not_save_it() -> None:
    assert scrub("第一13812345678") == f"第一{HIDDEN}"


def test_the_name_given_is_hidden_wherever_it_stands_and_however_it_is_spaced() -> None:
    assert scrub("我是张三丰，张 三 丰住二楼", names=["张三丰"]) == f"我是{HIDDEN}，{HIDDEN}住二楼"
    assert scrub("我是阿依古丽•买买提", names=["阿依古丽·买买提"]) == f"我是{HIDDEN}"


def test_a_latin_name_is_hidden_as_a_whole_word_only() -> None:
    assert scrub("Ann says the annual check by ANN is late", names=["Ann"]) == (
        f"{HIDDEN} says the annual check by {HIDDEN} is late"
    )


def test_a_name_of_one_character_spares_the_village_that_bears_it() -> None:
    assert scrub("王家村的王先生说路灯坏了", names=["王"]) == f"王家村的{HIDDEN}先生说路灯坏了"


def test_an_empty_name_or_a_short_phone_hides_nothing() -> None:
    assert scrub("三号楼12345", names=["", "  ", "·"], phones=["", "12345"]) == "三号楼12345"


@pytest.mark.parametrize("written", ["67170000", "6717 0000", "0371-67170000", "六七一七零零零零", "６７１７-００００"])
def test_a_landline_given_is_hidden_with_and_without_its_area_code(written: str) -> None:
    left = scrub(f"家里电话{written}", phones=["0371-67170000"])

    assert left == f"家里电话{HIDDEN}"


def test_a_foreign_phone_given_is_hidden_although_it_has_no_shape_we_know() -> None:
    assert scrub("call 555 010 9999", phones=["5550109999"]) == f"call {HIDDEN}"


@given(mobiles, prefixes, scripts, st.lists(gaps, min_size=10, max_size=10), around, around)
@example("15000000000", "", FULL_WIDTH, ["·"] * 10, "", "")
def test_a_mobile_number_never_survives_in_any_script_or_spacing(
    number: str, prefix: str, script: dict[int, str], spaces: list[str], before: str, after: str
) -> None:
    written = prefix + "".join(a + b for a, b in zip(number, [*spaces, ""], strict=True)).translate(script)

    left = scrub(f"{before}{written}{after}")

    digits = written.translate(str.maketrans("０１２３４５６７８９零一二三四五六七八九", "0123456789" * 2))
    assert written not in left
    assert digits not in left
    assert HIDDEN in left


@given(st.text(alphabet="0123456789一三八０１３８ -.+X\n楼", max_size=80))
def test_no_run_shaped_like_a_mobile_number_remains_and_scrubbing_twice_changes_nothing(text: str) -> None:
    left = scrub(text)

    assert not MOBILE_RUN.search(left)
    assert scrub(left) == left


@given(st.text(alphabet="0128 -_·()+楼", max_size=60), st.text(alphabet="12", min_size=7, max_size=8))
@example("楼12 1212 1-21212楼", "1212121")
def test_a_phone_given_is_hidden_wherever_its_digits_follow_one_another(text: str, phone: str) -> None:
    """A pattern made for this very phone, which is slow, as a second opinion."""
    written = re.compile(r"[\s\-_·()]{0,5}".join(phone))

    left = scrub(text, phones=[phone])

    assert not written.search(left)
    assert written.search(text) or left == scrub(text)
    assert HIDDEN in scrub(text + phone, phones=[phone])


@given(st.text(max_size=200), st.lists(st.text(max_size=6), max_size=3), st.lists(st.text(max_size=14), max_size=3))
def test_any_text_names_and_phones_can_be_given(text: str, names: list[str], phones: list[str]) -> None:
    assert isinstance(scrub(text, names, phones), str)


@given(st.from_regex(r"410103[0-9]{15,18}", fullmatch=True), st.dates().map(lambda day: day.isoformat()))
def test_a_case_number_and_a_date_survive(number: str, day: str) -> None:
    text = f"案件{number}于{day}受理"

    assert scrub(text) == text
