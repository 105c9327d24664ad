"""Accounts that draw personal data out of query services (非法采集个人信息): clauses 13d and 17e of the plan.

An account that looks up many natural persons, more an hour and a day than others of its purpose, at an even
pace, code after code, at night, often without a hit or a purpose, from many addresses. Accounts that split
a run of codes between them are found by how often one has the neighbour of what another has. A compliance
team in a campaign, an agency with a batch of firms and an auditor have some of this, not all: what others
of the same purpose do is the baseline.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import t as student

from chengxin.detection.declaring import Detector, Lead, Seen, Signal
from chengxin.detection.statistics.linkage import components
from chengxin.detection.statistics.settled import against_settled
from chengxin.detection.statistics.surprise import Numbers, as_score, tail, together
from chengxin.detection.traffic import query_habits
from chengxin.detection.traffic.query_habits import ACCOUNT
from chengxin.lake.reading import Lake

LEAST = 20
"""Persons that an account must have asked for: fewer is no collection."""

PEERS = 15
"""Accounts of a platform and purpose that make a baseline of their own; otherwise all of the platform, or
all.
"""

EACH = 4.0
"""The most that one side of it can say (one in ten thousand): real accounts differ more than any model
allows.
"""

IN_ORDER = 8.0
"""The most that the order of codes can say: honest work has no reason to follow it."""

HALF = 6.0

LIST = 0.25
"""What the order of codes says of an account that finds everybody it asks for: whoever counts codes up meets
many that nobody has, who works through a list of real persons (an enrolment, a payroll) hardly any.
"""

DOUBT = 3.0
"""Look-ups without a hit by which chance, or a market where hardly any fails, may hide who guesses."""

_UNEVEN = 0.5
_ALIKE = 0.02
"""How much the steps of one account are alike (intra-class correlation): a list may be of one town."""

_FREEDOM = 5
_LEAST_SPREAD = 0.3

SIGNALS = (
    Signal("persons_a_day", "volume", "每个工作日查询{value}个不同自然人，同类账号通常{baseline}个",
           "{value} different persons on each day it works; accounts like it {baseline}", shown="number"),
    Signal("persons_an_hour", "volume", "一小时内最多查询{value}个不同自然人，同类账号通常{baseline}个",
           "up to {value} different persons within an hour; accounts like it {baseline}", shown="number"),
    Signal("persons", "volume", "共查询{value}个不同自然人，同类账号通常{baseline}个",
           "{value} different persons in all; accounts like it {baseline}", shown="number"),
    Signal("natural", "who", "{value}的查询针对自然人，通常{baseline}",
           "{value} of its look-ups are of persons; usual {baseline}"),
    Signal("even", "rhythm", "两次查询的间隔几乎不变（变异系数{value}，通常{baseline}）",
           "looks up at an even pace (the gaps vary by {value} of their mean, usual {baseline})",
           shown="number"),
    Signal("in_turn", "order", "{value}的查询按号码顺序进行，凭巧合为{baseline}",
           "{value} of its look-ups follow the order of codes; by chance {baseline}"),
    Signal("run", "order", "所查号码中有{value}对相邻，凭巧合为{baseline}对",
           "{value} pairs of neighbours among its codes; by chance {baseline}", shown="number"),
    Signal("split_run", "order", "与其他账号所查号码有{value}对相邻，凭巧合为{baseline}对",
           "its codes and those of other accounts make {value} pairs of neighbours; by chance {baseline}",
           shown="number"),
    Signal("night", "night", "{value}的自然人查询在北京时间零时至六时，通常{baseline}",
           "{value} of its look-ups of persons between midnight and six in China; usual {baseline}"),
    Signal("not_found", "found", "{value}的自然人查询没有结果，通常{baseline}",
           "{value} of its look-ups of persons found nobody; usual {baseline}", ("queries.found",)),
    Signal("no_purpose", "purpose", "{value}的自然人查询未写明用途，通常{baseline}",
           "{value} of its look-ups of persons state no purpose; usual {baseline}", ("queries.purpose",)),
    Signal("copied_purpose", "purpose", "每百次查询只有{value}种用途说明，通常{baseline}种",
           "{value} different statements of purpose in a hundred look-ups; usual {baseline}",
           ("queries.purpose",), shown="number"),
    Signal("addresses", "network", "从{value}个网络地址查询，同类账号通常{baseline}个",
           "asks from {value} network addresses; accounts like it {baseline}",
           ("queries.ip",), shown="number"),
)  # fmt: skip
_SHARES = {"natural": "persons", "night": "night", "not_found": "not_found", "no_purpose": "no_purpose"}
"""Signals that are shares of look-ups, by the name of their test."""


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Accounts, each with the others of its ring."""
    pace = query_habits.pace(lake)
    if pace.is_empty():
        return []
    accounts = _peers(lake, pace, able)
    seen = {**_volumes(accounts), **_of_shares(lake, accounts), **_evenness(lake, accounts)}
    in_order, rings = _order(lake, accounts)
    seen |= in_order
    if "not_found" in able:
        guessing = _guessing(lake, accounts)
        for name in ("in_turn", "run", "split_run"):
            surprise, value, usual = seen[name]
            seen[name] = surprise * guessing, value, usual
    if "copied_purpose" in able:
        seen["copied_purpose"] = _copied(accounts)
    if "addresses" in able:
        joined = accounts.join(query_habits.addresses(lake), on=ACCOUNT, how="left", maintain_order="left")
        seen["addresses"] = _beside_peers(joined.with_columns(pl.col("ips").fill_null(0)), "ips")
    seen = {name: one for name, one in seen.items() if name in able}
    return _leads(accounts, seen, rings)


def _peers(lake: Lake, pace: pl.DataFrame, able: frozenset[str]) -> pl.DataFrame:
    """The accounts that asked for persons, with `peers`: those whom each is compared with."""
    accounts = pace.sort(ACCOUNT)
    if "copied_purpose" in able:
        accounts = accounts.join(query_habits.purposes(lake), on=ACCOUNT, how="left", maintain_order="left")
    else:
        accounts = accounts.with_columns(
            with_purpose=pl.lit(0), distinct=pl.lit(0), main=pl.lit(None, dtype=pl.String)
        )
    platform, purpose = pl.col("platform"), pl.col("main").fill_null("")
    same = pl.concat_str(platform, pl.lit("\x1f"), purpose)
    return accounts.with_columns(
        peers=pl.when((pl.len().over(same) >= PEERS) & (purpose != ""))
        .then(same)
        .when(pl.len().over(platform) >= PEERS)
        .then(platform)
        .otherwise(pl.lit("")),
        per_day=pl.col("persons") / pl.col("days"),
    )


Column = tuple[Numbers, Numbers, Numbers]
"""The surprise of each account, what was seen of it, and what is usual."""


def _beside_peers(accounts: pl.DataFrame, name: str, *, low: float | None = None) -> Column:
    """How far a quantity (> 0) stands out of those of the peers, on a logarithmic scale, by median and MAD.

    The middle of a group isn't moved by a few in it; a heavy-tailed law allows for honest heavy users. With
    `low` what is small is odd, and `low` is what chance alone would make of it, for where there is nobody
    to ask.
    """
    value = accounts[name].cast(pl.Float64).to_numpy()
    least = 1.0 if low is None else 0.05
    scale = np.log(np.maximum(value, 0) + least)
    surprise, usual = np.zeros(len(value)), np.zeros(len(value))
    groups = accounts["peers"].to_numpy()
    for group in np.unique(groups):
        here = groups == group
        # Whoever belongs to no group of his own is compared with everybody.
        among = here if group and here.sum() >= PEERS else np.ones(len(value), dtype=bool)
        middle = float(np.median(scale[among]))
        if low is not None and among.sum() < PEERS:
            middle = float(np.log(low + least))
        spread = max(1.4826 * float(np.median(np.abs(scale[among] - middle))), _LEAST_SPREAD)
        if among.sum() < PEERS:
            spread = _LEAST_SPREAD * 2
        far = (scale[here] - middle) / spread * (1 if low is None else -1)
        surprise[here] = np.where(far > 0, -np.log10(2 * student.sf(far, _FREEDOM)), 0.0)
        usual[here] = float(np.median(value[among]))
    return np.clip(surprise, 0, EACH), value, usual


def _volumes(accounts: pl.DataFrame) -> dict[str, Column]:
    names = {"persons_a_day": "per_day", "persons_an_hour": "peak", "persons": "persons"}
    return {signal: _beside_peers(accounts, name) for signal, name in names.items()}


def _of_shares(lake: Lake, accounts: pl.DataFrame) -> dict[str, Column]:
    counts = accounts.select(ACCOUNT).join(
        query_habits.shares(lake), on=ACCOUNT, how="left", maintain_order="left"
    )
    counts = counts.fill_null(0).with_columns(market=pl.col("platform"))
    found = {}
    for signal, test in _SHARES.items():
        one = against_settled(counts, entity=ACCOUNT, cell=["market"], hit=f"{test}_hit", of=f"{test}_of")
        joined = (
            accounts.select(ACCOUNT).join(one, on=ACCOUNT, how="left", maintain_order="left").fill_null(0.0)
        )
        surprise, value, usual = (joined[name].to_numpy() for name in ("surprise", "value", "baseline"))
        found[signal] = np.clip(surprise, 0, EACH), value, usual
    return found


def _guessing(lake: Lake, accounts: pl.DataFrame) -> Numbers:
    """From `LIST` to 1, how far an account asks for codes without knowing whose they are: whether it finds
    nobody as often as the middle of all accounts does."""
    counts = accounts.select(ACCOUNT).join(
        query_habits.shares(lake), on=ACCOUNT, how="left", maintain_order="left"
    )
    missed, asked = (
        counts[f"not_found_{of}"].fill_null(0).cast(pl.Float64).to_numpy() for of in ("hit", "of")
    )
    several = asked >= query_habits.TOGETHER
    if several.sum() < PEERS:
        return np.ones(len(asked))
    usual = float(np.median(missed[several] / asked[several]))
    return np.clip((missed + DOUBT) / (asked * usual + DOUBT), LIST, 1.0)


def _evenness(lake: Lake, accounts: pl.DataFrame) -> dict[str, Column]:
    """Even gaps, and codes taken in turn."""
    rows = accounts.join(query_habits.rhythm(lake), on=ACCOUNT, how="left", maintain_order="left")
    rows = rows.join(query_habits.codes(lake), on="platform", how="left", maintain_order="left").fill_null(0)
    gaps, total, squares = (
        rows[name].cast(pl.Float64).to_numpy() for name in ("gaps", "gap_sum", "gap_squares")
    )
    count = np.maximum(gaps, 1)
    mean = total / count
    varies = np.sqrt(np.maximum(squares / count - mean**2, 0)) / np.maximum(mean, 0.5)
    enough = gaps >= LEAST
    even = [np.zeros(len(gaps)), varies, np.zeros(len(gaps))]
    if enough.any():
        some = rows.filter(pl.Series(enough)).with_columns(varies=pl.Series(varies[enough]))
        surprise, _, usual = _beside_peers(some, "varies", low=1.0)
        # A gap that varies like chance (by its mean) is never even, whatever others do.
        even[0][enough] = np.where(varies[enough] < 0.5, np.maximum(surprise, 0), surprise * 0.25)
        even[2][enough] = usual
    return {"even": (even[0], even[1], even[2]), "in_turn": _in_turn(rows)}


def _in_turn(rows: pl.DataFrame) -> Column:
    """How many steps go to the neighbouring code, or to one close by, whichever is odder.

    Honest work may go through a sorted list: by chance, a step within it leads close by as often as another
    of the list stands there.
    """
    steps, persons, codes = (rows[name].cast(pl.Float64).to_numpy() for name in ("steps", "persons", "codes"))
    best: Column = np.zeros(len(steps)), np.zeros(len(steps)), np.zeros(len(steps))
    for name, reach in (("next", 1), ("close", query_habits.CLOSE)):
        turns = rows[name].cast(pl.Float64).to_numpy()
        chance = 1 - np.exp(-2 * reach * persons / np.maximum(codes, 1))
        even = steps * chance * (1 - chance)
        surprise = tail(turns, steps * chance, even * (1 + np.maximum(steps - 1, 0) * _ALIKE))
        # Two ways of looking: the better of them is half as surprising.
        surprise = np.where(turns >= query_habits.TOGETHER, np.clip(surprise - np.log10(2), 0, IN_ORDER), 0.0)
        better = surprise > best[0]
        share = turns / np.maximum(steps, 1)
        best = (
            np.where(better, surprise, best[0]),
            np.where(better, share, best[1]),
            np.where(better, chance, best[2]),
        )  # fmt: skip
    return best


def _order(lake: Lake, accounts: pl.DataFrame) -> tuple[dict[str, Column], dict[tuple[str, str], str]]:
    """Neighbouring codes within an account, and between accounts; the rings of those that share a run."""
    met = query_habits.neighbours(lake, accounts.filter(pl.col("persons") >= LEAST))
    size = accounts.select("platform", "account_id", "persons")
    met = (
        met.join(query_habits.codes(lake), on="platform")
        .join(size.rename({"account_id": "one", "persons": "of_one"}), on=["platform", "one"])
        .join(size.rename({"account_id": "other", "persons": "of_other"}), on=["platform", "other"])
        .with_columns(same=pl.col("one") == pl.col("other"))
        .with_columns(
            expected=pl.col("of_one")
            * pl.col("of_other")
            * pl.when("same").then(1).otherwise(2)
            / pl.col("codes")
        )
    )
    between = met.filter(~pl.col("same"))
    beyond = pl.Series(_beyond(between["pairs"].cast(pl.Float64).to_numpy(), between["expected"].to_numpy()))
    between = between.filter(beyond >= EACH).sort("platform", "one", "other")
    ends = [
        between.select("platform", pl.col(one).alias("account_id"), "pairs", "expected")
        for one in ("one", "other")
    ]
    own = met.filter("same").select("platform", pl.col("one").alias("account_id"), "pairs", "expected")
    edges = [
        (f"{of}\x1f{one}", f"{of}\x1f{two}")
        for of, one, two in between.select("platform", "one", "other").iter_rows()
    ]
    rings: dict[tuple[str, str], str] = {}
    for members in components(edges):
        for member in members:
            platform, account = member.split("\x1f", 1)
            rings[platform, account] = members[0].replace("\x1f", "/")
    return {"run": _runs(accounts, own), "split_run": _runs(accounts, pl.concat(ends))}, rings


def _beyond(value: Numbers, expected: Numbers) -> Numbers:
    """How far a number of neighbours is beyond chance; honest work clusters a little, whence the variance."""
    return np.clip(tail(value, expected, expected + _UNEVEN * expected**2), 0, IN_ORDER)


def _runs(accounts: pl.DataFrame, pairs: pl.DataFrame) -> Column:
    whole = pairs.group_by(ACCOUNT).agg(pl.col("pairs").sum(), pl.col("expected").sort().sum())
    joined = accounts.select(ACCOUNT).join(whole, on=ACCOUNT, how="left", maintain_order="left").fill_null(0)
    value, expected = (joined[name].cast(pl.Float64).to_numpy() for name in ("pairs", "expected"))
    return _beyond(value, expected), value, expected


def _copied(accounts: pl.DataFrame) -> Column:
    """Few different statements of purpose, where others write one for each look-up."""
    stated = accounts["with_purpose"].fill_null(0).cast(pl.Float64).to_numpy()
    distinct = accounts["distinct"].fill_null(0).cast(pl.Float64).to_numpy()
    share = distinct / np.maximum(stated, 1)
    enough = stated >= LEAST
    usual = float(np.median(share[enough])) if enough.sum() >= PEERS else 0.0
    # Where a purpose is chosen from a list, everybody's is the same: nothing follows.
    surprise = np.where(enough & (usual >= 0.3), np.log2(np.maximum(usual / np.maximum(share, 1e-3), 1)), 0.0)
    return np.clip(surprise, 0, EACH), 100 * share, np.full(len(share), 100 * usual)


def _leads(accounts: pl.DataFrame, seen: dict[str, Column], rings: dict[tuple[str, str], str]) -> list[Lead]:
    kinds = {signal.name: signal.kind for signal in SIGNALS}
    by_name = {signal.name: signal for signal in SIGNALS}
    surprises = pl.DataFrame({name: column[0] for name, column in seen.items()})
    total = together(surprises, kinds, {signal.name: signal.weight for signal in SIGNALS}).to_numpy()
    persons = accounts["persons"].cast(pl.Float64).to_numpy()
    # A collection is of many: what is odd about the look-ups of a few says little.
    evidence = np.where(persons >= LEAST, total * persons / (persons + LEAST), 0.0)
    score = np.round(as_score(evidence, HALF), 6)
    members: dict[str, list[str]] = {}
    for (_, account), named in sorted(rings.items()):
        members.setdefault(named, []).append(account)
    leads = []
    for row, (platform, account, first, last) in enumerate(
        accounts.select(*ACCOUNT, "first", "last").iter_rows()
    ):
        shown = sorted(
            (name for name in seen if seen[name][0][row] >= 1), key=lambda name: (-seen[name][0][row], name)
        )
        if not shown or score[row] <= 0 or evidence[row] < 1:
            continue
        signals: list[Seen] = [by_name[name].seen(seen[name][1][row], seen[name][2][row]) for name in shown]
        ring = rings.get((platform, account))
        others = [one for one in members.get(ring or "", ()) if one != account]
        leads.append(
            Lead(
                "data_scraping", "account", account, platform, float(score[row]), (first, last),
                tuple(signals), accounts=(account, *others), ring=ring,
            )
        )  # fmt: skip
    return leads


DETECTOR = Detector(
    name="data_scraping",
    zh="批量采集个人信息",
    en="bulk collection of personal data",
    obligations=("13d", "17e"),
    entities=("account",),
    needs=("queries",),
    signals=SIGNALS,
    find=find,
)
