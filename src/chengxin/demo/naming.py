"""Names of firms by 企业名称登记管理规定: region, trade name, line of business, form.

The functions are expressions over the columns that `subjects.describe` builds.
"""

from __future__ import annotations

import polars as pl

from chengxin.demo import people, words
from chengxin.demo.draws import Draw, gather

_SERVICE_ENDINGS = {
    "logistics_firm": ("速递有限公司", "物流有限公司", "快运有限公司", "供应链管理有限公司"),
    "agency_operation": ("电商代运营有限公司", "电子商务服务有限公司", "文化传媒有限公司"),
    "consulting": ("企业管理咨询有限公司", "商务咨询有限公司"),
    "credit_agency": ("征信有限公司", "信用评价服务有限公司", "信用管理有限公司"),
    "payment_institution": ("支付有限公司", "支付科技有限公司"),
}
_LINES = {"电子商务": 5.0, "贸易": 4.0, "网络科技": 2.0, "商贸": 3.0}


def brand(draw: Draw, id: pl.Expr) -> pl.Expr:
    """Trade names of two or three characters."""
    third = pl.when(draw.chance(id, "brand short", 0.35)).then(pl.lit(""))
    return pl.concat_str(
        [
            draw.pick(id, "brand 1", words.BRAND_FIRST),
            draw.pick(id, "brand 2", words.BRAND_SECOND),
            third.otherwise(draw.pick(id, "brand 3", words.BRAND_THIRD)),
        ]
    )


def trade_word(draw: Draw, kind: str) -> pl.Expr:
    """A word of the subject's trade; `kind`: company, shop or goods."""
    lists: list[tuple[str, ...]] = [getattr(trade, kind) for trade in words.TRADES]
    longest = max(len(one) for one in lists)
    flat = [one[place % len(one)] for one in lists for place in range(longest)]
    return gather(flat, pl.col("trade") * longest + draw.below(pl.col("id"), f"trade word {kind}", longest))


def name(draw: Draw) -> pl.Expr:
    """Registered names of everybody but natural persons."""
    id, role, form = pl.col("id"), pl.col("role"), pl.col("form")
    chain = pl.when(role == "platform").then(
        gather([p.name for p in words.PLATFORMS], pl.min_horizontal(id, pl.lit(len(words.PLATFORMS) - 1)))
    )
    chained = chain.when(role == "individual_business").then(_business(draw))
    for service, endings in _SERVICE_ENDINGS.items():
        ending = draw.pick(id, f"ending {service}", endings)
        chained = chained.when(role == service).then(pl.concat_str([_head(draw), "brand", ending]))
    partnership = pl.concat_str([_head(draw), "brand", _line(draw), pl.lit("商行（普通合伙）")])
    cooperative = pl.concat_str([_seat(), "brand", _first_word(), pl.lit("专业合作社")])
    return (
        chained.when(role == "association")
        .then(_association(draw))
        .when(form == "cooperative")
        .then(cooperative)
        .when(form == "partnership")
        .then(partnership)
        .otherwise(_company(draw))
    )


def _own() -> pl.Expr:
    """Counties and county-level cities (晋江市) stand alone in a name; districts stand behind their city."""
    return pl.col("_county_name").str.contains("[市县]$")


def _seat() -> pl.Expr:
    return pl.when(_own()).then(pl.col("_county_name")).otherwise(pl.col("place"))


def _short_city() -> pl.Expr:
    return pl.col("_city_name").str.replace("[市县]$", "")


def _head(draw: Draw) -> pl.Expr:
    """How a company's name begins: province, city or county, with or without its kind."""
    id = pl.col("id")
    short = pl.when(_own()).then(pl.col("_county_name").str.replace("[市县]$", "")).otherwise(_short_city())
    return (
        pl.when(draw.chance(id, "province in name", 0.1))
        .then(pl.lit("福建"))
        .when(draw.chance(id, "long seat", 0.4))
        .then(_seat())
        .otherwise(short)
    )


def _line(draw: Draw) -> pl.Expr:
    general = draw.weighted(pl.col("id"), "line word", _LINES)
    return (
        pl.when(draw.chance(pl.col("id"), "line", 0.55)).then(trade_word(draw, "company")).otherwise(general)
    )


def _first_word() -> pl.Expr:
    return gather([trade.company[0] for trade in words.TRADES], pl.col("trade"))


def _company(draw: Draw) -> pl.Expr:
    form = pl.lit("有限公司")
    bracketed = pl.concat_str(["brand", _line(draw), pl.lit("（"), _short_city(), pl.lit("）"), form])
    plain = pl.concat_str([_head(draw), "brand", _line(draw), form])
    return pl.when(draw.chance(pl.col("id"), "bracketed", 0.07)).then(bracketed).otherwise(plain)


def _business(draw: Draw) -> pl.Expr:
    """Individually-owned businesses: county, trade name or the owner's familiar name, trade."""
    owner = pl.concat_str([pl.lit("阿"), draw.pick(pl.col("id"), "owner", words.GIVEN_SECOND)])
    called = pl.when(draw.chance(pl.col("id"), "owner's shop", 0.3)).then(owner).otherwise(pl.col("brand"))
    return pl.concat_str([_seat(), called, trade_word(draw, "shop")])


def _association(draw: Draw) -> pl.Expr:
    kind = draw.pick(pl.col("id"), "association", ("电子商务协会", "协会", "商会", "网商联合会"))
    return pl.concat_str([_seat(), _first_word(), kind])


def another_person(draw: Draw, key: pl.Expr) -> pl.Expr:
    """The name of somebody else."""
    return people.name(draw, key + 1_000_000_007)


_SIMPLIFIED = "门龙东丰贸业电达兴华云汇锦绣创远飞腾凤"
_TRADITIONAL = dict(zip(_SIMPLIFIED, "門龍東豐貿業電達興華雲匯錦繡創遠飛騰鳳", strict=True))


def respelt(draw: Draw, key: pl.Expr, name: pl.Expr) -> pl.Expr:
    """The same name as written in a hurry: other brackets, form or region, spaces, traditional characters."""
    ways = (
        name.str.replace_many({"（": "(", "）": ")"}).str.replace("有限公司$", "有限责任公司"),
        name.str.replace("^福建省?", "").str.replace("市", "", literal=True),
        name.str.replace("有限公司$", "公司"),
        name.str.replace_many(_TRADITIONAL),
        pl.concat_str([name.str.slice(0, 4), pl.lit(" "), name.str.slice(4)]),
        pl.concat_str([name, pl.lit("　")]),
    )
    way = draw.below(key, "way of spelling", len(ways))
    chain = pl.when(way == 0).then(ways[0])
    chained = chain.when(way == 1).then(ways[1])
    for number, one in enumerate(ways[2:], start=2):
        chained = chained.when(way == number).then(one)
    return chained.otherwise(name)
