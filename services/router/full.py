"""A case is one document, and a document has an end: long before it, staff are told that this one is full."""

from __future__ import annotations

from collections.abc import Mapping

import bson

from services.router.documents import Stored
from shaoyin.adapters.problem import Problem
from shaoyin.contracts.codec import stored_event

FULL_AT = 12 * 1024 * 1024
"""Of MongoDB's 16 MiB: the rest is left to deadlines and to what reporters ask, which are never refused for it."""
SHORT = 8 * 1024
FEW = 500
"""So few events, each of a short body, come nowhere near: only then is nothing counted."""


def refuse_if_full(found: Stored, raw: Mapping[str, object]) -> None:
    """Raises Problem 409."""
    said = len(repr(raw))
    if said < SHORT and len(found.history) < FEW:
        return
    size = len(bson.encode({"history": [stored_event(event) for event in found.history]}))
    if size + 2 * said > FULL_AT:
        raise Problem(409, "case_full", {"number": found.case.number}, members={"allowed": []})
