"""Realistic kinds of e-commerce offence (data/offences.toml) and how a penalty decision reads."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from chengxin.demo import words
from chengxin.demo.draws import Draw, gather
from chengxin.demo.words import DATA_FOLDER

_SEVERE = 0.07
_SEVERE_KINDS = ("罚款;吊销许可证件", "罚款;没收违法所得;责令停产停业", "罚款;限制开展生产经营活动")
_BRIEF = "网店“{shop}”销售{goods}{count}单，涉及金额{amount}元"
_OPEN_ENDED = date(2099, 12, 31)


@dataclass(frozen=True)
class Offence:
    """A kind of offence; see the file's head. `basis`: text and the first day on which it no longer holds."""

    id: str
    authority: str
    weight: int
    since: date
    conduct: str
    facts: tuple[str, ...]
    basis: tuple[tuple[str, date], ...]
    kinds: tuple[str, ...]
    fine: tuple[float, float]


@lru_cache(maxsize=1)
def offences() -> tuple[Offence, ...]:
    """Every kind of offence, in the order of the file."""
    tables = tomllib.loads((DATA_FOLDER / "offences.toml").read_text(encoding="utf-8"))["offence"]
    return tuple(
        Offence(
            id=table["id"],
            authority=table["authority"],
            weight=table["weight"],
            since=table.get("since", date.min),
            conduct=table["conduct"],
            facts=tuple(table["facts"]),
            basis=tuple((one["text"], one.get("until", _OPEN_ENDED)) for one in table["basis"]),
            kinds=tuple(table["kinds"]),
            fine=(table["fine"][0], table["fine"][1]),
        )
        for table in tables
    )


def committed(draw: Draw, frame: pl.DataFrame, authority: str, *, brief: bool = False) -> pl.DataFrame:
    """Add what was done and what it cost to a frame with key, on, shop and subject columns.

    authority: whose offences (market, platform, post); brief: facts, basis and content in a line, as in bulk
    exports. Adds conduct, facts, basis, kinds, severe (bool), fine, confiscated (hundredths of 万元, null
    where there is none), content.
    """
    known = [one for one in offences() if one.authority == authority]
    always = next(place for place, one in enumerate(known) if one.since == date.min)
    positions = [str(place) for place, one in enumerate(known) for _ in range(one.weight)]
    key, on, which = pl.col("key"), pl.col("on"), pl.col("_offence")
    drawn = draw.pick(key, "offence", positions).cast(pl.Int64)
    begun = pl.lit(pl.Series([one.since for one in known], dtype=pl.Date))
    frame = frame.with_columns(_drawn=drawn)
    frame = frame.with_columns(
        _offence=pl.when(begun.gather(pl.col("_drawn")) <= on).then(pl.col("_drawn")).otherwise(always),
        severe=draw.chance(key, "severe", _SEVERE),
    )
    frame = frame.with_columns(
        conduct=gather([one.conduct for one in known], which),
        basis=_basis(known).str.replace("；.*$", "") if brief else _basis(known),
        kinds=pl.when("severe")
        .then(draw.pick(key, "severe kinds", _SEVERE_KINDS))
        .otherwise(_of_offence(draw, [one.kinds for one in known], "kinds")),
        facts=pl.lit(_BRIEF) if brief else _of_offence(draw, [one.facts for one in known], "facts"),
        _low=pl.lit(pl.Series([one.fine[0] for one in known])).gather(which),
        _high=pl.lit(pl.Series([one.fine[1] for one in known])).gather(which),
    )
    frame = _priced(draw, _told(draw, frame)).with_columns(content=content(brief=brief))
    return frame.select(pl.exclude("^_.*$"))


def _of_offence(draw: Draw, lists: list[tuple[str, ...]], stream: str) -> pl.Expr:
    """One of the texts of each row's offence."""
    longest = max(len(one) for one in lists)
    flat = [one[place % len(one)] for one in lists for place in range(longest)]
    return gather(flat, pl.col("_offence") * longest + draw.below(pl.col("key"), stream, longest))


def _basis(known: list[Offence]) -> pl.Expr:
    """The basis in force on the day of the decision."""
    first = [one.basis[0][0] for one in known]
    last = [one.basis[-1][0] for one in known]
    until = pl.lit(pl.Series([one.basis[0][1] for one in known], dtype=pl.Date))
    which = pl.col("_offence")
    return (
        pl.when(pl.col("on") < until.gather(which)).then(gather(first, which)).otherwise(gather(last, which))
    )


def _told(draw: Draw, frame: pl.DataFrame) -> pl.DataFrame:
    """The facts with the case's own names and figures."""
    key = pl.col("key")
    count = 3 + (draw.unit(key, "count") ** 4 * 3000).cast(pl.Int64)
    frame = frame.with_columns(
        _count=count, _start=pl.col("on") - pl.duration(days=draw.below(key, "start", 240) + 60)
    )
    frame = frame.with_columns(_amount=pl.col("_count") * (draw.below(key, "price", 260) + 19))
    values = {
        "{name}": pl.col("name"),
        "{platform}": pl.col("platform_brand"),
        "{shop}": pl.col("shop"),
        "{goods}": pl.col("goods"),
        "{count}": pl.col("_count").cast(pl.String),
        "{amount}": pl.col("_amount").cast(pl.String),
        "{start}": pl.col("_start").dt.strftime("%Y年%-m月%-d日"),
    }
    facts = pl.col("facts")
    for place, value in values.items():
        facts = facts.str.replace(place, value, literal=True)
    return frame.with_columns(facts=facts)


def _priced(draw: Draw, frame: pl.DataFrame) -> pl.DataFrame:
    """The sums, skewed to the low end, and the decision's wording."""
    key, kinds = pl.col("key"), pl.col("kinds")
    # Only who holds a food licence can lose it.
    licensed = gather([trade.licence for trade in words.TRADES], pl.col("trade")) == "食品经营许可证"
    frame = frame.with_columns(
        kinds=pl.when(licensed)
        .then(kinds)
        .otherwise(kinds.str.replace("吊销许可证件", "责令停产停业", literal=True))
    )
    span = pl.col("_high") - pl.col("_low")
    size = pl.col("_count").clip(0, 3000) / 3000
    usual = draw.unit(key, "fine") ** 3 * 0.6 + size * 0.4
    weight = pl.when("severe").then(0.5 + draw.unit(key, "fine") / 2).otherwise(usual)
    fine = ((pl.col("_low") + span * weight) * 10).round(0).cast(pl.Int64) * 10
    gain = (pl.col("_amount") * 3 // 1000).clip(1)  # about a third of the turnover, at least 100 yuan
    return frame.with_columns(
        fine=pl.when(kinds.str.contains("罚款", literal=True)).then(fine),
        confiscated=pl.when(kinds.str.contains("没收", literal=True)).then(gain),
    )


def content(*, brief: bool = False) -> pl.Expr:
    """What the decision orders, from kinds, fine and confiscated."""
    kinds = pl.col("kinds")

    def part(word: str, text: pl.Expr) -> pl.Expr:
        return pl.when(kinds.str.contains(word, literal=True)).then(text).otherwise(pl.lit(""))

    return pl.concat_str(
        [
            pl.lit("" if brief else "责令改正违法行为"),
            part("警告", pl.lit("；给予警告")),
            part("罚款", pl.concat_str([pl.lit("；罚款人民币"), money("fine"), pl.lit("万元")])),
            part(
                "没收",
                pl.concat_str(
                    [pl.lit("；没收违法所得或非法财物，计人民币"), money("confiscated"), pl.lit("万元")]
                ),
            ),
            part("吊销", pl.lit("；吊销许可证件")),
            part("停产", pl.lit("；责令停产停业")),
            part("限制开展", pl.lit("；限制开展网络经营活动六个月")),
        ],
        ignore_nulls=True,
    ).str.strip_chars_start("；")


def money(column: str) -> pl.Expr:
    """Hundredths as they are spoken of: 20 and 1.5, not 20.00 and 1.50."""
    return decimal(pl.col(column), 2).str.replace(r"\.?0+$", "")


def decimal(hundredths: pl.Expr, scale: int) -> pl.Expr:
    """Hundredths as a decimal text with so many digits behind the point (at least two)."""
    rest = (hundredths % 100).cast(pl.String).str.zfill(2)
    return pl.concat_str([(hundredths // 100).cast(pl.String), pl.lit("."), rest, pl.lit("0" * (scale - 2))])
