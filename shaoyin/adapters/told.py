"""What callers say in fields and cursors, held to what the store and the calendar can take."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from shaoyin.adapters.problem import FieldError, Problem, invalid

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
Instant = Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]
"""Beyond these an instant cannot be moved to another zone, or stored."""
CURSOR_AT_MOST = 400
_IDENT = re.compile(r"[\x21-\x7e]{1,200}")


def cursor(at: datetime, ident: str) -> str:
    """Where a page ended: `read_cursor` goes on from there."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), ident]).encode()).decode()


def read_cursor(said: str | None) -> tuple[datetime, str] | None:
    """Raises Problem 422 for one that we never gave."""
    if said is None:
        return None
    try:
        at, ident = json.loads(base64.urlsafe_b64decode(said[:CURSOR_AT_MOST].encode()))
        instant = datetime.fromisoformat(at)
    except (ValueError, TypeError, RecursionError) as wrong:
        raise _wrong_cursor() from wrong
    known = isinstance(ident, str) and _IDENT.fullmatch(ident) is not None
    if not known or instant.tzinfo is None or not EARLIEST <= instant <= LATEST:
        raise _wrong_cursor()
    return instant, str(ident)


def _wrong_cursor() -> Problem:
    return invalid([FieldError("cursor", "wrong_value")])
