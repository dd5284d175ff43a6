"""Registered templates: which parameter of which template is filled with what of a message."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.notify.channels.cut import cut, in_characters
from services.notify.channels.keys import WrongKey
from services.notify.channels.sender import Message, Said
from shaoyin.domain.words import UNKNOWN

NO_TEMPLATE = Said("refused", "no_template")
_CODE = re.compile(r"[0-9A-Za-z_-]+")
_YEAR = re.compile(r"^[0-9]{4}年|(?<=[a-z]) [0-9]{4}(?=,)")
_NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f]+")
_AS_A_SIGNATURE = str.maketrans({"【": "（", "】": "）", "[": "（", "]": "）"})
"""In an SMS these enclose the sender's signature; no parameter may look like one."""


@dataclass(frozen=True, slots=True)
class Template:
    """`code` is its id with the provider. `parameters`: from the name of each as it was registered to the field of the
    message that fills it, and behind a `|` what is said where the message has none: `due|尽快`. None may be empty.
    """

    code: str
    parameters: Mapping[str, str]


NUMBER_END = 5
"""Of a case's 25 digits the count of the day and the check digit: for providers whose parameters are shorter."""


def _link_code(message: Message) -> str | None:
    """What is typed at the constant address that stands in the template: no provider lets a parameter be a link."""
    last = message.link.rpartition("/")[2]
    return last if _CODE.fullmatch(last) else None


FIELDS: Mapping[str, Callable[[Message], str | None]] = {
    "title": lambda message: message.title,
    "short": lambda message: message.short,
    "place": lambda message: message.place,
    "category": lambda message: message.category,
    "number": lambda message: message.number,
    "number_end": lambda message: message.number and message.number[-NUMBER_END:],
    "due": lambda message: message.due,
    "due_short": lambda message: _YEAR.sub("", message.due or ""),
    "count": lambda message: str(message.count),
    "link_code": _link_code,
}
MAY_BE_CUT = frozenset({"title", "short", "place", "category"})
"""Half a number, deadline or code is wrong: the others are whole, or the message does not go."""
OTHERWISE = dict.fromkeys(("number", "number_end", "place", "category", "due", "due_short"), UNKNOWN)
"""Not every alert has a deadline or a place, and must go all the same."""


def check_templates(
    setting: str, templates: Mapping[str, Template], needed: str, code: re.Pattern[str], parameter: re.Pattern[str]
) -> None:
    """Raises WrongKey, which names the setting, the template and the parameter."""
    if needed not in templates:
        raise WrongKey(setting, f"须有名为 {needed} 的模板 / must have a template named {needed}")
    for name, template in templates.items():
        if code.fullmatch(template.code) is None:
            raise WrongKey(setting, f"{name}: 模板编号格式不对 / not the id of a template")
        for each, field in template.parameters.items():
            if parameter.fullmatch(each) is None:
                raise WrongKey(setting, f"{name}.{each}: 参数名格式不对 / not the name of a parameter")
            if field.partition("|")[0] not in FIELDS:
                known = ", ".join(FIELDS)
                raise WrongKey(setting, f"{name}.{each}: 没有字段“{field}” / no field {field!r}; {known}")


def filled(template: Template, message: Message, longest: Callable[[str], int]) -> Mapping[str, str] | Said:
    """Each parameter and its text, at most `longest(parameter)` characters; or why the message cannot go."""
    texts: dict[str, str] = {}
    for parameter, source in template.parameters.items():
        field, _, otherwise = source.partition("|")
        text = _shown(FIELDS[field](message)) or _shown(otherwise) or OTHERWISE.get(field)
        if not text:
            return Said("refused", f"no_{field}")
        if len(text) > longest(parameter):
            if field not in MAY_BE_CUT:
                return Said("refused", f"{field}_too_long")
            text = cut(text, longest(parameter), in_characters)
        texts[parameter] = text
    return texts


def _shown(text: str | None) -> str:
    return _NOT_SHOWN.sub(" ", text or "").strip().translate(_AS_A_SIGNATURE)
