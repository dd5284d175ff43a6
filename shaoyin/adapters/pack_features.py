"""Brings the polygons and entrances of `areas.geojson` to the areas they belong to."""

from __future__ import annotations

from collections.abc import Iterator

from shaoyin.adapters.pack_merge import Merged
from shaoyin.adapters.pack_positions import Feature
from shaoyin.domain.plane import Position, Shape
from shaoyin.domain.problem import Problem

FILE = "areas.geojson"
Ground = dict[tuple[str, str], Feature]


def features_of(merged: Merged) -> tuple[Ground, list[Problem]]:
    """By area and cell, `polygon` or `entrance`. What is wrong with such a cell is then shown on that page."""
    ground: Ground = {}
    wrong = list(_laid(merged, ground))
    return ground, wrong


def _laid(merged: Merged, ground: Ground) -> Iterator[Problem]:
    rows = {row.id: (number, row) for number, row in enumerate(merged.lists["areas.yaml", ()])}
    for number, feature in enumerate(merged.lists[FILE, ("features",)]):
        area, cell = feature.properties.id, "polygon" if feature.geometry[0] else "entrance"
        where = ("features", number, "properties", "id")
        if area not in rows:
            yield Problem(FILE, where, "unknown_area", f"there is no area {area!r}", area)
        elif getattr(rows[area][1], cell):
            yield Problem(FILE, where, "shape_twice", f"areas.yaml says the {cell} of {area} already", area)
        else:
            ground[area, cell] = feature
            origin = merged.origin(FILE, ("features", number, "geometry", "coordinates"))
            assert origin is not None, "every feature came from a page"
            merged.origins["areas.yaml", (rows[area][0], cell)] = origin


def shape_of(row_polygon: tuple[Position, ...], feature: Feature | None) -> Shape:
    if feature is not None:
        return feature.geometry[0]
    return ((row_polygon,),) if row_polygon else ()
