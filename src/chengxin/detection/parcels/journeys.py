"""What the scans of a waybill say of its way: read once, for the way as a whole and for its legs."""

from __future__ import annotations

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.joining import joined, key_of, number_of
from chengxin.detection.parcels.distances import STOPS, km_in_space, stops
from chengxin.detection.statistics.tails import step
from chengxin.lake.reading import Lake

BANDS = (20.0, 100.0, 300.0, 700.0, 1500.0)
"""Kilometres from which on legs are compared with one another; shorter ones say nothing of speed."""

CLOCKS = 600
"""Seconds by which the clocks of two facilities may differ."""

LEGS = tuple(f"legs_{band}" for band in range(len(BANDS)))

LATEST = 1 << 38
"""Moments (epoch seconds) are packed below this: the year 10680."""

_ORDER = ("collected", "departed", "arrived", "out_for_delivery", "signed", "returned", "exception")
_TURNS = 8
_BITS_OF_STOP, _BITS_OF_TURN = STOPS.bit_length() - 1, _TURNS.bit_length() - 1


def journeys(lake: Lake) -> ir.Table:
    """One row for each waybill that was scanned (`key`, as of parcels).

    collected_at, collected_last, signed_at, signed_last, arrived_at (the last time at a depot), out_at (when
    it was last out for delivery; all epoch seconds), signed_region, signed_by (a number for the courier: see
    `courier_names`; empty where two claim it), last_region (of the last scan before the signature),
    out_north, out_east, signed_north, signed_east (positions, degrees), signed_facility (a number), transits
    (scans at depots), returned (flag), and for each of the `BANDS` of distance the fastest of its legs
    (`legs_0` …: the `tails.step` of km/h between two scans one after the other).
    """
    scans = _with_legs(lake, _in_order(lake))

    def of(event: str, value: ir.Value) -> ir.Value:
        return (scans.turn == _ORDER.index(event)).ifelse(value, None)

    courier = scans.courier
    rows = scans.group_by("key").aggregate(
        collected_at=of("collected", scans.moment).min(),
        collected_last=of("collected", scans.moment).max(),
        arrived_at=of("arrived", scans.moment).max(),
        signed_at=of("signed", scans.moment).min(),
        signed_last=of("signed", scans.moment).max(),
        signed_region=of("signed", scans.region).max(),
        signed_by=(courier.min() == courier.max()).ifelse(courier.max(), None),
        last=(scans.turn < _ORDER.index("signed")).ifelse(scans.packed, None).max(),
        out_at=of("out_for_delivery", scans.moment).max(),
        out_north=of("out_for_delivery", scans.lat).max(),
        out_east=of("out_for_delivery", scans.lon).max(),
        signed_north=of("signed", scans.lat).max(),
        signed_east=of("signed", scans.lon).max(),
        signed_facility=scans.facility.max(),
        transits=scans.turn.isin([_ORDER.index("departed"), _ORDER.index("arrived")]).sum().cast("int64"),
        returned=(scans.turn == _ORDER.index("returned")).any(),
        **{name: (scans.band == band).ifelse(scans.step, None).max() for band, name in enumerate(LEGS)},
    )
    last = stops(lake).select(last_region="region", last_stop="stop")
    return joined(rows.mutate(last_stop=rows["last"] % STOPS), last, ["last_stop"]).drop("last", "last_stop")


def courier_names(lake: Lake, numbers: pl.Series) -> pl.DataFrame:
    """The names of couriers that go by a number: signed_by, courier_id."""
    wanted = lake.given(numbers.drop_nulls().unique().sort().alias("signed_by").to_frame(), "couriers_wanted")
    scans = lake.table("scans")
    known = scans.filter((scans.event == "signed") & scans.courier_id.notnull())
    known = known.select("courier_id").distinct()
    return lake.rows(
        known.select("courier_id", signed_by=key_of(lake, known.courier_id)).semi_join(wanted, "signed_by")
    )


def _in_order(lake: Lake) -> ir.Table:
    """The scans in whole numbers, read once: the `key` of the waybill, lat, lon, `courier` and `facility` of
    who signed, and `packed`: moment, turn and stop as one number, by which the scans of a waybill are in
    order. `before` is the one before among those at stops with a position.

    Ordering brings together what belongs to a waybill, so that grouping it afterwards costs half.
    """
    scans = lake.table("scans")
    scans = scans.filter(scans.waybill_no.notnull() & scans.carrier.notnull() & scans["at"].notnull())
    known = stops(lake)
    numbers = known.select("carrier", "region", "stop", placed=known.x.notnull())
    rows = joined(scans, numbers, ["carrier", "region"])
    signed = rows.event == "signed"
    turn = ibis.cases(*((rows.event == name, n) for n, name in enumerate(_ORDER)), else_=len(_ORDER))
    held = rows["at"].clip(lower=0, upper=LATEST - 1)
    rows = rows.select(
        "lat",
        "lon",
        key=key_of(lake, rows.carrier, rows.waybill_no),
        packed=(held * _TURNS + turn.cast("int64")) * STOPS + rows.stop.fill_null(0),
        placed=rows.placed.fill_null(False),
        courier=number_of(lake, signed.ifelse(rows.courier_id, None)),
        facility=number_of(lake, signed.ifelse(rows.facility, None)),
    )
    way = ibis.window(group_by=[rows.key, rows.placed], order_by=rows.packed)
    return rows.mutate(before=rows.packed.lag().over(way))


def _with_legs(lake: Lake, rows: ir.Table) -> ir.Table:
    """The scans with their moment, turn and region, and the `band` of distance and the `step` of speed of the
    leg that ends with them, empty for short ones."""
    known = stops(lake)
    stop, from_stop = rows.packed % STOPS, rows.before % STOPS
    rows = rows.mutate(
        moment=_moment(rows.packed),
        turn=(rows.packed >> _BITS_OF_STOP) % _TURNS,
        stop=stop,
        from_stop=(stop != from_stop).ifelse(from_stop, None),
    )
    ends = known.select(*(known[name].name(f"from_{name}") for name in _OF_STOP))
    rows = joined(joined(rows, known.drop("carrier"), ["stop"]), ends, ["from_stop"])
    away = km_in_space([rows[f"from_{axis}"] for axis in "xyz"], [rows[axis] for axis in "xyz"])
    rows = rows.mutate(away=away - rows.from_reach_km - rows.reach_km)
    return rows.mutate(
        band=band_of(rows.away), step=speed_step(rows.away, rows.moment - _moment(rows.before)).cast("int16")
    )


_OF_STOP = ("stop", "x", "y", "z", "reach_km")


def _moment(packed: ir.IntegerValue) -> ir.IntegerValue:
    return packed >> (_BITS_OF_STOP + _BITS_OF_TURN)


def speed_step(away: ir.NumericValue, seconds: ir.NumericValue) -> ir.IntegerValue:
    """The step of the speed in km/h over `away` kilometres, the clocks' disagreement allowed for."""
    return step(away / ((seconds.clip(lower=0) + CLOCKS) / 3600.0))


def band_of(away: ir.NumericValue) -> ir.IntegerValue:
    """The band of a distance in kilometres; empty below the first."""
    return ibis.cases(*((away >= least, n) for n, least in reversed(list(enumerate(BANDS)))))
