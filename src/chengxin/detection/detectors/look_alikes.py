"""Sites and shops that pass for certified ones (仿冒可信网站): clauses 4.3 and 17a of the plan.

A domain or a shop's name is laid beside every certified mark: letters that look alike (Unicode Technical
Standard #39), misspellings as typosquatters choose them (Moore and Edelman, Financial Cryptography 2010),
the mark with something beside it (official, 旗舰店), another suffix, the mark below another's domain,
characters that look or sound alike. What a likeness says is weighed by how likely it is by chance among all
the names in the lake: short names and common words say little. Whoever holds a mark is never asked, nor a
shop whose domain is its own name.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from math import log2

import polars as pl

from chengxin.detection.declaring import Detector, Lead, Seen, Signal
from chengxin.detection.names import imitation, sites
from chengxin.detection.names.confusables import in_one_script
from chengxin.detection.names.domains import Domain, split
from chengxin.detection.names.likenesses import CHARACTERS, LETTERS, Like, Mark, common_endings, to_marks
from chengxin.detection.names.naming import odds
from chengxin.detection.names.own_names import beside_own_name, own_name
from chengxin.detection.names.shop_names import claims, core, forms, tidy
from chengxin.lake.reading import Lake

RARE = log2(200)
"""Bits against an imitation before anything is known: below one in a hundred (red_flags.md), half of that."""

FAINTEST = -12.0
"""Bits of doubt beyond which nothing is listed."""

ALONE = 0.9
"""The most that one witness can say; a domain and a name that point at the same mark are two."""

CLAIMED = 0.5
"""The share of imitations that call themselves official, flagship and the like: we take half."""

DELIBERATE = 6.0
"""Bits of a host that holds a mark's whole domain with its suffix, and of letters of two scripts in one name:
who does so means to be taken for another (a guess of ours: of 64 that are so like, one is by accident).
"""

_CHANCE_ZH = "凭巧合，这样相像的名称在全部数据中预计有{baseline}个，实有{value}个"
_CHANCE_EN = "{baseline} names so like it are to be expected by chance in these data, {value} are there"


def _signal(name: str, kind: str, zh: str, en: str, needs: tuple[str, ...]) -> Signal:
    return Signal(name, kind, f"{zh}：{_CHANCE_ZH}", f"{en}: {_CHANCE_EN}", needs, shown="plain")


_SITE, _SHOP = ("marks.domain",), ("marks", "sellers.shop_name")

SIGNALS = (
    _signal("site_confusable", "site", "域名与“〈mark〉”用形近字符写成，看起来相同",
            "the domain is written with letters that look like those of “〈mark〉”", _SITE),
    _signal("site_misspelt", "site", "域名与“〈mark〉”只差一处（漏写、重写、换位、邻键、连字符）",
            "the domain is “〈mark〉” with one slip (left out, doubled, swapped, next key, hyphen)", _SITE),
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

_SITE_WAYS = {
    "confusable": "confusable", "suffix": "suffix", "combined": "combined", "held": "combined",
}  # fmt: skip
_SHOP_WAYS = {"same": "same", "confusable": "confusable", "homophone": "homophone", "held": "combined"}


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Domains (by the platform that reports them) and sellers."""
    shops = sites.sellers(lake)
    endings = common_endings([core(name) for name in shops["shop_name"].drop_nulls().unique()])
    marks = _marks(lake, endings)
    if not marks:
        return []
    uses = sites.uses(lake, shops)
    names = _of_names(marks, shops, endings)
    choice = log2(len({mark.shown for mark in marks}))
    young = _young(shops)
    owned: dict[str, set[str]] = {}
    for mark in marks:
        if mark.owner:
            owned.setdefault(mark.owner, set()).update(mark.names)
    found = _Found(owned, _of_sites(marks, uses), names, able, choice, _rests(uses), young)
    return [*_domains(found, uses), *_sellers(found, shops, uses)]


YEAR = 365 * 86400
SHORT_LIVED = 0.8
"""The share of imitations that are less than a year old: they are found and closed (a guess of ours)."""


@dataclass(frozen=True)
class _Young:
    """When the last shop opened, and how many shops had opened within the year before."""

    last: int
    share: float

    def bits(self, opened: int | None) -> float:
        """What the age of a shop says of its being an imitation; 0 where it isn't known."""
        if opened is None:
            return 0.0
        young = opened > self.last - YEAR
        said = log2(SHORT_LIVED / self.share) if young else log2((1 - SHORT_LIVED) / (1 - self.share))
        return max(min(said, 2.0), -2.0)


def _young(shops: pl.DataFrame) -> _Young:
    opened = shops["opened_at"].drop_nulls()
    last = int(opened.max() or 0)  # type: ignore[arg-type] # whole seconds
    # A few shops aren't all young or all old: one of each is thought of besides.
    share = (int((opened > last - YEAR).sum()) + 1) / (len(opened) + 2)
    return _Young(last, share)


def _rests(uses: pl.DataFrame) -> Counter[str]:
    pairs = uses.select("written", "shop_name").drop_nulls().unique().iter_rows()
    return Counter(beside_own_name(parts.label, name) for written, name in pairs if (parts := split(written)))


@dataclass(frozen=True)
class _Found:
    """The names of marks by their owners, and the likenesses of domains and of shops' names as written, for
    the signals in `able`.
    """

    owned: dict[str, set[str]]
    sites: dict[str, list[Like]]
    shops: dict[str, list[Like]]
    able: frozenset[str]
    choice: float
    """Bits of choosing a mark."""

    rests: Counter[str]
    """How often labels have something beside their shop's name."""

    young: _Young

    def of(self, written: str | None, name: str | None, subjects: set[str | None]) -> list[Like]:
        """What is like a mark about one who shows this site under this name, marks of its own left out.

        A domain that is the shop's own name in letters goes with the name; what it has besides may still be
        a mark's.
        """
        # Who holds a mark may go by its names, whoever else's they resemble.
        own = {one for subject in subjects if subject for one in self.owned.get(subject, ())}
        likes = [] if name and own & set(forms(name)) else list(self.shops.get(name or "", ()))
        if written and own_name(written, name or ""):
            likes += self._beside(written, likes)
            likes += [like for like in self.sites.get(written, ()) if _despite_own_name(like)]
        elif written:
            likes += self.sites.get(written, ())
        parts = split(written) if written and not subjects - {None} else None
        return [
            like
            for like in likes
            if like.way in self.able
            and like.mark.owner not in subjects
            # Whose subject isn't known and who shows the certified site is taken for its owner.
            and not (parts and like.mark.domain and parts.registered == like.mark.domain.registered)
        ]

    def _beside(self, written: str, likes: list[Like]) -> list[Like]:
        """What a domain says beyond the name, where the name is a mark's too: the mark's label whole, with
        what its owner put beside his name.
        """
        named, parts = {like.mark.shown for like in likes}, split(written)
        found = []
        for like in self.sites.get(written, ()):
            label = like.mark.domain.label if like.mark.domain else ""
            if parts and like.mark.shown in named and label and label in parts.label:
                rest = self.rests[beside_own_name(label, like.mark.title)]
                rare = log2(max(self.rests.total(), 1) / max(rest, 1)) - 1
                found.append(replace(like, bits=min(max(rare, 0.0) - self.choice, like.bits)))
        return found


def _despite_own_name(like: Like) -> bool:
    """Whether a domain tells something though it is its shop's own name: nobody writes a letter of his name
    as a figure, and of a mark whose name isn't known the domain is all that a name can be compared with.
    """
    return like.way == "site_confusable" or like.mark.title == like.mark.shown


def _marks(lake: Lake, endings: frozenset[str]) -> list[Mark]:
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


def _of_sites(marks: list[Mark], uses: pl.DataFrame) -> dict[str, list[Like]]:
    """The likenesses of each domain as written, to every mark that it resembles."""
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
    found: dict[str, list[Like]] = {}
    for label, some in likes.items():
        for written, below in sorted(labels.get(label, ())):
            found.setdefault(written, []).extend(_shown_as(domains[written], like, below) for like in some)
    return found


def _shown_as(parts: Domain, like: Like, below: bool) -> Like:
    """A likeness of a part of a domain, with what the whole domain adds."""
    mark = like.mark.domain
    whole = below and mark is not None and f".{mark.registered}." in f".{parts.host}."
    mixed = like.way == "site_confusable" and not in_one_script(parts.label)
    bits = like.bits + (DELIBERATE if whole or mixed else 0.0)
    return replace(like, way="site_below" if below else like.way, bits=bits)


def _forms(name: str, endings: frozenset[str]) -> list[str]:
    """What a shop's name may be taken for: its core, that with the region, and both without the trade."""
    whole = forms(name)
    short = {one[:-2] for one in whole if len(one) >= 4 and one[-2:] in endings}
    return sorted({*whole, *short})


def _of_names(marks: list[Mark], shops: pl.DataFrame, endings: frozenset[str]) -> dict[str, list[Like]]:
    """The likenesses of each shop's name as written."""
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


def _domains(found: _Found, uses: pl.DataFrame) -> list[Lead]:
    leads = []
    for (platform, written), rows in uses.group_by("platform", "written", maintain_order=True):
        subjects = set(rows["subject_code"].drop_nulls())
        if str(written) not in found.sites:
            continue
        each = [found.of(str(written), name, subjects) for name in rows["shop_name"].unique().sort()]
        opened = sorted(moment for moment in rows["opened_at"] if moment is not None)
        lead = _lead("domain", each, found, opened[0] if opened else None)
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


def _sellers(found: _Found, shops: pl.DataFrame, uses: pl.DataFrame) -> list[Lead]:
    shown: dict[tuple[object, object], list[str]] = {}
    for platform, seller, written in uses.select("platform", "seller_id", "written").iter_rows():
        shown.setdefault((platform, seller), []).append(written)
    leads = []
    for platform, seller, subject, name, opened in shops.select(
        "platform", "seller_id", "subject_code", "shop_name", "opened_at"
    ).iter_rows():
        each = [found.of(written, name, {subject}) for written in shown.get((platform, seller), (None,))]
        lead = _lead("seller", each, found, opened)
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


def _lead(entity: str, each: list[list[Like]], found: _Found, opened: int | None) -> Lead | None:
    """The lead about the mark that most speaks for; `each` are likenesses that are seen together; whom it
    is about is the caller's to say.
    """
    choice, age = found.choice, found.young.bits(opened)
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
