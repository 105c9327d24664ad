"""How accounts look up natural persons: how many, how fast, how evenly, in which order, from where.

All per account (platform, account_id). The order of codes is judged by their places in the sorted list of
all codes that anybody looked up on the platform (by length, then letter by letter): where codes are opaque,
the places are random and neighbours are rare; nothing has to be known of how codes are made.
"""

from __future__ import annotations

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.clock import HOUR, day_number, hour_of_day
from chengxin.detection.statistics.shares import Test, counted
from chengxin.lake.reading import Lake

ACCOUNT = ["platform", "account_id"]
NIGHT_ENDS = 6
"""Night is from midnight to six in China."""

CLOSE = 5
"""Places by which a code may follow the one before and still be next in turn: some are skipped."""

FEW_HOLDERS = 5
"""Accounts that look up the same person; whom more look up tells nothing of who works together."""

TOGETHER = 5
"""Neighbouring codes that two accounts must have between them before they are looked at together."""


def rows(lake: Lake) -> ir.Table:
    """The look-ups that say who asked for whom and when; a missing platform is an empty one."""
    queries = lake.table("queries")
    known = queries.filter(
        queries.account_id.notnull() & queries.subject_id.notnull() & queries["at"].notnull()
    )
    return known.mutate(platform=known.platform.fill_null(""))


def natural(lake: Lake) -> ir.Table:
    """Those of natural persons."""
    every = rows(lake)
    return every.filter(every.subject_kind == "natural")


def shares(lake: Lake) -> pl.DataFrame:
    """For each account the counts `<test>_hit`, `<test>_of` of look-ups: of persons, and of persons at
    night, not found, without purpose.
    """
    return lake.reckoned("look_up_shares", lambda: _shares(lake))


def _shares(lake: Lake) -> pl.DataFrame:
    every = rows(lake)
    person = every.subject_kind == "natural"
    hour = hour_of_day(every["at"])
    tests = {
        "persons": Test(person, every.subject_kind.notnull()),
        "night": Test(hour < NIGHT_ENDS, person),
        "not_found": Test(~every.found, person & every.found.notnull()),
        "no_purpose": Test(every.purpose.isnull(), person),
    }
    return counted(lake, every, ACCOUNT, tests)


def asked(lake: Lake) -> ir.Table:
    """Whom an account asked for: platform, account_id, subject_id, first_at; one row each."""

    def made() -> ir.Table:
        known = natural(lake)
        return known.group_by([*ACCOUNT, "subject_id"]).aggregate(first_at=known["at"].min())

    return lake.kept("persons_asked", made)


def pace(lake: Lake) -> pl.DataFrame:
    """For each account: persons, days (on which it asked for a new one), peak (new persons in one hour),
    first, last.
    """
    known = asked(lake)
    known = known.mutate(hour=(known.first_at / HOUR).floor().cast("int64"))
    hours = known.group_by([*ACCOUNT, "hour"]).aggregate(
        persons=known.count(), first=known.first_at.min(), last=known.first_at.max()
    )
    hours = hours.mutate(day=day_number(hours.hour * HOUR))
    days = hours.group_by([*ACCOUNT, "day"]).aggregate(
        persons=hours.persons.sum(),
        peak=hours.persons.max(),
        first=hours["first"].min(),
        last=hours["last"].max(),
    )
    return lake.rows(
        days.group_by(ACCOUNT).aggregate(
            persons=days.persons.sum(), days=days.count(), peak=days.peak.max(), first=days["first"].min(),
            last=days["last"].max(),
        )
    )  # fmt: skip


def placed(lake: Lake) -> ir.Table:
    """`asked`, with the place of the person's code among all of the platform."""

    def made() -> ir.Table:
        known = asked(lake)
        codes = known.group_by(["platform", "subject_id"]).aggregate(holders=known.count())
        turn = ibis.window(group_by=codes.platform, order_by=[codes.subject_id.length(), codes.subject_id])
        codes = codes.mutate(place=ibis.row_number().over(turn).cast("int64"))
        return known.join(codes, ["platform", "subject_id"]).select(
            *ACCOUNT, "subject_id", "first_at", "holders", "place"
        )

    return lake.kept("persons_placed", made)


def rhythm(lake: Lake) -> pl.DataFrame:
    """For each account with two or more persons: gaps (between new persons, of an hour at most) with their
    sum and sum of squares; steps (from one to the next) next (those to the
    neighbouring code) and close (to one close by).
    """
    known = placed(lake)
    turn = ibis.window(group_by=ACCOUNT, order_by=["first_at", "place"])
    steps = known.select(
        *ACCOUNT,
        gap=known.first_at - known.first_at.lag().over(turn),
        step=(known.place - known.place.lag().over(turn)).abs(),
    )
    steps = steps.filter(steps.gap.notnull())
    short = steps.gap <= HOUR
    return lake.rows(
        steps.group_by(ACCOUNT).aggregate(
            gaps=short.sum().cast("int64"),
            gap_sum=short.ifelse(steps.gap, 0).sum().cast("int64"),
            gap_squares=short.ifelse(steps.gap * steps.gap, 0).sum().cast("int64"),
            steps=steps.count(),
            next=(steps.step <= 1).sum().cast("int64"),
            close=(steps.step <= CLOSE).sum().cast("int64"),
        )
    )


def codes(lake: Lake) -> pl.DataFrame:
    """How many codes were looked up on each platform: platform, codes."""
    known = placed(lake)
    return lake.rows(known.group_by("platform").aggregate(codes=known.place.max()))


def neighbours(lake: Lake, large: pl.DataFrame) -> pl.DataFrame:
    """How many neighbouring codes two accounts have between them: platform, one, other, pairs; one < other,
    or the same account.

    Only accounts in `large` (platform, account_id), and persons whom few looked up.
    """
    some = lake.given(large.select(ACCOUNT).cast(pl.String), "large_askers")
    known = placed(lake)
    known = known.filter(known.holders <= FEW_HOLDERS).semi_join(some, ACCOUNT)
    left = known.select("platform", "place", one=known.account_id)
    right = known.select("platform", place=known.place - 1, other=known.account_id)
    met = left.join(right, ["platform", "place"])
    met = met.select(
        "platform", first=ibis.least(met.one, met.other), second=ibis.greatest(met.one, met.other)
    )
    pairs = met.group_by(["platform", "first", "second"]).aggregate(pairs=met.count())
    return lake.rows(pairs.filter(pairs.pairs >= TOGETHER).rename(one="first", other="second"))


def purposes(lake: Lake) -> pl.DataFrame:
    """For each account: with_purpose (look-ups of persons that state one), distinct (different ones), main
    (the most stated).
    """
    known = natural(lake)
    known = known.filter(known.purpose.notnull())
    each = lake.rows(known.group_by([*ACCOUNT, "purpose"]).aggregate(stated=known.count()))
    return (
        each.sort("stated", "purpose", descending=[True, False])
        .group_by(ACCOUNT, maintain_order=True)
        .agg(
            with_purpose=pl.col("stated").sum(),
            distinct=pl.len().cast(pl.Int64),
            main=pl.col("purpose").first(),
        )
    )


def addresses(lake: Lake) -> pl.DataFrame:
    """For each account: ips, from how many network addresses it asked for persons."""
    known = natural(lake)
    known = known.filter(known.ip.notnull())
    each = known.select(*ACCOUNT, "ip").distinct()
    return lake.rows(each.group_by(ACCOUNT).aggregate(ips=each.count()))
