"""The certified marks, and which sites and shops' names in the lake are like them, beside what their writing
adds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from functools import cache
from math import log2

import polars as pl

from chengxin.detection.names import imitation, sites
from chengxin.detection.names.confusables import in_one_script
from chengxin.detection.names.domains import Domain, split
from chengxin.detection.names.likenesses import CHARACTERS, LETTERS, Like, Mark, to_marks
from chengxin.detection.names.shop_names import claims, core, forms, tidy
from chengxin.lake.reading import Lake

CLAIMED = 0.5
"""The share of imitations that call themselves official, flagship and the like: we take half."""

DELIBERATE = 6.0
"""Bits of a host that holds a mark's whole domain with its suffix, and of letters of two scripts in one name:
who does so means to be taken for another (a guess of ours: of 64 that are so like, one is by accident). How
many hosts hold a whole domain that is no mark's corrects the first.
"""

_SITE_WAYS = {
    "confusable": "confusable", "suffix": "suffix", "combined": "combined", "held": "combined",
    "hyphenated": "hyphenated",
}  # fmt: skip
_SHOP_WAYS = {"same": "same", "confusable": "confusable", "homophone": "homophone", "held": "combined"}


def marks_of(lake: Lake, endings: frozenset[str]) -> list[Mark]:
    """The certified marks of the lake; `endings` are words of trades that shops' names end with."""
    rows = lake.rows(lake.table("marks").select("domain", "shop_name", "subject_code").distinct())
    given = list(rows.sort(rows.columns, nulls_last=True).iter_rows())
    found = []
    for domain, shop, owner in given:
        parts = split(domain) if domain else None
        names = set(_forms(shop, endings)) if shop else set()
        if parts and len(parts.label) >= 4:
            names.add(parts.label)
        shown = domain or shop
        if shown:
            kept = tuple(sorted(name for name in names if len(name) >= 2))
            found.append(Mark(owner, shown, shop or domain, parts, kept))
    return found


def of_sites(marks: list[Mark], uses: pl.DataFrame) -> dict[str, list[Like]]:
    """The likenesses of each domain as written, to every mark that it resembles; `uses` are `sites.uses`."""
    protected = [(mark.domain.label, mark) for mark in marks if mark.domain]
    certified = {mark.domain.registered for mark in marks if mark.domain}
    domains = {written: parts for written in uses["written"].unique() if (parts := split(written))}
    shared = Counter(parts.registered for parts in domains.values())
    labels: dict[str, set[tuple[str, bool]]] = {}
    owners: dict[str, set[str]] = {}
    bearers = _bearers(uses, "written")
    for written, parts in sorted(domains.items()):
        own = [(parts.label, False)] if shared[parts.registered] < sites.MARKET else []
        for label, below in (*own, *((under, True) for under in parts.under)):
            owners.setdefault(label, set()).update(bearers[written])
            if parts.registered not in certified:
                labels.setdefault(label, set()).add((written, below))
    likes = to_marks(
        owners, protected, pairs=imitation.pairs_of_labels, compare=imitation.label_likeness,
        signal=lambda way: f"site_{_SITE_WAYS.get(way, 'misspelt')}", alphabet=LETTERS,
    )  # fmt: skip
    whole = _whole_below(domains.values(), certified)
    found: dict[str, list[Like]] = {}
    for label, some in likes.items():
        for written, below in sorted(labels.get(label, ())):
            shown = (_shown_as(domains[written], like, below, whole) for like in some)
            found.setdefault(written, []).extend(shown)
    return found


def _whole_below(domains: Collection[Domain], certified: set[str]) -> float:
    """The bits of holding somebody's whole domain below one's own, by how many hold one that is no mark's."""
    held = (split(".".join(parts.under)) for parts in domains if len(parts.under) > 1)
    others = sum(parts is not None and parts.registered not in certified for parts in held)
    return max(log2((len(domains) + 2**DELIBERATE) / (others + 1)), 0.0)


def _shown_as(parts: Domain, like: Like, below: bool, whole: float) -> Like:
    """A likeness of a part of a domain, with what the whole domain adds; `whole`: what it adds that the
    mark's suffix stands there, too."""
    mark, bits = like.mark.domain, like.bits
    if below and mark is not None and f".{mark.registered}." in f".{parts.host}.":
        bits += whole
    elif like.way == "site_confusable" and not in_one_script(parts.label):
        bits += DELIBERATE
    return replace(like, way="site_below" if below else like.way, bits=bits)


def _forms(name: str, endings: frozenset[str]) -> list[str]:
    """What a shop's name may be taken for: its core, that with the region, and both without the trade."""
    whole = forms(name)
    short = {one[:-2] for one in whole if len(one) >= 4 and one[-2:] in endings}
    return sorted({*whole, *short})


def of_names(marks: list[Mark], shops: pl.DataFrame, endings: frozenset[str]) -> dict[str, list[Like]]:
    """The likenesses of each shop's name as written; `shops` are `sites.sellers`."""
    bearers = _bearers(shops.filter(pl.col("shop_name").is_not_null()), "shop_name")
    owners: dict[str, set[str]] = {}
    for written, who in bearers.items():
        for form in _forms(written, endings):
            owners.setdefault(form, set()).update(who)
    likes = to_marks(
        owners, [(name, mark) for mark in marks for name in mark.names], pairs=imitation.pairs_of_names,
        compare=imitation.name_likeness, signal=lambda way: f"shop_{_SHOP_WAYS.get(way, 'misspelt')}",
        alphabet=CHARACTERS,
    )  # fmt: skip
    claiming = {written for written in bearers if claims("shop", tidy(written))}
    # Who passes for another says so in the name; what that tells depends on how many say it.
    more = max(log2(CLAIMED * len(bearers) / (len(claiming) + 1)), 0.0) if bearers else 0.0
    dresses = Counter(_dress(written) for written in bearers)

    def said(written: str, like: Like) -> float:
        """What the rest of the name adds: a claim, and the very words that stand beside the mark's name."""
        rare = (
            log2(len(bearers) / dresses[_dress(like.mark.title)]) if dresses[_dress(like.mark.title)] else 0.0
        )
        alike = _dress(written).startswith(_dress(like.mark.title))
        return more * (written in claiming) + (max(rare - 1, 0.0) if alike else 0.0)

    return {
        written: [replace(like, bits=like.bits + said(written, like)) for like in some]
        for written in bearers
        if (some := [like for form in _forms(written, endings) for like in likes.get(form, ())])
    }


@cache
def _dress(name: str) -> str:
    """What stands around the core of a shop's name, the core as a point."""
    return tidy(name).replace(core(name), "·", 1)


def _bearers(rows: pl.DataFrame, column: str) -> dict[str, set[str]]:
    """Who bears each name: subjects, or sellers whose subject isn't known."""
    found: dict[str, set[str]] = {}
    for name, platform, seller, subject in rows.select(
        column, "platform", "seller_id", "subject_code"
    ).iter_rows():
        found.setdefault(name, set()).add(subject or f"{platform}/{seller}")
    return found
