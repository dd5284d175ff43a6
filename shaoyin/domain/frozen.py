"""`dataclass` for the records of the domain: frozen for the type check, plain at run time, where they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses
    import reprlib

    @reprlib.recursive_repr()
    def _shown(self):
        told = (f"{each.name}={getattr(self, each.name)!r}" for each in dataclasses.fields(self) if each.repr)
        return f"{type(self).__qualname__}({', '.join(told)})"

    def dataclass(cls=None, /, *, frozen=False, **options):
        """The library's, but that a frozen one is not guarded at run time.

        The type check sees the library's and refuses every assignment to a field, in tests too. The guard makes a
        record five to ten times as dear to make, and a decision makes hundreds. A frozen one is hashed by its fields
        as the library does it. All show themselves as the library's do, by one function instead of three hundred.
        """
        if cls is None:
            return lambda made: dataclass(made, frozen=frozen, **options)
        if "__repr__" not in vars(cls):
            cls.__repr__ = _shown
        return dataclasses.dataclass(cls, unsafe_hash=frozen, repr=False, **options)


__all__ = ["dataclass"]
