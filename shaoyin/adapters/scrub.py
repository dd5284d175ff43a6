"""Takes names, telephone numbers and identity-card numbers out of free text (mechanics 8) and out of log lines.

The text is read a second time with every digit written as 0-9, whatever its script; what is found there is hidden at
the same places of the original. Dates, IP addresses and numbers longer than a telephone number stay as they are.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

HIDDEN = "【已隐去】"

_INVISIBLE = "\u200b-\u200f\u2060\ufe0f\u20e3\ufeff"
_GAP = rf"(?:[^\S\r\n]|[-‐‑‒–—―−_.·•・()(){_INVISIBLE}]){{0,3}}"
_ANY_GAP = rf"[\s\-‐‑‒–—―−_.·•・,,/()(){_INVISIBLE}]{{0,5}}"
_DIGIT = "[0-9]"
_BEFORE_A_PHONE = rf"(?:\(?\+?(?:00)?86\)?{_GAP}|0{_GAP})"
_PREFIX = f"{_BEFORE_A_PHONE}?"
_LONGEST_PREFIX = 10
_FEWEST = 10  # digits in the shortest shape, a landline of seven with its area code
_SHORTEST = 7  # digits of a phone that was given and is looked for
_START, _END = r"(?<![0-9])", r"(?![0-9])"
_NOT_A_DECIMAL = r"(?!1[0-9]*\.[0-9]{5,}(?![0-9]))"

_MOBILE = re.compile(rf"{_START}{_PREFIX}{_NOT_A_DECIMAL}1{_GAP}[3-9](?:{_GAP}{_DIGIT}){{9}}{_END}")
_LANDLINE = re.compile(
    rf"{_START}(?:\+?(?:00)?86{_GAP}0?|0)(?:10|2[0-9]|[3-9]{_GAP}[0-9]{_GAP}[0-9])"
    rf"{_GAP}[2-9](?:{_GAP}{_DIGIT}){{6,7}}{_END}"
)
_MONTH_DAY = rf"(?:0{_GAP}[1-9]|1{_GAP}[0-2]){_GAP}(?:0{_GAP}[1-9]|[12]{_GAP}[0-9]|3{_GAP}[01])"
_IDENTITY_CARDS = (
    re.compile(rf"{_START}[0-9]{{17}}[0-9Xx]{_END}"),
    re.compile(
        rf"{_START}[1-9](?:{_GAP}{_DIGIT}){{5}}{_GAP}(?:1{_GAP}9|2{_GAP}0)(?:{_GAP}{_DIGIT}){{2}}{_GAP}{_MONTH_DAY}"
        rf"(?:{_GAP}{_DIGIT}){{3}}{_GAP}[0-9Xx]{_END}"
    ),
    re.compile(
        rf"{_START}[1-9](?:{_GAP}{_DIGIT}){{5}}(?:{_GAP}{_DIGIT}){{2}}{_GAP}{_MONTH_DAY}(?:{_GAP}{_DIGIT}){{3}}{_END}"
    ),
)
_KEPT = re.compile(
    rf"{_START}(?:19|20)[0-9]{{2}}[-./][0-9]{{1,2}}[-./][0-9]{{1,2}}{_END}"
    rf"|{_START}(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){{3}}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?![.]?[0-9])"
)

_RUN = re.compile(rf"[0-9](?:{_ANY_GAP}[0-9])*")
_ENDS_IN_A_PREFIX = re.compile(rf"{_BEFORE_A_PHONE}\Z")

_NUMERALS = dict(zip("〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "0001234567891123456789", strict=True))
_MAY_COUNT = re.compile(rf"[^\u4e00-\u9fffA-Za-z\s]|[{''.join(_NUMERALS)}]")
_TITLES = "先生|女士|小姐|同志|师傅|老师|阿姨|大爷|大妈|大姐|大哥|大叔|奶奶|爷爷|叔叔|婶|嫂"

Span = tuple[int, int]


def scrub(text: str, names: Sequence[str] = (), phones: Sequence[str] = ()) -> str:
    """`text` with the given names and phones, and whatever is shaped like a phone or identity card, written 【已隐去】.

    A given phone is found in any spacing and without its area code too. A name of one character is only hidden before
    a form of address: hiding every 王 would hide 王家村.
    """
    signs = _signs(text)
    spans = _name_spans(text, names)
    if signs >= _SHORTEST:
        spans += _phone_spans(text, phones)
    if signs >= _FEWEST:
        spans += _shape_spans(text)
    while spans:
        text = _hide(text, spans)
        spans = _shape_spans(text)
    return text


def _hide(text: str, spans: Iterable[Span]) -> str:
    pieces: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if start > at or not pieces:
            pieces += [text[at:start], HIDDEN]
        at = max(at, end)
    return "".join(pieces) + text[at:]


def _shape_spans(text: str) -> list[Span]:
    """Digits and Chinese numerals are read apart, then together: a numeral beside a phone must not save it."""
    digits = _digits(text)
    readings = {digits, _numerals(_without_digits(digits)), _numerals(digits)}
    return [span for reading in readings for span in (*_cards(reading), *_telephones(reading))]


def _cards(reading: str) -> list[Span]:
    return [found.span() for shape in _IDENTITY_CARDS for found in shape.finditer(reading)]


def _telephones(reading: str) -> list[Span]:
    """A date or an IP address is no part of a telephone number."""
    kept = _KEPT.sub(lambda found: "=" * len(found.group()), reading)
    return [found.span() for shape in (_MOBILE, _LANDLINE) for found in shape.finditer(kept)]


def _signs(text: str) -> int:
    """How many digits and numerals there are; most texts have too few for any number that leads to a person."""
    return sum(char.isdigit() or char in _NUMERALS for char in _MAY_COUNT.findall(text))


def _digits(text: str) -> str:
    """Every digit of any script as 0-9; the length never changes."""
    if text.isascii():
        return text
    return "".join(char if char < "\x80" else _as_ascii(char) for char in text)


@lru_cache(maxsize=4096)
def _as_ascii(char: str) -> str:
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", char)
    return plain if plain in {"+", "x", "X", "-", "(", ")", "."} else char


def _numerals(text: str) -> str:
    if text.isascii():
        return text
    return "".join(_NUMERALS.get(char, char) for char in text)


def _without_digits(text: str) -> str:
    return text if text.isascii() else re.sub(_DIGIT, "#", text)


def _name_spans(text: str, names: Iterable[str]) -> list[Span]:
    return [found.span() for name in names if _may_stand(name, text) for found in _name(name.strip()).finditer(text)]


def _may_stand(name: str, text: str) -> bool:
    """Most texts lack the name: then no pattern is compiled for it. Letters that have cases are not looked at."""
    letters = _letters(name)
    return bool(letters) and all(letter in text for letter in letters if letter.lower() == letter.upper())


def _letters(name: str) -> list[str]:
    return [char for char in name if not char.isspace() and char not in "·•・."]


def _name(name: str) -> re.Pattern[str]:
    """However it is spaced; Latin names as whole words in any case, Chinese ones wherever they stand."""
    letters = [re.escape(letter) for letter in _letters(name)]
    if len(letters) == 1:
        return re.compile(rf"{letters[0]}(?=\s?(?:{_TITLES}))")
    pattern = r"[\s·•・.]{0,3}".join(letters)
    return re.compile(rf"(?<!\w){pattern}(?!\w)" if name.isascii() else pattern, re.IGNORECASE)


def _phone_spans(text: str, phones: Iterable[str]) -> list[Span]:
    wanted = {number for phone in phones for number in _numbers(phone)}
    if not wanted:
        return []
    reading = _numerals(_digits(text))
    return [span for number in wanted for span in _given(number, reading)]


def _given(number: str, reading: str) -> Iterator[Span]:
    """Wherever its digits follow one another with at most a gap between them. It is looked for in the digits of each
    such run: a pattern made for every phone would cost a hundred times as much as the search.
    """
    for run in _RUN.finditer(reading):
        places = [place for place in range(*run.span()) if "0" <= reading[place] <= "9"]
        digits = "".join([reading[place] for place in places])
        at = digits.find(number)
        while at >= 0:
            yield _prefixed(places[at], reading), places[at + len(number) - 1] + 1
            at = digits.find(number, at + 1)


def _prefixed(start: int, reading: str) -> int:
    """Where the country's code or the 0 before a number begins."""
    prefix = _ENDS_IN_A_PREFIX.search(reading, max(0, start - _LONGEST_PREFIX), start)
    return prefix.start() if prefix else start


def _numbers(phone: str) -> list[str]:
    """The digits of a phone without 86, and of a landline also what follows its area code."""
    digits = re.sub("[^0-9]", "", _numerals(_digits(phone)))
    digits = re.sub(r"^(?:00)?86(?=[0-9]{10,11}$)", "", digits)
    area = re.match(r"0(?:10|2[0-9]|[3-9][0-9]{2})(?=[0-9]{7,8}$)", digits)
    numbers = [digits, digits[area.end() :]] if area else [digits]
    return [number for number in numbers if len(number) >= _SHORTEST]
