"""What the scans of a waybill say of its way: read once for the way as a whole, once for its legs."""

from __future__ import annotations

import ibis
from ibis.expr import types as ir

from chengxin.detection.joining import joined, key_of
from chengxin.detection.parcels.distances import STOPS, km_in_space, stops
from chengxin.detection.statistics.tails import step
from chengxin.lake.reading import Lake

BANDS = (20.0, 100.0, 300.0, 700.0, 1500.0)
"""Kilometres from which on legs are compared with one another; shorter ones say nothing of speed."""

CLOCKS = 600
"""Seconds by which the clocks of two facilities may differ."""

LATEST = 1 << 38
"""Moments (epoch seconds) are packed below this: the year 10680."""

_ORDER = ("collected", "departed", "arrived", "out_for_delivery", "signed", "returned", "exception")
_TURNS = 8


def journeys(lake: Lake) -> ir.Table:
    """One row for each waybill that was scanned (`key`, as of parcels).

    collected_at, collected_last, signed_at, signed_last, arrived_at (the last time at a depot), out_at (when
    it was last out for delivery; all epoch seconds), signed_region, signed_by (the courier; empty where two
    claim it), last_region (of the last scan before it was signed), out_north, out_east, signed_north,
    signed_east (positions, degrees), signed_facility, transits (scans at depots) and returned (flag).
    """
    scans = _packed(lake)
    collected, signed = scans.event == "collected", scans.event == "signed"
    out = scans.event == "out_for_delivery"
    on_the_way = scans.turn < _ORDER.index("signed")
    courier = [getattr(scans.courier_id, most)(where=signed) for most in ("min", "max")]
    rows = scans.group_by("key").aggregate(
        collected_at=scans.moment.min(where=collected),
        collected_last=scans.moment.max(where=collected),
        arrived_at=scans.moment.max(where=scans.event == "arrived"),
        signed_at=scans.moment.min(where=signed),
        signed_last=scans.moment.max(where=signed),
        signed_region=scans.region.max(where=signed),
        signed_by=(courier[0] == courier[1]).ifelse(courier[1], ibis.null("string")),
        last=scans.packed.max(where=on_the_way),
        out_at=scans.moment.max(where=out),
        out_north=scans.lat.max(where=out),
        out_east=scans.lon.max(where=out),
        signed_north=scans.lat.max(where=signed),
        signed_east=scans.lon.max(where=signed),
        signed_facility=scans.facility.max(where=signed),
        transits=scans.event.isin(["departed", "arrived"]).sum().cast("int64"),
        returned=(scans.event == "returned").any(),
    )
    last = stops(lake).select(last_region="region", last_stop="stop")
    return joined(rows.mutate(last_stop=rows["last"] % STOPS), last, ["last_stop"]).drop("last", "last_stop")


def legs(lake: Lake) -> ir.Table:
    """The fastest leg of each waybill in each of the `BANDS` of distance: key, carrier, part (the band's
    number) and step (`tails.step` of km/h) between two scans one after the other."""
    known = stops(lake)
    scans = _packed(lake).select("key", "packed", "stop")
    placed = scans.semi_join(known.filter(known.x.notnull()).select("stop"), "stop")
    before = ibis.window(group_by=placed.key, order_by=placed.packed)
    pairs = placed.mutate(before=placed.packed.lag().over(before))
    pairs = pairs.mutate(from_stop=pairs.before % STOPS)
    pairs = pairs.filter(pairs.before.notnull() & (pairs.from_stop != pairs.stop))
    pairs = pairs.select("key", "stop", "from_stop", seconds=_moment(pairs.packed) - _moment(pairs.before))
    ends = known.select(*(known[name].name(f"from_{name}") for name in _OF_STOP))
    found = pairs.inner_join(known, "stop").inner_join(ends, "from_stop")
    away = km_in_space([found[f"from_{axis}"] for axis in "xyz"], [found[axis] for axis in "xyz"])
    found = found.select("key", "carrier", "seconds", away=away - found.from_reach_km - found.reach_km)
    found = found.filter(found.away >= BANDS[0])
    found = found.mutate(part=band_of(found.away), step=speed_step(found.away, found.seconds))
    return found.group_by(["key", "carrier", "part"]).aggregate(step=found.step.max())


_OF_STOP = ("stop", "x", "y", "z", "reach_km")


def _packed(lake: Lake) -> ir.Table:
    """The scans with the `key` of their waybill and `packed`: moment, turn and stop as one whole number, by
    which they are in order."""
    scans = lake.table("scans")
    scans = scans.filter(scans.waybill_no.notnull() & scans.carrier.notnull() & scans["at"].notnull())
    numbers = stops(lake).select("carrier", "region", "stop")
    rows = joined(scans, numbers, ["carrier", "region"])
    turn = ibis.cases(*((rows.event == name, n) for n, name in enumerate(_ORDER)), else_=len(_ORDER))
    rows = rows.mutate(moment=rows["at"], turn=turn.cast("int64"), stop=rows.stop.fill_null(0))
    held = rows.moment.clip(lower=0, upper=LATEST - 1)
    return rows.mutate(
        key=key_of(lake, rows.carrier, rows.waybill_no),
        packed=(held * _TURNS + rows.turn) * STOPS + rows.stop,
    )


def _moment(packed: ir.IntegerValue) -> ir.IntegerValue:
    """Exact, as what remains of the division is a power of two's multiple."""
    return (packed / (STOPS * _TURNS)).floor().cast("int64")


def speed_step(away: ir.NumericValue, seconds: ir.NumericValue) -> ir.IntegerValue:
    """The step of the speed in km/h over `away` kilometres, the clocks' disagreement allowed for."""
    return step(away / ((seconds.clip(lower=0) + CLOCKS) / 3600.0))


def band_of(away: ir.NumericValue) -> ir.IntegerValue:
    """The band of a distance in kilometres; empty below the first."""
    return ibis.cases(*((away >= least, n) for n, least in reversed(list(enumerate(BANDS)))))
