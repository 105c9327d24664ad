"""What a place explains for everybody: a depot that missed its scans, a lane without depots, a station.

An oddity of a parcel is the place's, and not the parcel's, where unrelated parcels of the place show it too:
those of several senders, as one sender's explain nothing, and those that other couriers signed, as a courier
who signs what he never had makes his own parcels odd, whoever sent them.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
from ibis.expr import types as ir

from chengxin.detection.joining import joined
from chengxin.detection.parcels import speeds
from chengxin.lake.reading import Lake

EXPLAINED = 0.05
"""The share of a depot's, lane's or county's parcels from which on an oddity is the place's."""

SETTLED = 0.5
"""The share from which on it is, even if a single courier serves the place: most of its parcels go so."""

FEW = 3
"""Parcels without the oddity that are added, for cells with few."""


@dataclass(frozen=True)
class _Cell:
    """Where an oddity may be everybody's: parcels with the same in the columns of `by`.

    What stands in `alike` must be the same as well for it to be one oddity: a station signs for the next
    county, not for one at the other end of the country.
    """

    by: tuple[str, ...]
    alike: tuple[str, ...] = ()
    lasting: bool = True


_FROM, _TO = _Cell(("carrier", "from_city")), _Cell(("carrier", "to_city"))
_FROM_THAT_DAY = _Cell(("carrier", "from_city", "collected_day"), lasting=False)
_TO_THAT_DAY = _Cell(("carrier", "to_city", "signed_day"), lasting=False)
_LANE = _Cell(("carrier", "from_city", "to_city"))
_COUNTY = _Cell(("carrier", "receiver_region"), ("signed_region",))

_CELLS = {
    "no_transit": (_FROM_THAT_DAY, _TO_THAT_DAY, _LANE),
    "signed_elsewhere": (_COUNTY,),
    "too_fast": (_FROM, _TO, _FROM_THAT_DAY, _TO_THAT_DAY),
}
_SEEN_IN = {"no_transit": "bare", "signed_elsewhere": "elsewhere", "too_fast": "whole_step"}
"""The column that isn't empty where the oddity can be told."""


def unexplained(lake: Lake, base: ir.Table, with_speeds: bool) -> ir.Table:
    """The parcels of which at least one of three oddities isn't explained by a place: `key`, a yes or no for
    `no_transit`, `signed_elsewhere` and `too_fast`, and `fast` and `impossible` (`speeds.too_fast`)."""

    def made() -> ir.Table:
        odd = _odd(lake, base, with_speeds)
        rows = odd
        counts = _counts(lake, base)
        for name, cells in _CELLS.items():
            rows = rows.mutate(explained=ibis.literal(False))
            for cell in cells:
                rows = _explained(rows, odd.filter(odd[name]), counts[cell], name, cell)
            rows = rows.mutate(**{name: rows[name] & ~rows.explained})
        rows = rows.select("key", *_CELLS, "fast", "impossible")
        return rows.filter(ibis.or_(*(rows[name] for name in _CELLS)))

    return lake.kept("ways_unexplained", made)


def _odd(lake: Lake, base: ir.Table, with_speeds: bool) -> ir.Table:
    """The parcels with at least one of the oddities, explained or not; the few that all else is about."""
    if with_speeds:
        fast = lake.kept("ways_too_fast", lambda: speeds.too_fast(lake, base))
        rows = joined(base, fast, ["key"])
    else:
        rows = base.mutate(fast=ibis.null("float64"), impossible=ibis.null("boolean"))
    rows = rows.select(
        "key", "carrier", "sender", "signed_by", "from_city", "to_city", "collected_day", "signed_day",
        "receiver_region", "signed_region", "fast", "impossible",
        no_transit=rows.bare.fill_null(False),
        signed_elsewhere=rows.elsewhere.fill_null(False),
        too_fast=rows.fast.notnull(),
    )  # fmt: skip
    return lake.meanwhile(rows.filter(ibis.or_(*(rows[name] for name in _CELLS))))


def _counts(lake: Lake, base: ir.Table) -> dict[_Cell, ir.Table]:
    """For each cell the parcels of which each oddity can be told, and whether one courier signs them all
    (`alone`)."""
    seen = {f"{name}_of": base[column].notnull().cast("int64") for name, column in _SEEN_IN.items()}
    rows = base.mutate(first=base.signed_by, last=base.signed_by, **seen)
    fine = {
        cell: lake.meanwhile(_summed(rows, cell)) for cell in (_FROM_THAT_DAY, _TO_THAT_DAY, _LANE, _COUNTY)
    }
    coarse = {_FROM: _summed(fine[_FROM_THAT_DAY], _FROM), _TO: _summed(fine[_TO_THAT_DAY], _TO)}
    return {
        cell: table.mutate(alone=(table["first"] == table["last"]).fill_null(True))
        for cell, table in (fine | coarse).items()
    }


def _summed(rows: ir.Table, cell: _Cell) -> ir.Table:
    return rows.group_by(list(cell.by)).aggregate(
        first=rows["first"].min(),
        last=rows["last"].max(),
        **{f"{name}_of": rows[f"{name}_of"].sum().cast("int64") for name in _SEEN_IN},
    )


def _explained(rows: ir.Table, odd: ir.Table, counts: ir.Table, name: str, cell: _Cell) -> ir.Table:
    """The rows, `explained` also where the cell explains the oddity of that name, which the rows `odd`
    have."""
    alike = [*cell.by, *cell.alike]
    places = odd.group_by(alike).aggregate(senders=odd.sender.nunique(), odd=odd.count())
    own = odd.group_by([*alike, "signed_by"]).aggregate(own=odd.count())
    found = joined(places, counts.select(*cell.by, "alone", of=counts[f"{name}_of"]), list(cell.by))
    whole = joined(joined(rows, found, alike), own, [*alike, "signed_by"])
    enough = whole.of + FEW
    # One of the senders may be the parcel's own.
    of_senders = (whole.senders - 1) / enough
    of_couriers = (whole.odd - whole.own.fill_null(0)) / enough
    shown = whole.alone | (of_couriers >= EXPLAINED)
    if cell.lasting:
        shown |= of_senders >= SETTLED
    explained = whole.explained | ((of_senders >= EXPLAINED) & shown).fill_null(False)
    return whole.mutate(explained=explained).drop("senders", "odd", "own", "alone", "of")
