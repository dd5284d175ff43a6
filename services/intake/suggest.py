"""What a text may be about, before anybody has chosen: proposed to the resident, kept nowhere, decided by nobody."""

from __future__ import annotations

from pydantic import Field, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from services.intake.incoming import in_json, media_of, read_json
from services.intake.intake import at_hand
from services.intake.report_body import Shape
from shaoyin.adapters.web import JSON, language, read_body
from shaoyin.adapters.words import Language
from shaoyin.domain.pack import Pack
from shaoyin.domain.report import DESCRIPTION_AT_MOST


class SuggestBody(Shape):
    """The description as far as it is typed."""

    description: str = Field(min_length=1, max_length=DESCRIPTION_AT_MOST)


SUGGEST_BODY = TypeAdapter(SuggestBody)


async def suggest(request: Request) -> Response:
    """At most three categories, the likeliest first, with the words that led there; and the numbers to call."""
    pack = at_hand(request).pack_of(request.path_params["pack"])
    media_of(request, (JSON,))
    body = read_json(SUGGEST_BODY, await read_body(request))
    return in_json(request, suggestion_for(pack, body.description, language(request)))


def suggestion_for(pack: Pack, text: str, language: Language) -> dict[str, object]:
    found = pack.suggesting.suggest(text)
    signs = {sign.danger: sign for sign in pack.emergencies}
    return {
        "community": pack.name,
        "pack_version": pack.version,
        "categories": [
            {
                "category": each.category,
                "name": pack.categories[each.category].name[language],
                "score": each.score,
                "words": list(each.words),
            }
            for each in found.categories
        ],
        "dangers": [
            {
                "danger": each.danger,
                "number": signs[each.danger].number,
                "say": signs[each.danger].say[language],
                "words": list(each.words),
            }
            for each in found.dangers
        ],
    }
