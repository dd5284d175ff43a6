"""How a version of a pack travels on `shaoyin.packs.v1`: whole, so that every service can put it in force by itself.

An event's id is `<pack>:<publication>`, so a repeat is recognised. The topic is compacted: of each pack the last
publication is always there.
"""

from __future__ import annotations

from datetime import datetime

from pydantic_core import to_json

from shaoyin.contracts.envelope import (
    Carried,
    Unreadable,
    Written,
    checked,
    event_id,
    headers_in,
    headers_of,
    object_in,
)
from shaoyin.domain.frozen import dataclass

PUBLISHED = "pack.published"


@dataclass(frozen=True, slots=True)
class PackPublished:
    """A version that was put in force. `publication` counts them, a version that comes back included; the higher wins.

    `number` and `version` are the version's own, for good: 1, 2, 3 as it was handed in, and the hash of its pages.
    `cells` are its pages and those of the packs it extends as data, JSON by pack and file, gzip, base64.
    """

    pack: str
    publication: int
    number: int
    version: str
    at: datetime
    cells: str


def write_pack(published: PackPublished) -> Written:
    ident = event_id(published.pack, published.publication)
    meta = headers_of(ident, PUBLISHED, "/shaoyin/router", published.at, published.pack)
    return Written(published.pack.encode(), to_json(published), meta)


def read_pack(message: Carried) -> PackPublished:
    """Raises Unreadable: another type of event, not JSON, a field that is missing or wrong."""
    kind = headers_in(message)["ce_type"]
    if kind != PUBLISHED:
        raise Unreadable("unknown_type", kind)
    return checked(PackPublished, object_in(message.value))
