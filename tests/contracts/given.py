"""Values of the domain's types, invented by Hypothesis: what the type allows, not what a case would say."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

MILLISECOND = timedelta(milliseconds=1)
TEXTS = st.text(max_size=12)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3, minutes=-30))])


@st.composite
def instants(draw: st.DrawFn) -> datetime:
    """To the millisecond, as the store keeps them."""
    when = draw(st.datetimes(datetime(2020, 1, 1), datetime(2099, 12, 31), timezones=ZONES))  # noqa: DTZ001
    return when.replace(microsecond=when.microsecond // 1000 * 1000)


PLAIN: Mapping[object, st.SearchStrategy[object]] = {
    str: TEXTS,
    bool: st.booleans(),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    datetime: instants(),
    date: st.dates(date(2020, 1, 1), date(2099, 12, 31)),
    type(None): st.none(),
}


def any_of(hint: Any) -> st.SearchStrategy[Any]:
    """Raises KeyError for a type that the contract does not use yet."""
    return _made(hint)


@cache
def _made(hint: Any) -> st.SearchStrategy[Any]:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(parts)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(any_of, parts))
    if origin is tuple and parts[-1] is not Ellipsis:
        return st.tuples(*map(any_of, parts))
    if origin is tuple:
        return st.lists(any_of(parts[0]), max_size=2).map(tuple)
    if origin is Mapping:
        return st.dictionaries(NAMES, any_of(parts[1]), max_size=3)
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        return st.builds(hint, **{each.name: any_of(hints[each.name]) for each in fields(hint)})
    return PLAIN[hint]
