"""Closed or listed shops that are back under another name (借壳重入): clauses 13f and 17a of the plan.

Every shop that opened after a listing (or shortly before) is compared with the listed one: legal person,
telephone and address (hashed by the reporter), pictures and titles of the goods, name and site, the account
that is paid, the time between. Agreements are weighed by how rare they are (`linkage`): what a market hall,
an agent or a supplier's customers share says little. A shop of the same subject code is the listed subject
itself and not hidden: the register's screening sees it. A chain of shops, each listed in its turn, is one
ring.
"""

from __future__ import annotations

import polars as pl

from chengxin.detection.clock import DAY
from chengxin.detection.declaring import Detector, Lead, Seen, Signal
from chengxin.detection.names import closed_shops
from chengxin.detection.names.naming import odds
from chengxin.detection.names.returning import FIELDS, weighed
from chengxin.detection.statistics.linkage import components
from chengxin.lake.reading import Lake

FAINTEST = -12.0
"""Bits of doubt beyond which nothing is listed."""

ALONE = 0.9
"""The most that one witness can say."""

_AGAIN_ZH = "，另有{baseline}家与之相同"
_AGAIN_EN = "; {baseline} others share it"

SIGNALS = (
    Signal("legal_person", "person", "法定代表人与已列入的“〈shop〉”相同" + _AGAIN_ZH,
           "the legal person is that of “〈shop〉”, which was listed" + _AGAIN_EN,
           ("sellers.legal_person_hash",), shown="number"),
    Signal("phone", "phone", "电话与已列入的“〈shop〉”相同" + _AGAIN_ZH,
           "the telephone is that of “〈shop〉”, which was listed" + _AGAIN_EN,
           ("sellers.phone_hash",), shown="number"),
    Signal("address", "place", "地址与已列入的“〈shop〉”相同" + _AGAIN_ZH,
           "the address is that of “〈shop〉”, which was listed" + _AGAIN_EN,
           ("sellers.address_hash",), shown="number"),
    Signal("pictures", "goods", "使用已列入的“〈shop〉”的{value}张商品图片" + _AGAIN_ZH,
           "shows {value} of the pictures of “〈shop〉”, which was listed" + _AGAIN_EN,
           ("listings.image_hash",), shown="number"),
    Signal("titles", "goods", "使用已列入的“〈shop〉”的{value}个商品标题" + _AGAIN_ZH,
           "uses {value} of the titles of “〈shop〉”, which was listed" + _AGAIN_EN,
           ("listings.title",), shown="number"),
    Signal("payee", "money", "货款付入已列入的“〈shop〉”的同一账户" + _AGAIN_ZH,
           "is paid into the account of “〈shop〉”, which was listed" + _AGAIN_EN,
           ("orders", "payments.payee_id", "payments.order_id"), shown="number"),
    Signal("name", "name", "店名与已列入的“〈shop〉”相近",
           "the name is like that of “〈shop〉”, which was listed",
           ("listed.shop_name", "sellers.shop_name"), shown="number"),
    Signal("site", "name", "网站与已列入的“〈shop〉”同一域名" + _AGAIN_ZH,
           "shows the site of “〈shop〉”, which was listed" + _AGAIN_EN,
           ("listed.domain", "sellers.domain"), shown="number"),
    Signal("soon", "time", "在“〈shop〉”被列入{value}天后开店（负数为列入前）",
           "opened {value} days after “〈shop〉” was listed (before it, where negative)",
           ("sellers.opened_at",), shown="number"),
)  # fmt: skip
_BY_NAME = {signal.name: signal for signal in SIGNALS}


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Sellers that may be a listed one come back."""
    known = closed_shops.shops(lake)
    listed = closed_shops.closed(lake, known)
    if known.is_empty() or listed.is_empty():
        return []
    rows = weighed(lake, known, listed, able)
    return [] if rows is None else _leads(rows, known, listed)


def _leads(rows: pl.DataFrame, known: pl.DataFrame, listed: pl.DataFrame) -> list[Lead]:
    """For each shop the listed one of which it most looks like the return."""
    traits = [name for name in (*FIELDS, "name") if f"bits_{name}" in rows.columns]
    witnesses = pl.sum_horizontal([(pl.col(f"bits_{name}") > 1).cast(pl.Int64) for name in traits])
    rows = rows.with_columns(witnesses=witnesses)
    rows = rows.filter((pl.col("witnesses") > 0) & (pl.col("bits") > FAINTEST))
    if rows.is_empty():
        return []
    # Of equal ones the latest listed, then the last by name: never by id.
    order = ["bits", "listed_at", "shop_name"]
    rows = rows.join(listed.select("closed", "shop_name", "domain", "platform", "seller_id"), on="closed")
    best = rows.sort(order, descending=True, nulls_last=True).unique(
        "shop", keep="first", maintain_order=True
    )
    rings = _rings(best, known, listed)
    sellers = known.select("shop", new_platform="platform", new_id="seller_id")
    leads = []
    for row in best.join(sellers, on="shop", maintain_order="left").iter_rows(named=True):
        score = odds(row["bits"]) * (1.0 if row["witnesses"] > 1 else ALONE)
        first, last = sorted((row["listed_at"], row["opened_at"] or row["listed_at"]))
        leads.append(
            Lead(
                "re_entry", "seller", row["new_id"], row["new_platform"] or "", score, (first, last),
                _seen(row, traits), accounts=tuple(one for one in (row["seller_id"], row["new_id"]) if one),
                ring=rings.get(row["shop"]),
            )
        )  # fmt: skip
    return leads


def _seen(row: dict[str, object], traits: list[str]) -> tuple[Seen, ...]:
    shop = str(row["shop_name"] or row["seller_id"] or "?").replace("{", "{{").replace("}", "}}")
    found = []
    for name in sorted(traits, key=lambda one: -float(str(row[f"bits_{one}"]))):
        if float(str(row[f"bits_{name}"])) <= 1:
            continue
        value = 1.0 if name == "name" else float(str(row[name]))
        others = 0.0 if name == "name" else float(str(row[f"{name}_others"]))
        found.append(_about(_BY_NAME[name], shop).seen(value, others))
    if row["after"] is not None:
        found.append(_about(_BY_NAME["soon"], shop).seen(float(str(row["after"])) // DAY, 0.0))
    return tuple(found)


def _about(signal: Signal, shop: str) -> Signal:
    words = {name: getattr(signal, name).replace("〈shop〉", shop) for name in ("zh", "en")}
    return Signal(
        signal.name, signal.kind, words["zh"], words["en"], signal.needs, signal.shown, signal.weight
    )


def _rings(best: pl.DataFrame, known: pl.DataFrame, listed: pl.DataFrame) -> dict[int, str]:
    """Shops that come from one another or from the same listed one, named by the first that was listed."""
    likely = best.filter(pl.col("bits") > 0)
    if likely.is_empty():
        return {}
    edges = [(f"c{one}", f"s{two}") for one, two in likely.select("closed", "shop").iter_rows()]
    own = closed_shops.own_shops(known, listed)
    edges += [(f"c{one}", f"s{two}") for one, two in own.iter_rows()]
    about = {f"c{row['closed']}": row for row in listed.iter_rows(named=True)}
    found: dict[int, str] = {}
    returned = set(likely["shop"])
    for members in components(edges):
        shops = [int(one[1:]) for one in members if one[0] == "s" and int(one[1:]) in returned]
        if len(shops) < 2:
            continue
        first = min(
            (about[one] for one in members if one[0] == "c"),
            key=lambda row: (row["listed_at"], row["shop_name"] or ""),
        )
        name = first["seller_id"] or first["subject_code"] or first["shop_name"]
        found |= dict.fromkeys(shops, f"{first['platform'] or ''}/{name}")
    return found


DETECTOR = Detector(
    name="re_entry",
    zh="已列入主体借壳重新入驻",
    en="listed subjects that come back under another name",
    obligations=("13f", "17a"),
    entities=("seller",),
    needs=("listed", "sellers"),
    signals=SIGNALS,
    find=find,
)
