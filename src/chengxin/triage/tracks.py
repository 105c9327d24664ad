"""Parcels on the way: what happened when, beside the order that they belong to, and where. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import cos, radians
from typing import Any

MOST_PARCELS = 8
"""Parcels that are drawn; the rows hold all."""

_WIDE, _HIGH, _EDGE, _APART = 520.0, 400.0, 46.0, 44.0
"""The map's size, the room that is left for names, and how far degrees lie apart, in units of its drawing."""


@dataclass(frozen=True)
class Mark:
    """Something that happened to a parcel or its order: what, when, how far along the line (0 to 500)."""

    kind: str
    at: datetime
    x: float
    region: str


@dataclass(frozen=True)
class Track:
    """A parcel's line. early: the order was confirmed before the parcel was signed for."""

    waybill: str
    marks: Sequence[Mark]
    weight: float | None
    early: bool
    hours: float


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def tracks(rows: Mapping[str, Iterable[Mapping[str, Any]]], first: Collection[str] = ()) -> list[Track]:
    """The first parcels of a lead, all to one scale: those named first, then those confirmed too early."""
    marks: dict[str, list[tuple[str, datetime, str]]] = {}
    for one in rows.get("scans", ()):
        if (at := _moment(one.get("at"))) is not None:
            marks.setdefault(str(one["waybill_no"]), []).append(
                (str(one["event"]), at, str(one.get("region", "")))
            )
    for one in rows.get("orders", ()):
        for kind, column in (("ordered", "created_at"), ("confirmed", "received_at")):
            at = _moment(one.get(column))
            if at is not None and (waybill := str(one.get("waybill_no", ""))) in marks:
                marks[waybill].append((kind, at, ""))
    weights = {str(one["waybill_no"]): one.get("weight_g") for one in rows.get("parcels", ())}
    spans = {waybill: _hours(some) for waybill, some in marks.items()}
    longest = max(spans.values(), default=0.0) or 1.0
    found = [
        Track(
            waybill,
            [
                Mark(kind, at, round(500 * _since(some, at) / longest, 1), region)
                for kind, at, region in sorted(some, key=lambda one: one[1])
            ],
            weights.get(waybill),
            _early(some),
            round(spans[waybill], 1),
        )
        for waybill, some in marks.items()
    ]
    found.sort(key=lambda one: (one.waybill not in first, not one.early, one.marks[0].at))
    return found[:MOST_PARCELS]


def _hours(some: Sequence[tuple[str, datetime, str]]) -> float:
    moments = [at for _, at, _ in some]
    return (max(moments) - min(moments)).total_seconds() / 3600


def _since(some: Sequence[tuple[str, datetime, str]], at: datetime) -> float:
    return (at - min(one for _, one, _ in some)).total_seconds() / 3600


def _early(some: Sequence[tuple[str, datetime, str]]) -> bool:
    signed = min((at for kind, at, _ in some if kind == "signed"), default=None)
    confirmed = min((at for kind, at, _ in some if kind == "confirmed"), default=None)
    return confirmed is not None and signed is not None and confirmed < signed


@dataclass(frozen=True)
class Place:
    """A place on the map: where, how many scans, how large it is drawn."""

    x: float
    y: float
    number: int
    size: float
    region: str


@dataclass(frozen=True)
class Map:
    """Places, the ways between them (as points of a line), and the lines of degrees with their names."""

    width: float
    height: float
    places: Sequence[Place]
    ways: Sequence[str]
    meridians: Sequence[tuple[float, str]]
    parallels: Sequence[tuple[float, str]]


def drawn(rows: Mapping[str, Iterable[Mapping[str, Any]]]) -> Map | None:
    """A map of the scans that have a place, to scale at their latitude; None where fewer than two do."""
    seen = [
        (str(one["waybill_no"]), str(one.get("at", "")), round(float(one["lat"]), 2),
        round(float(one["lon"]), 2),
         str(one.get("region", "")))
        for one in rows.get("scans", ())
        if one.get("lat") is not None and one.get("lon") is not None
    ]  # fmt: skip
    spots = Counter((lat, lon) for _, _, lat, lon, _ in seen)
    if len(spots) < 2:
        return None
    regions = {(lat, lon): region for _, _, lat, lon, region in seen}
    south, north = min(lat for lat, _ in spots), max(lat for lat, _ in spots)
    west, east = min(lon for _, lon in spots), max(lon for _, lon in spots)
    narrow = cos(radians((south + north) / 2))
    scale = min(
        (_WIDE - 2 * _EDGE) / max((east - west) * narrow, 0.05),
        (_HIGH - 2 * _EDGE) / max(north - south, 0.05),
    )
    left = (_WIDE - (east - west) * narrow * scale) / 2
    top = (_HIGH - (north - south) * scale) / 2

    def at(lat: float, lon: float) -> tuple[float, float]:
        return round(left + (lon - west) * narrow * scale, 1), round(top + (north - lat) * scale, 1)

    most = max(spots.values())
    places = [
        Place(*at(*spot), number, round(4 + 8 * (number / most) ** 0.5, 1), regions[spot])
        for spot, number in sorted(spots.items(), key=lambda one: -one[1])
    ]
    by_waybill: dict[str, list[tuple[str, float, float]]] = {}
    for waybill, moment, lat, lon, _ in seen:
        by_waybill.setdefault(waybill, []).append((moment, lat, lon))
    ways = {
        " ".join(f"{x},{y}" for x, y in dict.fromkeys(at(lat, lon) for _, lat, lon in sorted(some)))
        for some in by_waybill.values()
    }
    return Map(
        _WIDE, _HIGH, places, sorted(one for one in ways if " " in one)[:40],
        [(at(south, lon)[0], f"{lon:g}°E") for lon in _degrees(west, east, narrow * scale)],
        [(at(lat, west)[1], f"{lat:g}°N") for lat in _degrees(south, north, scale)],
    )  # fmt: skip


def _degrees(low: float, high: float, size: float) -> list[float]:
    """Round degrees between two, six at most, with room for a name at each; `size`: how wide one is drawn."""
    steps = (0.1, 0.2, 0.5, 1, 2, 5)
    step = next((one for one in steps if (high - low) / one <= 5 and one * size >= _APART), 10)
    first = int(low / step) + 1
    return [round(number * step, 1) for number in range(first, int(high / step) + 1)]
