"""Who an editor may offer as handler, co-handler, informed: roles that the domain knows or a kind of post fills."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.adapters.rule_words import words
from shaoyin.adapters.schema_cells import Schema, consts
from shaoyin.adapters.schema_names import Known
from shaoyin.domain.roles import NOBODY, SPECIAL, STANDS_FOR, TEAM_ROLES


def role(known: Known) -> Schema:
    """One role, or several with | between them."""
    kinds = known.post_kinds
    names = sorted(NOBODY | TEAM_ROLES.keys() | STANDS_FOR.keys() | kinds.keys())
    own = {code: said[0] for code, said in words("roles").by_code.items()}
    found = {name: kinds.get(TEAM_ROLES.get(name, name), own.get(name, "")) for name in names}
    found |= {f"{name}:{each}": found[name] for name, kind in SPECIAL.items() for each in _specialities(known, kind)}
    one = f"({'|'.join(names)}|({'|'.join(SPECIAL)}):[a-z_]+)"
    several: Schema = {"type": "string", "maxLength": 200, "pattern": rf"^{one}(\|{one})*$"}
    return {"anyOf": [*consts(found), several]}


def _specialities(known: Known, kind: str) -> Iterator[str]:
    return (name.partition(":")[2] for name in sorted(known.specialities) if name.startswith(f"{kind}:"))
