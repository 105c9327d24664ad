"""Sites and shops that pass for certified ones (仿冒可信网站): clauses 4.3 and 17a of the plan.

A domain or a shop's name is laid beside every certified mark: letters that look alike (Unicode Technical
Standard #39), misspellings as typosquatters choose them (Moore and Edelman, Financial Cryptography 2010),
the mark with something beside it (official, 旗舰店), another suffix, the mark below another's domain,
characters that look or sound alike. What a likeness says is weighed by how likely it is by chance among all
the names in the lake: short names and common words say little. Whoever holds a mark is never asked, nor a
shop whose domain is its own name.
"""

from __future__ import annotations

from dataclasses import replace
from math import log2

import polars as pl

from chengxin.detection.declaring import Detector, Lead, Seen, Signal
from chengxin.detection.names import sites
from chengxin.detection.names.held_against import HeldAgainst, rests_of
from chengxin.detection.names.likenesses import Like, common_endings
from chengxin.detection.names.marks import marks_of, of_names, of_sites
from chengxin.detection.names.naming import odds
from chengxin.detection.names.shop_names import core
from chengxin.detection.names.youth import Youth, youth
from chengxin.lake.reading import Lake

RARE = log2(200)
"""Bits against an imitation before anything is known: below one in a hundred (red_flags.md), half of that."""

FAINTEST = -12.0
"""Bits of doubt beyond which nothing is listed."""

ALONE = 0.9
"""The most that one witness can say; a domain and a name that point at the same mark are two."""

_CHANCE_ZH = "凭巧合，这样相像的名称在全部数据中预计有{baseline}个，实有{value}个"
_CHANCE_EN = "{baseline} names so like it are to be expected by chance in these data, {value} are there"


def _signal(name: str, kind: str, zh: str, en: str, needs: tuple[str, ...]) -> Signal:
    return Signal(name, kind, f"{zh}：{_CHANCE_ZH}", f"{en}: {_CHANCE_EN}", needs, shown="plain")


_SITE, _SHOP = ("marks.domain",), ("marks", "sellers.shop_name")

SIGNALS = (
    _signal("site_confusable", "site", "域名与“〈mark〉”用形近字符写成，看起来相同",
            "the domain is written with letters that look like those of “〈mark〉”", _SITE),
    _signal("site_misspelt", "site", "域名与“〈mark〉”只差一处（漏写、重写、换位、邻键）",
            "the domain is “〈mark〉” with one slip (left out, doubled, swapped, next key)", _SITE),
    _signal("site_hyphenated", "site", "域名与“〈mark〉”只差连字符",
            "the domain is “〈mark〉” but for a hyphen", _SITE),
    _signal("site_combined", "site", "域名在“〈mark〉”之外加了字样",
            "the domain is “〈mark〉” with something added", _SITE),
    _signal("site_suffix", "site", "域名与“〈mark〉”相同，仅后缀不同",
            "the domain is “〈mark〉” under another suffix", _SITE),
    _signal("site_below", "site", "“〈mark〉”被用作他人域名的下级",
            "“〈mark〉” stands below somebody else's domain", _SITE),
    _signal("shop_same", "shop", "店名的主要部分与“〈mark〉”相同",
            "the shop bears the name “〈mark〉”", _SHOP),
    _signal("shop_confusable", "shop", "店名与“〈mark〉”用形近字写成",
            "the shop's name looks like “〈mark〉”", _SHOP),
    _signal("shop_homophone", "shop", "店名与“〈mark〉”读音相同",
            "the shop's name sounds like “〈mark〉”", _SHOP),
    _signal("shop_misspelt", "shop", "店名与“〈mark〉”只差一字",
            "the shop's name is “〈mark〉” but for one character", _SHOP),
    _signal("shop_combined", "shop", "店名包含“〈mark〉”",
            "the shop's name holds “〈mark〉”", _SHOP),
)  # fmt: skip
_BY_NAME = {signal.name: signal for signal in SIGNALS}


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Domains (by the platform that reports them) and sellers."""
    shops = sites.sellers(lake)
    endings = common_endings([core(name) for name in shops["shop_name"].drop_nulls().unique()])
    marks = marks_of(lake, endings)
    if not marks:
        return []
    uses = sites.uses(lake, shops)
    choice = log2(len({mark.shown for mark in marks}))
    owned: dict[str, set[str]] = {}
    for mark in marks:
        if mark.owner:
            owned.setdefault(mark.owner, set()).update(mark.names)
    names = of_names(marks, shops, endings)
    found = HeldAgainst(owned, of_sites(marks, uses), names, able, choice, rests_of(uses))
    young = youth(shops)
    return [*_domains(found, uses, young), *_sellers(found, shops, uses, young)]


def _domains(found: HeldAgainst, uses: pl.DataFrame, young: Youth) -> list[Lead]:
    leads = []
    for (platform, written), rows in uses.group_by("platform", "written", maintain_order=True):
        subjects = set(rows["subject_code"].drop_nulls())
        if str(written) not in found.sites:
            continue
        each = [found.of(str(written), name, subjects) for name in rows["shop_name"].unique().sort()]
        opened = sorted(moment for moment in rows["opened_at"] if moment is not None)
        lead = _lead("domain", each, found, young.bits(opened[0] if opened else None))
        if lead:
            opened = opened or [0]
            accounts = tuple(rows["seller_id"].drop_nulls().unique().sort())
            leads.append(
                replace(
                    lead,
                    entity_id=str(written),
                    platform=str(platform or ""),
                    accounts=accounts,
                    window=(opened[0], opened[-1]),
                )
            )
    return leads


def _sellers(found: HeldAgainst, shops: pl.DataFrame, uses: pl.DataFrame, young: Youth) -> list[Lead]:
    shown: dict[tuple[object, object], list[str]] = {}
    for platform, seller, written in uses.select("platform", "seller_id", "written").iter_rows():
        shown.setdefault((platform, seller), []).append(written)
    leads = []
    for platform, seller, subject, name, opened in shops.select(
        "platform", "seller_id", "subject_code", "shop_name", "opened_at"
    ).iter_rows():
        each = [found.of(written, name, {subject}) for written in shown.get((platform, seller), (None,))]
        lead = _lead("seller", each, found, young.bits(opened))
        if lead:
            leads.append(
                replace(
                    lead,
                    entity_id=seller,
                    platform=platform or "",
                    accounts=(seller,),
                    window=(opened or 0, opened or 0),
                )
            )
    return leads


def _lead(entity: str, each: list[list[Like]], found: HeldAgainst, age: float) -> Lead | None:
    """The lead about the mark that most speaks for; `each` are likenesses that are seen together; whom it
    is about is the caller's to say, and what its `age` says (bits).
    """
    choice = found.choice
    best: tuple[float, list[Like]] | None = None
    by_mark: dict[str, dict[str, Like]] = {}
    for like in (like for some in each for like in some):
        strongest = by_mark.setdefault(like.mark.shown, {})
        kind = _BY_NAME[like.way].kind
        if kind not in strongest or (like.bits, like.way) > (strongest[kind].bits, strongest[kind].way):
            strongest[kind] = like
    for _, strongest in sorted(by_mark.items()):
        witnesses = [like for _, like in sorted(strongest.items()) if like.bits > -choice]
        # The mark is chosen once, however many witnesses point at it.
        bits = sum(like.bits for like in witnesses) + choice * (len(witnesses) - 1) + age - RARE
        if witnesses and (best is None or bits > best[0]):
            best = bits, witnesses
    if best is None or best[0] < FAINTEST:
        return None
    score = odds(best[0]) * (1.0 if len(best[1]) > 1 else ALONE)
    size = len(found.shops) if entity == "seller" else len(found.sites)
    seen = tuple(_seen(like, size) for like in best[1])
    return Lead("look_alikes", entity, "", "", score, (0, 0), seen)


def _seen(like: Like, size: int) -> Seen:
    """The signal that names the mark; its baseline is how many so like any mark are due to chance."""
    signal = _BY_NAME[like.way]
    shown = like.mark.title if signal.kind == "shop" else like.mark.shown
    shown = shown.replace("{", "{{").replace("}", "}}")
    named = replace(signal, zh=signal.zh.replace("〈mark〉", shown), en=signal.en.replace("〈mark〉", shown))
    return named.seen(1.0, float(f"{size * 2.0 ** -max(like.bits, 0):.2g}"))


DETECTOR = Detector(
    name="look_alikes",
    zh="仿冒可信网站与店铺",
    en="look-alikes of certified sites and shops",
    obligations=("4.3d", "17a"),
    entities=("domain", "seller"),
    needs=("marks",),
    signals=SIGNALS,
    find=find,
)
