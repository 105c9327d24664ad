"""What the scans of a waybill say of its way: read once, one row for each waybill."""

from __future__ import annotations

import ibis
from ibis.expr import types as ir

from chengxin.detection.parcels.carried import WAYBILL
from chengxin.detection.parcels.distances import km, places
from chengxin.detection.statistics.tails import step
from chengxin.lake.reading import Lake

BANDS = (20.0, 100.0, 300.0, 700.0, 1500.0)
"""Kilometres from which on legs are compared with one another; shorter ones say nothing of speed."""

CLOCKS = 600
"""Seconds by which the clocks of two facilities may differ."""

_ORDER = ("collected", "departed", "arrived", "out_for_delivery", "signed", "returned", "exception")


def journeys(lake: Lake) -> ir.Table:
    """One row for each carrier and waybill_no that was scanned.

    collected_at, collected_last, signed_at, signed_last (epoch seconds), signed_region, signed_after (the
    region of the scan before), signed_by and collected_by (couriers; empty where two claim it), out_at
    (when it was last out for delivery), out_north, out_east, signed_north, signed_east (positions,
    degrees), signed_facility, transits (scans at depots), returned (flag), misplaced (flag: the position at
    the signature lies far outside the region that the scan names), and for each of the `BANDS` `leg_<n>`:
    the speed (`tails.step` of km/h) of the fastest leg between two scans that far apart.
    """

    def made() -> ir.Table:
        scans = lake.table("scans")
        known = scans.filter(scans.waybill_no.notnull() & scans.carrier.notnull() & scans["at"].notnull())
        rows = known.left_join(places(lake), "region")
        rows = rows.select(
            *WAYBILL,
            "event",
            "region",
            "courier_id",
            "facility",
            "lat",
            "lon",
            "latitude",
            "longitude",
            "reach_km",
            moment=rows["at"],
            turn=ibis.cases(*((rows.event == name, n) for n, name in enumerate(_ORDER)), else_=len(_ORDER)),
            off_km=km(rows.lat, rows.lon, rows.latitude, rows.longitude),
        )
        before = ibis.window(
            group_by=WAYBILL,
            order_by=[rows.moment, rows.turn, rows.latitude, rows.longitude, rows.region],
        )
        legs = rows.mutate(
            from_north=rows.latitude.lag().over(before),
            from_east=rows.longitude.lag().over(before),
            from_reach=rows.reach_km.lag().over(before),
            left_at=rows.moment.lag().over(before),
            came_from=rows.region.lag().over(before),
        )
        legs = legs.mutate(
            away=km(legs.from_north, legs.from_east, legs.latitude, legs.longitude)
            - legs.from_reach
            - legs.reach_km
        )
        legs = legs.mutate(speed=speed_step(legs.away, legs.moment - legs.left_at))
        return _summed(legs)

    return lake.kept("journeys", made)


def speed_step(away: ir.NumericValue, seconds: ir.NumericValue) -> ir.IntegerValue:
    """The step of the speed in km/h over `away` kilometres, the clocks' disagreement allowed for."""
    return step(away / ((seconds.clip(lower=0) + CLOCKS) / 3600.0))


def _summed(legs: ir.Table) -> ir.Table:
    collected, signed = legs.event == "collected", legs.event == "signed"
    out = legs.event == "out_for_delivery"

    def one(of: ir.BooleanValue) -> ir.StringValue:
        """The courier of these scans, if it was a single one."""
        least, most = legs.courier_id.min(where=of), legs.courier_id.max(where=of)
        return (least == most).ifelse(most, ibis.null("string"))

    return legs.group_by(WAYBILL).aggregate(
        collected_at=legs.moment.min(where=collected),
        collected_last=legs.moment.max(where=collected),
        signed_at=legs.moment.min(where=signed),
        signed_last=legs.moment.max(where=signed),
        signed_region=legs.region.max(where=signed),
        signed_by=one(signed),
        collected_by=one(collected),
        signed_after=legs.came_from.max(where=signed),
        out_at=legs.moment.max(where=out),
        out_north=legs.lat.max(where=out),
        out_east=legs.lon.max(where=out),
        signed_north=legs.lat.max(where=signed),
        signed_east=legs.lon.max(where=signed),
        signed_facility=legs.facility.max(where=signed),
        transits=legs.event.isin(["departed", "arrived"]).sum().cast("int64"),
        returned=(legs.event == "returned").any(),
        misplaced=(signed & (legs.off_km > 4 * legs.reach_km)).any(),
        **{f"leg_{band}": legs.speed.max(where=band_of(legs.away) == band) for band in range(len(BANDS))},
    )


def band_of(away: ir.NumericValue) -> ir.IntegerValue:
    """The band of a distance in kilometres; empty below the first."""
    return ibis.cases(*((away >= least, n) for n, least in reversed(list(enumerate(BANDS)))))
