"""How positions, entrances and polygons are written in a pack: [longitude, latitude], in this order, in degrees."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from shaoyin.domain.plane import Position, Ring, Shape

PARTS_AT_MOST = 20
CORNERS_AT_MOST = 2000


def _wrong(code: str, **told: str) -> PydanticCustomError:
    return PydanticCustomError(code, code, dict(told))


def _position(cell: object) -> Position:
    match cell:
        case [bool(), *_] | [_, bool(), *_]:
            raise _wrong("not_a_position", said=str(cell))
        case [float() | int() as lng, float() | int() as lat] if -180 <= lng <= 180 and -90 <= lat <= 90:
            return float(lng), float(lat)
        case _:
            raise _wrong("not_a_position", said=str(cell)[:40])


def _ring(cell: object) -> Ring:
    """At least three corners; whether the first is said again at the end makes no difference."""
    if not isinstance(cell, list) or len(cell) > CORNERS_AT_MOST:
        raise _wrong("not_a_polygon")
    ring = tuple(map(_position, cell))
    ring = ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring
    if len(set(ring)) < 3:
        raise _wrong("not_a_polygon")
    return ring


def _positions(cell: object) -> tuple[Position, ...]:
    """One position, or a list of them: a building may have several entrances."""
    several = isinstance(cell, list) and bool(cell) and isinstance(cell[0], list)
    return tuple(map(_position, cell)) if several and isinstance(cell, list) else (_position(cell),)


def _part(cell: object) -> tuple[Ring, ...]:
    if not isinstance(cell, list) or not cell:
        raise _wrong("not_a_polygon")
    return tuple(map(_ring, cell))


Entrances = Annotated[tuple[Position, ...], PlainValidator(_positions)]
Polygon = Annotated[Ring, PlainValidator(_ring)]


def _geometry(cell: Any) -> tuple[Shape, tuple[Position, ...]]:
    """The polygons, or the points, of a GeoJSON geometry (RFC 7946); heights are left out."""
    match cell:
        case {"type": "Polygon", "coordinates": list(rings)} if len(cell) == 2:
            return (_part(_flat(rings)),), ()
        case {"type": "MultiPolygon", "coordinates": [_, *_] as parts} if (
            len(cell) == 2 and len(parts) <= PARTS_AT_MOST
        ):
            return tuple(_part(_flat(each)) for each in parts), ()
        case {"type": "Point", "coordinates": list(position)} if len(cell) == 2:
            return (), (_position(position[:2]),)
        case {"type": "MultiPoint", "coordinates": [_, *_] as positions} if len(cell) == 2:
            return (), tuple(map(_position, _flat(positions)))
        case _:
            raise _wrong("not_a_geometry")


def _flat(cell: Any) -> Any:
    """The same lists, their positions without a height."""
    if not isinstance(cell, list):
        return cell
    return cell[:2] if cell and isinstance(cell[0], float | int) else [_flat(each) for each in cell]


class Properties(BaseModel):
    """What else a map program wrote is not looked at."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    id: Annotated[str, Field(min_length=1)]


class Feature(BaseModel):
    """One area's polygon, or one building's entrances."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    type: Literal["Feature"]
    properties: Properties
    geometry: Annotated[tuple[Shape, tuple[Position, ...]], PlainValidator(_geometry)]

    @property
    def line(self) -> str:
        """An area has one polygon and one feature of entrances."""
        return f"{self.properties.id} {'polygon' if self.geometry[0] else 'entrance'}"


class FeaturesPage(BaseModel):
    """`areas.geojson`."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    type: Literal["FeatureCollection"]
    name: str = ""
    features: list[Feature]
