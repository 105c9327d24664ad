"""Records of public bodies: registration, licences, penalties, lists, honours, enforcement.

Each builder takes a task and the frame of `records.base` and gives the file's rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from chengxin.demo import almanac, naming, offences, sources, words
from chengxin.demo.draws import gather
from chengxin.demo.offences import decimal
from chengxin.demo.records import FOREVER, Task, by, finished, number, role_word

_TRADING = "零售、批发；互联网销售(除销售需要许可的商品)；普通货物仓储服务"
_SERVICES = {
    "platform": "互联网平台服务；互联网信息服务；软件开发；广告设计、代理",
    "logistics_firm": "快递服务；道路货物运输；国内货物运输代理；普通货物仓储服务",
    "agency_operation": "电子商务代运营；互联网直播技术服务；广告设计、代理",
    "consulting": "企业管理咨询；信息咨询服务；市场调查",
    "credit_agency": "企业征信业务；企业信用评级服务；信用服务",
    "payment_institution": "非银行支付业务；软件开发",
    "association": "行业自律；信息交流；业务培训；咨询服务",
}
_REPAIR36 = date(2026, 4, 1)  # from then general information is shown for a year at most, before for three


def _known_person(task: Task, kind_code: str, number_code: str) -> dict[str, pl.Expr]:
    """The representative's document, which a part of the departments send."""
    known = (pl.col("kind") != "natural_person") & task.draw.chance(pl.col("id"), "tells person", 0.35)
    return {
        kind_code: pl.when(known).then(pl.lit("身份证")),
        number_code: pl.when(known).then(pl.col("person_id")),
    }


def _scope() -> pl.Expr:
    """Business scopes: by the trade, for services by their role."""
    trading = pl.concat_str([gather([t.company[0] for t in words.TRADES], pl.col("trade")), pl.lit(_TRADING)])
    service = pl.col("role").replace_strict(
        list(_SERVICES), list(_SERVICES.values()), default=None, return_dtype=pl.String
    )
    return service.fill_null(trading)


def registration(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """The register's entry; with `task.changes` a later change of the name or of the representative."""
    draw, key, id = task.draw, pl.col("key"), pl.col("id")
    renamed = draw.chance(key, "renamed", 0.6)
    if task.changes:
        line = draw.pick(
            key, "new line", ("实业有限公司", "电子商务有限公司", "供应链有限公司", "品牌运营有限公司")
        )
        company = pl.col("name").str.ends_with("有限公司")
        business = pl.concat_str(["name", pl.lit("电商经营部")])
        new_name = pl.when(company).then(pl.col("name").str.replace("有限公司$", line)).otherwise(business)
        frame = frame.with_columns(_old=pl.when(renamed).then(pl.col("name"))).with_columns(
            name=pl.when(pl.col("_old").is_not_null()).then(new_name).otherwise(pl.col("name")),
            person=pl.when(pl.col("_old").is_null())
            .then(naming.another_person(draw, key))
            .otherwise(pl.col("person")),
        )
    else:
        frame = frame.with_columns(_old=pl.lit(None, pl.String))
    state = draw.weighted(id, "state", {"存续": 93.0, "注销": 3.0, "吊销": 2.0, "停业": 1.0, "迁出": 1.0})
    state = pl.lit("存续") if task.changes else state
    firm = pl.col("kind") != "individual_business"
    columns = {
        "ZC_CYM": pl.col("_old"),
        **({} if task.changes else _known_person(task, "ZC_FR_ZJLX", "ZC_FR_ZJHM")),
        "ZC_CLRQ": pl.col("founded"),
        "ZC_HZRQ": pl.col("on"),
        "ZC_ZT": state,
        "ZC_ZTRQ": pl.when(state != "存续").then(pl.col("on")),
        "ZC_ZCZB": pl.when(firm).then(pl.concat_str(["capital", pl.lit(".000000")])),
        "ZC_JYFW": _scope(),
        "ZC_JYJS": role_word(task.item),
        **by(task.item, task.source, "ZC_DJJG"),
    }
    return finished(task, frame, columns)


def licence(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """Licences by trade; a correction withdraws the licence's force (state 2)."""
    draw, key = task.draw, pl.col("key")
    if task.authority == "culture":
        paper, about = pl.lit("网络文化经营许可证"), pl.lit("利用信息网络经营演出剧(节)目、表演、艺术品")
    else:
        paper = gather([trade.licence for trade in words.TRADES], pl.col("trade"))
        head = (
            pl.when(paper == "食品经营许可证")
            .then(pl.lit("食品销售(含网络经营)："))
            .otherwise(pl.lit("网络销售："))
        )
        about = pl.concat_str([head, "goods"])
    food, simple = paper == "食品经营许可证", paper == "营业执照"
    endless = simple | draw.chance(key, "endless", 0.1)
    until = pl.when(endless).then(pl.lit(FOREVER)).otherwise(pl.col("on").dt.offset_by("5y"))
    frame = frame.with_columns(_paper=paper, _until=until)
    running = pl.col("row").cast(pl.String).str.zfill(7)
    lapsed = pl.lit(task.amended) | (pl.col("_until") < pl.lit(task.today)) | draw.chance(key, "lapsed", 0.03)
    office = "文旅许准" if task.authority == "culture" else "市监许准"
    columns = {
        "XK_XKWS": pl.when(simple).then(pl.lit("准予设立登记通知书")).otherwise(pl.lit("准予行政许可决定书")),
        "XK_WSH": number(f"{task.source.letter}{office}"),
        "XK_XKLB": pl.when(simple)
        .then(pl.lit("登记"))
        .otherwise(draw.weighted(key, "licence kind", {"普通": 8.0, "核准": 2.0, "认可": 1.0})),
        "XK_XKZS": pl.col("_paper"),
        "XK_XKBH": pl.concat_str(
            [pl.when(food).then(pl.lit("JY1")).otherwise(pl.lit("XK")), "county", running]
        ),
        "XK_NR": about,
        "XK_JDRQ": pl.col("on"),
        "XK_YXQZ": pl.col("on"),
        "XK_YXQZI": pl.col("_until"),
        "XK_ZT": pl.when(lapsed).then(pl.lit("2")).otherwise(pl.lit("1")),
        **_known_person(task, "XK_FR_ZJLX", "XK_FR_ZJHM"),
        **by(task.item, task.source, "XK_XKJG"),
        **by(task.item, task.source, "XK_LYDW"),
    }
    return finished(task, frame, columns)


def penalty_number(task: Task) -> pl.Expr:
    """Decision numbers as they are written: 闽市监处罚〔2026〕123号."""
    office = "邮政罚" if task.authority == "post" else "市监处罚"
    return number(f"{task.source.letter}{office}")


def penalty(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """Penalties; a correction halves the fine, as after reconsideration."""
    frame = offences.committed(task.draw, frame, task.authority, brief=task.brief)
    if task.amended:
        frame = frame.with_columns(fine=(pl.col("fine") // 20 * 10).clip(10)).with_columns(
            content=offences.content()
        )
    on = pl.col("on")
    year, three = on.dt.offset_by("1y"), on.dt.offset_by("3y")
    shown = pl.when((on >= _REPAIR36) & ~pl.col("severe")).then(year).otherwise(three)
    revoked = pl.concat_str(
        [pl.lit("食品经营许可证 JY1"), "county", pl.col("row").cast(pl.String).str.zfill(8)]
    )
    columns = {
        "CF_WSH": penalty_number(task),
        "CF_WFXW": pl.col("conduct"),
        "CF_SY": pl.col("facts"),
        "CF_YJ": pl.col("basis"),
        "CF_CFLB": pl.col("kinds"),
        "CF_NR": pl.col("content"),
        "CF_NR_FK": decimal(pl.col("fine"), 6),
        "CF_NR_WFFF": decimal(pl.col("confiscated"), 6),
        "CF_NR_ZKDX": pl.when(pl.col("kinds").str.contains("许可证件", literal=True)).then(revoked),
        "CF_JDRQ": on,
        "CF_YXQ": pl.lit(FOREVER),
        "CF_GSJZQ": shown,
        **_known_person(task, "CF_FR_ZJLX", "CF_FR_ZJHM"),
        **by(task.item, task.source, "CF_CFJG"),
        **by(task.item, task.source, "CF_SJLY"),
    }
    return finished(task, frame, columns, forgotten="CF_NR_FK")


def serious_violation(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """Entries that rest on the heavy penalties of the file whose mark the task has (same rows, numbers)."""
    frame = offences.committed(task.draw, frame, task.authority).with_columns(_penalty=penalty_number(task))
    decided = almanac.later(pl.col("on"), 25, task.today)
    frame = frame.filter("severe").with_columns(on=decided)
    early = pl.col("on").dt.offset_by("1y") + pl.duration(days=task.draw.below(pl.col("key"), "removed", 500))
    removed = (early <= pl.lit(task.today)) & task.draw.chance(pl.col("key"), "repaired", 0.5)
    harmed = pl.col("facts").str.contains("假冒|加贴|拒绝")
    columns = {
        "YW_WH": number(f"{task.source.letter}市监严列"),
        "YW_QX": pl.when(harmed)
        .then(pl.lit("侵害消费者权益"))
        .otherwise(pl.lit("破坏公平竞争秩序、扰乱市场秩序")),
        "YW_SS": pl.col("facts"),
        "YW_CFWH": pl.col("_penalty"),
        "YW_LRRQ": pl.col("on"),
        "YW_YCRQ": pl.when(removed).then(early),
        "YW_YCYY": pl.when(removed).then(pl.lit("列入满一年依申请移出")),
        **by(task.item, task.source, "YW_LRJG"),
    }
    return finished(task, frame, columns)


_ABNORMAL = {
    "未依照规定的期限公示年度报告": 6.0,
    "通过登记的住所或者经营场所无法联系": 3.0,
    "公示企业信息隐瞒真实情况、弄虚作假": 1.0,
    "未在责令的期限内公示有关企业信息": 0.5,
}
_MENDED = {
    "未依照规定的期限公示年度报告": "已补报并公示年度报告",
    "通过登记的住所或者经营场所无法联系": "已办理住所变更登记",
    "公示企业信息隐瞒真实情况、弄虚作假": "已更正公示信息",
    "未在责令的期限内公示有关企业信息": "已履行公示义务",
}


def abnormal_operation(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """Entries and removals; some know only the old registration number, or spell the name their own way."""
    draw, key = task.draw, pl.col("key")
    reason = draw.weighted(key, "reason", _ABNORMAL)
    removal = pl.col("on") + pl.duration(days=draw.below(key, "removal", 500) + 20)
    removed = draw.chance(key, "mended", 0.7) & (removal <= pl.lit(task.today))
    old_papers = draw.chance(key, "old papers", 0.5) & pl.col("regno").is_not_null()
    frame = frame.with_columns(_reason=reason, _removed=removed, _old=old_papers).with_columns(
        name=pl.when("_old").then(naming.respelt(draw, key, pl.col("name"))).otherwise(pl.col("name")),
        uscc=pl.when(~pl.col("_old")).then(pl.col("uscc")),
    )
    mended = pl.col("_reason").replace_strict(list(_MENDED), list(_MENDED.values()), return_dtype=pl.String)
    columns = {
        # A number is told where it is all that is known.
        "JY_ZCH": pl.when("_old").then(pl.col("regno")),
        "JY_LRYY": pl.col("_reason"),
        "JY_LRRQ": pl.col("on"),
        "JY_LRWH": number(f"{task.source.letter}市监异列"),
        "JY_YCRQ": pl.when("_removed").then(removal),
        "JY_YCYY": pl.when("_removed").then(mended),
        "JY_YCJG": pl.when("_removed").then(pl.lit(task.source.name)),
        **by(task.item, task.source, "JY_LRJG"),
    }
    return finished(task, frame, columns)


_HONOURS = {
    "commerce": ("电子商务示范企业", "诚信经营电商主体"),
    "market": ("守合同重信用企业", "诚信经营电商主体"),
    "credit": ("纳税信用A级纳税人", "海关高级认证企业", "诚信经营电商主体"),
}


def honour(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """Awards to those who are least penalised."""
    draw, key = task.draw, pl.col("key")
    kind = draw.pick(key, "honour", _HONOURS.get(task.authority, _HONOURS["credit"]))
    level = draw.weighted(key, "level", {"省级": 9.0, "国家级": 1.0})
    frame = frame.with_columns(_kind=kind, _level=level)
    given_by = pl.when(pl.col("_level") == "省级").then(pl.lit("年度福建省")).otherwise(pl.lit("年度全国"))
    year = (pl.col("on").dt.year() - 1).cast(pl.String)
    columns = {
        "RY_RYMC": pl.concat_str([year, given_by, "_kind"]),
        "RY_LX": pl.col("_kind"),
        "RY_JB": pl.col("_level"),
        "RY_WH": number("闽商务" if task.authority == "commerce" else f"{task.source.letter}信评"),
        "RY_SY": pl.lit("诚信经营，近三年无不良信用记录"),
        "RY_RQ": pl.col("on"),
        "RY_YXQ": pl.col("on").dt.offset_by("2y"),
        **by(task.item, task.source, "RY_JG"),
    }
    return finished(task, frame, columns)


_CONDUCT = (
    "有履行能力而拒不履行生效法律文书确定义务",
    "违反财产报告制度",
    "违反限制消费令",
    "无正当理由拒不履行执行和解协议",
    "以虚假诉讼、虚假仲裁或者以隐匿、转移财产等方法规避执行",
)


def enforcement(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """Judgment defaulters, named by the court of their county."""
    draw, key = task.draw, pl.col("key")
    sum_owed = (draw.below(key, "owed", 400) + 5) * 1000
    fulfilled = draw.weighted(key, "fulfilled", {"全部未履行": 7.0, "部分履行": 2.0, "全部已履行": 1.0})
    longer = draw.chance(key, "longer", 0.1)
    end = pl.when(longer).then(pl.col("on").dt.offset_by("3y")).otherwise(pl.col("on").dt.offset_by("2y"))
    court = pl.concat_str(["place", pl.lit("人民法院")])
    frame = frame.with_columns(_owed=sum_owed, _fulfilled=fulfilled, _longer=longer)
    running = (pl.col("row") + 1).cast(pl.String)
    office = pl.concat_str([pl.lit(")闽"), pl.col("county").str.slice(2)])
    year = pl.col("on").dt.year()
    partly = pl.col("_fulfilled") == "部分履行"
    owed = pl.col("_owed").cast(pl.String)
    paid = (pl.col("_owed") // 4).cast(pl.String)
    columns = {
        "SX_AH": pl.concat_str(
            [pl.lit("("), year.cast(pl.String), office, pl.lit("执"), running, pl.lit("号")]
        ),
        "SX_ZXYJ": pl.concat_str(
            [pl.lit("("), (year - 1).cast(pl.String), office, pl.lit("民初"), running, pl.lit("号")]
        ),
        "SX_ZCDW": court,
        "SX_LARQ": pl.col("on") - pl.duration(days=draw.below(key, "filed", 150) + 10),
        "SX_YW": pl.concat_str([pl.lit("返还货款人民币"), owed, pl.lit("元及利息")]),
        "SX_LX": pl.col("_fulfilled"),
        "SX_YLX": pl.when(partly).then(pl.concat_str([pl.lit("已返还"), paid, pl.lit("元")])),
        "SX_WLX": pl.when(partly).then(pl.lit("其余货款及利息")),
        "SX_QX": draw.pick(key, "conduct", _CONDUCT),
        "SX_FBRQ": pl.col("on"),
        "SX_YCQX": pl.when("_longer").then(pl.lit("是")).otherwise(pl.lit("否")),
        "SX_JZRQ": end,
        "SX_ZXFY": court,
        "SX_ZXFYDM": pl.lit(sources.county_courts(frame["county"])),
    }
    return finished(task, frame, columns)


_AUTHORITY_LISTS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "tax": (
        "重大税收违法失信主体",
        "闽税失信",
        (
            "隐匿网络销售收入，进行虚假纳税申报，少缴税款数额较大且占比百分之十以上",
            "虚开增值税普通发票一百份以上，金额四百万元以上",
            "经税务机关通知申报而拒不申报网店经营收入，不缴应纳税款数额较大",
            "欠缴应纳税款，转移、隐匿财产，妨碍税务机关追缴欠税数额较大",
        ),
    ),
    "police": (
        "电信网络诈骗惩戒对象",
        "闽公反诈惩",
        (
            "出租、出售对公账户和支付账户各三个以上，经设区的市级公安机关认定",
            "提供网络店铺账号，帮助他人虚构交易转移资金，经公安机关认定",
            "非法买卖物联网卡、电话卡，经设区的市级公安机关认定",
        ),
    ),
}
"""By authority: its list, the head of its numbers, the grounds."""
_PAID = ("税款、滞纳金、罚款已经缴清", "经复核依法解除")


def authority_list(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """Entries in lists that the tax authority and public security keep; some were ended early."""
    draw, key = task.draw, pl.col("key")
    named, head, grounds = _AUTHORITY_LISTS[task.authority]
    tax = task.authority == "tax"
    years = pl.lit("3y") if tax else draw.pick(key, "term", ("2y", "3y", "5y"))
    term = pl.col("on").dt.offset_by(years) - pl.duration(days=1)
    lifted = pl.col("on") + pl.duration(days=draw.below(key, "lifted", 500) + 120)
    early = draw.chance(key, "early", 0.3) & (lifted <= pl.lit(task.today))
    columns = {
        "RD_MD": pl.lit(named),
        "RD_WH": number(head),
        "RD_QX": draw.pick(key, "grounds", grounds),
        "RD_RQ": pl.col("on"),
        "RD_JZRQ": pl.when(early).then(lifted).otherwise(term),
        "RD_YCYY": pl.when(early).then(pl.lit(_PAID[0] if tax else _PAID[1])),
        **by(task.item, task.source, "RD_JG"),
    }
    return finished(task, frame, columns)
