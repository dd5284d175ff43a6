"""What is wrong with the areas of a pack: a tree that is none, places without a grid, modes nobody answers for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shaoyin.domain.naming import folded
from shaoyin.domain.pack import Pack
from shaoyin.domain.place import Area
from shaoyin.domain.problem import Path, Problem, unknown
from shaoyin.domain.roles import FIRMS

GRIDS = ("grid", "dedicated_grid")


def problems_of_the_tree(pack: Pack) -> Iterator[Problem]:
    """What keeps the areas from being a tree at all; nothing may walk it before this is mended."""
    areas = pack.areas.areas
    yield from unknown("area", "pack.yaml", ("root",), pack.root, areas)
    for index, area in enumerate(areas.values()):
        yield from unknown("area", "areas.yaml", (index, "parent"), area.parent, areas)
        if _lies_in_itself(area, areas):
            yield Problem("areas.yaml", (index, "parent"), "area_loops", f"{area.area_id} lies in itself", area.area_id)


def _lies_in_itself(area: Area, areas: Mapping[str, Area]) -> bool:
    seen = {area.area_id}
    above = area.parent
    while above is not None and above in areas:
        if above in seen:
            return True
        seen.add(above)
        above = areas[above].parent
    return False


def problems_of_places(pack: Pack) -> Iterator[Problem]:
    known: dict[str, list[Area]] = {}
    for index, area in enumerate(pack.areas.areas.values()):
        inside = [
            each.area_id for each in pack.areas.upward(area.area_id) if each.kind in ("micro_grid", "dedicated_grid")
        ]
        if area.kind == "building" and not inside:
            yield Problem(
                "areas.yaml",
                (index, "kind"),
                "building_in_no_grid",
                f"{area.area_id} lies in no micro-grid",
                area.area_id,
            )
        if area.kind == "building" and len(inside) > 1:
            detail = f"{area.area_id} lies in {' and '.join(inside)}"
            yield Problem("areas.yaml", (index, "parent"), "building_in_two_grids", detail, area.area_id)
        yield from _problems_of_names(index, area, known)
    if not any(pack.post_for(role, pack.root) for role in ("community", "street_centre")):
        yield Problem("orgs.yaml", ("posts",), "no_triage_post", "somebody must hold a triage post for the whole pack")
    yield from _problems_of_coverage(pack)
    yield from _problems_of_management(pack)


def _problems_of_names(index: int, area: Area, known: dict[str, list[Area]]) -> Iterator[Problem]:
    """A name belongs to one area at a time; an area that comes after another may take its name over."""
    cells: list[tuple[Path, str]] = [(("name", language), said) for language, said in area.name.items()]
    cells += [(("aliases", number), said) for number, said in enumerate(area.aliases)]
    for cell, said in cells:
        others = known.setdefault(folded(said), [])
        taken = next((each for each in others if each is not area and each.meets(area)), None)
        if taken is not None:
            detail = f"{said!r} also names {taken.area_id}"
            yield Problem("areas.yaml", (index, *cell), "alias_twice", detail, said)
        others.append(area)


def _problems_of_coverage(pack: Pack) -> Iterator[Problem]:
    """Every community has grids, and of every grid it is said who leads it, if only that nobody does yet (I10)."""
    areas = pack.areas
    with_grid = {up for area in areas.areas.values() if area.kind in GRIDS for up in areas.path(area.area_id)}
    for index, area in enumerate(areas.areas.values()):
        if area.kind == "community" and areas.covers(pack.root, area.area_id) and area.area_id not in with_grid:
            detail = f"{area.area_id} has no grid"
            yield Problem("areas.yaml", (index, "kind"), "community_without_grid", detail, area.area_id)
        if area.kind == "community" and areas.covers(pack.root, area.area_id):
            for kind in ("community_duty", "community_mediator"):
                if pack.roles.post_for(kind, area.area_id) is None:
                    detail = f"nobody is {kind} for {area.area_id}"
                    yield Problem("areas.yaml", (index, "kind"), "nobody_of_kind", kind, area.area_id)
        if area.kind in GRIDS and pack.directory.in_area("grid_lead", area.area_id) is None:
            detail = f"{area.area_id} has no grid lead"
            yield Problem("areas.yaml", (index, "kind"), "grid_without_lead", detail, area.area_id)


def _problems_of_management(pack: Pack) -> Iterator[Problem]:
    """A place row names who answers under a mode; where the mode holds, somebody must hold that post."""
    place_rows = [row for row in pack.rules.rows if row.group == "whose" and row.then.main is not None]
    for index, area in enumerate(pack.areas.areas.values()):
        for number, managed in enumerate(area.management):
            by: Path = (index, "management", number, "by")
            yield from unknown("org", "areas.yaml", by, managed.by, pack.directory.orgs)
            if area.renovated is False and managed.mode in FIRMS and not managed.confirmed:
                detail = f"{area.area_id} goes to a firm before its renovation is done"
                yield Problem("areas.yaml", (index, "management", number, "mode"), "not_renovated", detail)
            for row in place_rows:
                role = row.then.main
                wanted = next((each.wanted for each in row.when if each.fact == "management"), None)
                if role is not None and managed.mode == wanted and pack.roles.at(role, area.area_id, managed) is None:
                    detail = f"row {row.row} needs {role!r} for {area.area_id}, and no post there is held"
                    where = (index, "management", number, "mode")
                    yield Problem("areas.yaml", where, "nobody_for_place", detail, role)
