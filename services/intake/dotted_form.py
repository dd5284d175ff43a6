"""A form's fields as the same nested body that JSON gives: `place.text`, `reporter.phone`, `answers.inside_flat`.

What was left empty was not said. Values stay text; the shape of the body and the pack know what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_options_header

from shaoyin.adapters.html_form import URLENCODED as URLENCODED
from shaoyin.adapters.html_form import Fields as Fields
from shaoyin.adapters.html_form import urlencoded
from shaoyin.adapters.problem import FieldError, Problem, invalid
from shaoyin.domain.pack import Pack

FIELDS_AT_MOST = 200
DEEPEST = 3
MULTIPART = "multipart/form-data"
Nested = dict[str, object]


def fields_of(raw: bytes, media: str, content_type: str) -> Fields:
    """The fields in their order. Raises Problem: 400 what cannot be read, 422 where a file is among them."""
    try:
        fields = _multipart(raw, content_type) if media == MULTIPART else urlencoded(raw, FIELDS_AT_MOST)
    except UnicodeDecodeError as error:
        raise Problem(400, "invalid_utf8") from error
    return [(name, value.replace("\r\n", "\n")) for name, value in fields]


def _multipart(raw: bytes, content_type: str) -> Fields:
    _, options = parse_options_header(content_type)
    fields: list[tuple[bytes, bytes]] = []
    files: list[File] = []
    ended: list[bool] = []

    def on_field(field: Field) -> None:
        fields.append((field.field_name or b"", field.value or b""))

    try:
        parser = FormParser(
            MULTIPART, on_field, files.append, lambda: ended.append(True),
            boundary=options.get(b"boundary"), config={"MAX_FIELDS": FIELDS_AT_MOST},
        )  # fmt: skip
        parser.write(raw)
        parser.finalize()
    except FormParserError as error:
        raise Problem(400, "bad_request") from error
    if not ended:
        raise Problem(400, "body_cut_off")
    _no_photos(files)
    return [(name.decode("utf-8"), value.decode("utf-8")) for name, value in fields]


def _no_photos(files: Iterable[File]) -> None:
    """A file input that was left empty is still sent by browsers: without a name, and that is no photo."""
    try:
        for file in files:
            if file.file_name or file.size:
                name = (file.field_name or b"photos").decode("utf-8", "replace")
                raise Problem(422, "photos_not_taken", errors=[FieldError(name, "photos_not_taken")])
    finally:
        for file in files:
            file.close()


def nested(fields: Iterable[tuple[str, str]]) -> Nested:
    """`a.b=1` becomes `{"a": {"b": "1"}}`; a name that comes twice becomes a list. Raises Problem 422."""
    body: Nested = {}
    wrong: list[FieldError] = []
    for name, value in fields:
        if value.strip() and not _put(body, name.split("."), value):
            wrong.append(FieldError(name, "unknown_field"))
    if wrong:
        raise invalid(wrong)
    return body


def _put(body: Nested, path: list[str], value: str) -> bool:
    """False where the name leads nowhere: too deep, an empty part, or through something that is a value already."""
    if not 1 <= len(path) <= DEEPEST or not all(path):
        return False
    for part in path[:-1]:
        inner = body.setdefault(part, {})
        if not isinstance(inner, dict):
            return False
        body = inner
    there = body.get(path[-1])
    if isinstance(there, dict):
        return False
    if there is None:
        body[path[-1]] = value
    else:
        body[path[-1]] = [*there, value] if isinstance(there, list) else [there, value]
    return True


def typed_answers(body: Mapping[str, object], pack: Pack) -> Nested:
    """The body with its answers as the pack's questions mean them; what does not fit stays text, and is refused."""
    answers = body.get("answers")
    if not isinstance(answers, dict):
        return dict(body)
    return {**body, "answers": {name: _typed(pack, name, said) for name, said in answers.items()}}


def _typed(pack: Pack, name: str, said: object) -> object:
    question = pack.questions.get(name)
    if question is None or not isinstance(said, str):
        return said
    if question.kind == "yes_no":
        return {"yes": True, "no": False, "true": True, "false": False}.get(said, said)
    if question.kind == "number" and said.strip().isdecimal() and len(said) < 10:
        return int(said)
    return said
