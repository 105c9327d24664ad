"""The fictional subjects of the province, described by their number alone.

A `World` says how many of each role there are; `describe` gives names, codes, addresses, persons of any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import polars as pl

from chengxin.demo import codes, naming, people, words
from chengxin.demo.draws import Draw, gather, spread
from chengxin.rulebook import places

FULL_SCALE = 600
"""Subjects at scale 1."""
_SMALLEST = 100  # subjects: below it some roles would be empty
_KINMEN = "350527"  # nothing is registered there
_PLACED_BY_WEIGHT = 4000
_YOUNGEST = 420  # days: nobody is founded later, so that everybody has had time for a record
_OLDEST = 5800
_UNIFIED_CODES_FROM = date(2015, 10, 1)  # GB 32100 in force: registration numbers are older

# Role, share of all subjects, least and most of them. Merchants take what is left.
_SHARES: tuple[tuple[str, float, int, int], ...] = (
    ("individual_business", 0.26, 10, 10**9),
    ("individual_seller", 0.13, 10, 10**9),
    ("courier", 0.08, 10, 10**9),
    ("agency_staff", 0.03, 5, 10**9),
    ("logistics_firm", 0.02, 5, 600),
    ("agency_operation", 0.025, 5, 8000),
    ("consulting", 0.015, 4, 6000),
    ("credit_agency", 0.008, 3, 40),
    ("payment_institution", 0.006, 3, 20),
    ("association", 0.02, 5, 900),
)
NATURAL = ("individual_seller", "courier", "agency_staff")
"""Roles of natural persons, who are in the catalogue only by their trade."""
OPERATORS = ("merchant", "individual_business", "individual_seller")
"""Who runs shops on platforms."""


@dataclass(frozen=True)
class Segment:
    """The subjects of one role: numbers from `first` to `first + count - 1`."""

    role: str
    first: int
    count: int

    def ids(self) -> pl.Series:
        """Their numbers."""
        return pl.int_range(self.first, self.first + self.count, dtype=pl.Int64, eager=True)


@dataclass(frozen=True)
class County:
    """A county of the province; `city` is what acts as the city above it (Pingtan is its own)."""

    code: str
    name: str
    city: str
    city_name: str


@dataclass(frozen=True)
class World:
    """One demonstration province: everything in it follows from these three values."""

    seed: int
    scale: float
    today: date

    def __post_init__(self) -> None:
        most = codes.PERSONS // FULL_SCALE
        if not 0 < self.scale <= most:
            raise ValueError(
                f"规模须大于0且不超过{most} / the scale must be above 0 and at most {most}: {self.scale}"
            )

    @property
    def draw(self) -> Draw:
        """The world's random draws."""
        return Draw(self.seed)

    @cached_property
    def segments(self) -> dict[str, Segment]:
        """Who there is, by role."""
        total = max(_SMALLEST, round(FULL_SCALE * self.scale))
        counts = {"platform": len(words.PLATFORMS)}
        for role, share, least, most in _SHARES:
            counts[role] = min(most, max(least, round(total * share)))
        counts["merchant"] = max(10, total - sum(counts.values()))
        found: dict[str, Segment] = {}
        first = 0
        for role, count in counts.items():
            found[role] = Segment(role, first, count)
            first += count
        return found

    @property
    def total(self) -> int:
        """How many subjects there are."""
        return sum(segment.count for segment in self.segments.values())

    def ids(self, roles: Sequence[str]) -> pl.Series:
        """The numbers of all subjects of these roles."""
        return pl.concat([self.segments[role].ids() for role in roles])

    def ids_in(self, roles: Sequence[str], cities: Sequence[str] = ()) -> pl.Series:
        """The numbers of the roles' subjects that sit in one of the cities; without cities, of all."""
        ids = self.ids(roles)
        if not cities:
            return ids
        city = gather([county.city for county in self.counties], self.county(pl.col("id")))
        return pl.DataFrame({"id": ids}).filter(city.is_in(list(cities)))["id"]

    @cached_property
    def counties(self) -> tuple[County, ...]:
        """The counties that subjects sit in."""
        found = []
        for one in places.regions(places.PROVINCE):
            if one.level != "county" or one.code == _KINMEN:
                continue
            above = one if one.acts_as == "city" else places.region(one.parent or "")
            found.append(County(one.code, one.name, above.code, above.name))
        return tuple(found)

    @cached_property
    def _counties_by_weight(self) -> tuple[str, ...]:
        """Positions in `counties`, as often as their weight asks."""
        size: dict[str, int] = {}
        for county in self.counties:
            size[county.city] = size.get(county.city, 0) + 1
        weights = {
            str(place): words.CITY_WEIGHTS[county.city] / size[county.city]
            for place, county in enumerate(self.counties)
        }
        return spread(weights, _PLACED_BY_WEIGHT)

    def county(self, id: pl.Expr) -> pl.Expr:
        """The position in `counties` of each subject's seat; a platform's is declared."""
        declared = [c.code for c in self.counties]
        seats = pl.Series([declared.index(p.county) for p in words.PLATFORMS], dtype=pl.Int64)
        last = len(words.PLATFORMS) - 1
        drawn = self.draw.pick(id, "county", self._counties_by_weight).cast(pl.Int64)
        seat = pl.lit(seats).gather(pl.min_horizontal(id, pl.lit(last)))
        return pl.when(id <= last).then(seat).otherwise(drawn)


def describe(world: World, ids: pl.Series) -> pl.DataFrame:
    """Everything about these subjects, a row each, in the order given (a number may stand several times).

    Columns: id, role, kind (registry), county, city (codes), place (words), trade (position in TRADES),
    brand, form, name, uscc (null for natural persons), regno (null for the young), address, person
    (representative, owner or the person), person_id, phone, founded (date), capital (万元, text).
    """
    draw, id = world.draw, pl.col("id")
    frame = _seated(world, ids)
    natural = pl.col("role").is_in(NATURAL)
    drawn_person = pl.when(draw.chance(id, "shared person", 0.03)).then(
        draw.below(id, "person of", world.total)
    )
    drawn_age = _YOUNGEST + (draw.unit(id, "founded") ** 1.6 * (_OLDEST - _YOUNGEST)).cast(pl.Int64)
    platform = pl.col("role") == "platform"  # older than the shops on them
    age = pl.when(platform).then(_OLDEST - id * 200).otherwise(drawn_age)
    frame = frame.with_columns(
        # A few subjects share their representative with another one: what re-entry looks like.
        _person=pl.when(natural).then(id).otherwise(drawn_person.otherwise(id)),
        brand=naming.brand(draw, id),
        trade=_trade(world, id, pl.col("_place")),
        founded=pl.lit(world.today - timedelta(days=1)) - pl.duration(days=age),
        form=_form(draw, id),
        kind=pl.lit("legal_person"),
    ).with_columns(kind=_kind(natural))
    frame = frame.with_columns(person=people.name(draw, pl.col("_person")))
    frame = frame.with_columns(name=pl.when(natural).then(pl.col("person")).otherwise(naming.name(draw)))
    door = (draw.below(id, "door", 480) + 1).cast(pl.String)
    room = (draw.below(id, "room", 1800) + 101).cast(pl.String)
    road, park = draw.pick(id, "road", words.ROADS), draw.pick(id, "park", words.PARKS)
    frame = frame.with_columns(
        address=pl.concat_str(
            [pl.lit("福建省"), "place", road, door, pl.lit("号"), park, room, pl.lit("室")]
        ),
        capital=pl.when(pl.col("role") == "platform")
        .then(pl.lit("5000"))
        .otherwise(draw.pick(id, "capital", ("10", "50", "100", "200", "500", "1000", "3000"))),
    )
    return _coded(frame).select(pl.exclude("^_.*$"))


def _seated(world: World, ids: pl.Series) -> pl.DataFrame:
    """Role and seat."""
    counties, id = world.counties, pl.col("id")
    roles = list(world.segments)
    starts = pl.lit(pl.Series([segment.first for segment in world.segments.values()], dtype=pl.Int64))
    frame = pl.DataFrame({"id": ids.cast(pl.Int64)}).with_columns(
        _role=starts.search_sorted(id, side="right").cast(pl.Int64) - 1, _place=world.county(id)
    )
    place = pl.col("_place")
    above = [c.city_name if c.city != c.code else "" for c in counties]
    return frame.with_columns(
        role=gather(roles, pl.col("_role")),
        county=gather([c.code for c in counties], place),
        city=gather([c.city for c in counties], place),
        place=gather([city + c.name for city, c in zip(above, counties, strict=True)], place),
        _city_name=gather([city or c.name for city, c in zip(above, counties, strict=True)], place),
        _county_name=gather([c.name for c in counties], place),
    )


def _form(draw: Draw, id: pl.Expr) -> pl.Expr:
    """What kind of firm a merchant is: some are farmers' cooperatives, some partnerships."""
    merchant = pl.col("role") == "merchant"
    return (
        pl.when(merchant & draw.chance(id, "cooperative", 0.05))
        .then(pl.lit("cooperative"))
        .when(merchant & draw.chance(id, "partnership", 0.05))
        .then(pl.lit("partnership"))
        .otherwise(pl.lit("company"))
    )


def _kind(natural: pl.Expr) -> pl.Expr:
    return (
        pl.when(natural)
        .then(pl.lit("natural_person"))
        .when(pl.col("role") == "individual_business")
        .then(pl.lit("individual_business"))
        .when((pl.col("role") == "association") | (pl.col("form") == "partnership"))
        .then(pl.lit("organisation"))
        .otherwise(pl.lit("legal_person"))
    )


def _coded(frame: pl.DataFrame) -> pl.DataFrame:
    """Codes of the firm and of the person behind it."""
    role, region = frame["role"], frame["county"].cast(pl.Int64)
    association, business = role == "association", role == "individual_business"
    cooperative = frame["form"] == "cooperative"
    uscc = codes.uscc(
        9 - association.cast(pl.Int64) * 4,  # 5: registered by civil affairs
        1 + business.cast(pl.Int64) + cooperative.cast(pl.Int64) * 2,
        region,
        frame["id"],
    )
    firm = pl.col("kind") != "natural_person"
    old = firm & (pl.col("founded") < _UNIFIED_CODES_FROM) & (pl.col("role") != "association")
    return frame.with_columns(
        uscc=pl.when(firm).then(pl.lit(uscc)),
        regno=pl.when(old).then(pl.lit(codes.regno(region, frame["id"], business))),
        person_id=codes.resident_id(frame["_person"]),
        phone=codes.phone(frame["_person"]),
    )


_LOCAL_TRADES = 12  # a number that one, two, three and four trades divide


def _trade(world: World, id: pl.Expr, place: pl.Expr) -> pl.Expr:
    """Half of the subjects are in a trade that their city is known for, the others in any."""
    any_trade = world.draw.weighted(id, "trade", {str(i): t.weight for i, t in enumerate(words.TRADES)})
    local: list[int] = []
    for county in world.counties:
        known = [i for i, trade in enumerate(words.TRADES) if county.city_name in trade.cities] or [0]
        local += [known[i % len(known)] for i in range(_LOCAL_TRADES)]
    at_home = pl.lit(pl.Series(local, dtype=pl.Int64)).gather(
        place * _LOCAL_TRADES + world.draw.below(id, "local trade", _LOCAL_TRADES)
    )
    return (
        pl.when(world.draw.chance(id, "known trade", 0.5)).then(at_home).otherwise(any_trade.cast(pl.Int64))
    )
