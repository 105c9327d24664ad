"""Records of everyday trade: identity reports, commitments, sanctions, complaints, parcels, ratings."""

from __future__ import annotations

from datetime import date

import polars as pl

from chengxin.demo import almanac, codes, naming
from chengxin.demo.draws import gather
from chengxin.demo.offences import decimal
from chengxin.demo.records import FOREVER, Task, by, finished, role_word, serial
from chengxin.demo.subjects import OPERATORS, describe

_MISMATCHED = 0.06
_CLOSED = 0.08


def period_of(today: date, back: int = 0) -> tuple[str, date]:
    """The last report period that has begun, or `back` half-years before it: its code and first day."""
    half = today.year * 2 + (today.month >= 7) - back
    year, month = half // 2, 7 if half % 2 else 1
    return f"{year}-{month:02d}", date(year, month, 1)


def identity_report(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """A platform's half-yearly report of its operators; some do not agree with the register."""
    draw = task.draw
    firm = pl.col("kind") != "natural_person"
    # The same shops are reported wrongly in every period until somebody mends them.
    wrong = draw.chance(pl.col("id"), "mismatch", _MISMATCHED)
    what = draw.below(pl.col("id"), "mismatched", 3)
    frame = frame.with_columns(_wrong=wrong, _what=what).with_columns(
        person=pl.when(pl.col("_wrong") & firm & (pl.col("_what") == 0))
        .then(naming.another_person(draw, pl.col("id")))
        .otherwise(pl.col("person")),
        name=pl.when(pl.col("_wrong") & firm & (pl.col("_what") == 1))
        .then(
            pl.concat_str(
                [pl.col("name").str.slice(0, 2), naming.brand(draw, pl.col("id") + 7), pl.lit("商贸有限公司")]
            )
        )
        .otherwise(pl.col("name")),
        address=pl.when(pl.col("_wrong") & (pl.col("_what") == 2))
        .then(pl.lit("福建省福州市鼓楼区虚拟路1号集群注册地址"))
        .otherwise(pl.col("address")),
    )
    opened = pl.min_horizontal(pl.col("opened"), pl.col("on"))
    running = (pl.col("on") - opened).dt.total_days()
    closed = opened + pl.duration(days=(running * draw.unit(pl.col("id"), "closing")).cast(pl.Int64))
    columns = {
        "SF_LXR": pl.when(draw.chance(pl.col("id"), "other contact", 0.3))
        .then(naming.another_person(draw, pl.col("id") + 1))
        .otherwise(pl.col("person")),
        "SF_PTMC": pl.col("platform_name"),
        "SF_PTDM": pl.lit(task.source.code),
        "SF_DPMC": pl.col("shop"),
        "SF_DPLX": pl.col("shop_kind"),
        "SF_WZ": pl.col("shop_url"),
        "SF_KSRQ": opened,
        "SF_ZZRQ": pl.when(draw.chance(pl.col("id"), "closed", _CLOSED)).then(closed),
        "SF_BSQ": pl.concat_str(
            [
                pl.col("on").dt.year().cast(pl.String),
                pl.lit("-"),
                pl.col("on").dt.month().cast(pl.String).str.zfill(2),
            ]
        ),
        "SF_BSRQ": pl.col("on"),
    }
    return finished(task, frame, columns)


_MATTERS = (
    "产品质量;服务保证",
    "遵纪守法;信息真实",
    "产品质量;无条件退货",
    "服务保证;先行赔付",
    "遵纪守法;信息真实;责任与义务",
)
_PROMISES = (
    "所售商品与页面描述一致，不销售假冒伪劣商品，七日内无理由退货",
    "如实公示主体信息和商品信息，不刷单、不炒信、不虚构评价",
    "四十八小时内发货，消费争议先行赔付，投诉二十四小时内回应",
    "依法经营、公平竞争，自觉接受监管部门、平台和社会的监督",
)


def commitment(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """Commitments made before trade, to a department, an association or the platform."""
    draw, key = task.draw, pl.col("key")
    kind = {"主动型": 5.0, "行业自律型": 3.0, "信用修复型": 1.0, "审批替代型": 1.0, "证明事项型": 1.0}
    kept = {"履行中": 70.0, "已履行": 20.0, "部分履行": 6.0, "未履行": 4.0}
    endless = draw.chance(key, "endless", 0.2)
    columns = {
        "CN_JS": role_word(task.item),
        "CN_BH": serial("CN"),
        "CN_LX": draw.weighted(key, "commitment", kind),
        "CN_SY": draw.pick(key, "matters", _MATTERS),
        "CN_NR": draw.pick(key, "promise", _PROMISES),
        "CN_ZR": pl.lit("违反承诺的，自愿接受约束和惩戒，并同意向社会公示"),
        "CN_RQ": pl.col("on"),
        "CN_YXQ": pl.when(endless).then(pl.lit(FOREVER)).otherwise(pl.col("on").dt.offset_by("2y")),
        "CN_LXZT": draw.weighted(key, "kept", kept),
        "CN_WZ": pl.when(pl.col("role").is_in(OPERATORS)).then(
            pl.concat_str(["shop_url", pl.lit("/commitment")])
        ),
        **by(task.item, task.source, "CN_SLDW"),
    }
    return finished(task, frame, columns)


# Conduct, weight, what the platform found, what it did.
_VIOLATIONS = (
    (
        "恶意刷单",
        30,
        "系统识别并经人工复核，网店“{shop}”近三十日虚构{goods}交易{count}笔",
        "降低信用等级;限制营销活动",
    ),
    ("图物不符", 22, "消费者举证，{goods}实物与详情页图片、规格不符，涉及订单{count}笔", "商品下架;警示"),
    (
        "假冒伪劣",
        14,
        "抽检及权利人举证，网店“{shop}”所售{goods}涉嫌假冒，涉及订单{count}笔",
        "商品下架;屏蔽店铺",
    ),
    ("价格欺诈", 12, "大促期间{goods}划线价无成交记录，涉及订单{count}笔", "警示;限制营销活动"),
    ("恶意评价", 10, "组织账号对竞争网店发布不实差评{count}条", "删除评价;警示"),
    ("虚假流量", 9, "直播及店铺访问中{count}次来自批量设备，停留时长异常", "限制营销活动"),
    ("其他-泄露买家信息", 3, "违规导出订单收件人信息{count}条", "暂停服务"),
)


def platform_violation(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """What a platform found in a shop and did about it."""
    draw, key, which = task.draw, pl.col("key"), pl.col("_which")
    positions = [str(place) for place, one in enumerate(_VIOLATIONS) for _ in range(one[1])]
    count = 2 + (draw.unit(key, "count") ** 5 * 2000).cast(pl.Int64)
    frame = frame.with_columns(
        _which=draw.pick(key, "violation", positions).cast(pl.Int64),
        _count=count,
        _handed=draw.chance(key, "handed", 0.12),
        _found=pl.col("on") - pl.duration(days=draw.below(key, "found", 9)),
        _gtin=codes.gtin(frame["id"]),
    )
    facts = gather([one[2] for one in _VIOLATIONS], which)
    for place, column in (("{shop}", pl.col("shop")), ("{goods}", pl.col("goods"))):
        facts = facts.str.replace(place, column, literal=True)
    facts = facts.str.replace("{count}", pl.col("_count").cast(pl.String), literal=True)
    handed = pl.when("_handed")
    columns = {
        "PT_BH": serial("WG"),
        "PT_PTMC": pl.lit(task.source.name),
        "PT_PTDM": pl.lit(task.source.code),
        "PT_DPMC": pl.col("shop"),
        "PT_DPLX": pl.col("shop_kind"),
        "PT_DPWZ": pl.col("shop_url"),
        "PT_XW": gather([one[0] for one in _VIOLATIONS], which),
        "PT_SS": facts,
        "PT_YJ": pl.concat_str(
            ["platform_brand", pl.lit("违规行为处理规则第"), (which + 5).cast(pl.String), pl.lit("条")]
        ),
        "PT_CS": gather([one[3] for one in _VIOLATIONS], which),
        "PT_FXRQ": pl.col("_found"),
        "PT_CLRQ": pl.col("on"),
        "PT_DDS": pl.col("_count").cast(pl.String),
        "PT_JE": decimal(pl.col("_count") * (draw.below(key, "price", 20_000) + 900), 2),
        "PT_SP": pl.col("goods"),
        "PT_TM": pl.when(draw.chance(key, "gtin", 0.4)).then(pl.col("_gtin")),
        "PT_YS": handed.then(pl.lit("是")).otherwise(pl.lit("否")),
        "PT_YSBM": handed.then(pl.lit("福建省市场监督管理局")),
    }
    return finished(task, frame, columns)


# Problem, weight, what was asked for.
_COMPLAINTS = (
    ("商品质量", 24, "{goods}收到后存在质量问题，要求退货退款"),
    ("图物不符", 18, "{goods}与页面描述不符，要求退一赔三"),
    ("售后服务", 17, "七日内申请退货被拒，要求网店“{shop}”履行承诺"),
    ("物流寄递", 12, "{goods}长时间未发货且物流信息停滞，要求退款"),
    ("价格问题", 9, "下单后次日降价，要求退还差价"),
    ("虚假宣传", 8, "{goods}宣传功效与实际不符，要求赔偿"),
    ("假冒伪劣", 6, "怀疑{goods}为假冒产品，要求查处并赔偿"),
    ("恶意刷单", 3, "举报网店“{shop}”以红包返现诱导好评、虚增销量"),
    ("个人信息", 3, "购物后频繁收到骚扰电话，怀疑网店泄露信息"),
)
_OUTCOMES = {
    "调解成功": 46.0,
    "终止调解": 22.0,
    "不予受理": 12.0,
    "撤回": 9.0,
    "立案": 4.0,
    "不予立案": 4.0,
    "转办": 3.0,
}


def complaint_outcome(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """How complaints and reports ended; a correction finds the operator not liable after a review."""
    draw, key, which = task.draw, pl.col("key"), pl.col("_which")
    positions = [str(place) for place, one in enumerate(_COMPLAINTS) for _ in range(one[1])]
    frame = frame.with_columns(
        _which=draw.pick(key, "problem", positions).cast(pl.Int64),
        _outcome=draw.weighted(key, "outcome", _OUTCOMES),
        _received=pl.col("on") - pl.duration(days=draw.below(key, "took", 55) + 3),
    )
    outcome = pl.col("_outcome")
    accepted = ~outcome.is_in(["不予受理", "转办"])
    liable = draw.weighted(key, "liable", {"非经营者责任": 3.0, "无法认定": 5.0, "经营者责任": 2.0})
    liable = pl.when(outcome == "调解成功").then(pl.lit("经营者责任")).otherwise(liable)
    asked = gather([one[2] for one in _COMPLAINTS], which)
    for place, column in (("{goods}", "goods"), ("{shop}", "shop")):
        asked = asked.str.replace(place, pl.col(column), literal=True)
    agreed = (outcome == "调解成功") & draw.chance(key, "paid", 0.8) & ~pl.lit(task.amended)
    paid = pl.when(agreed).then(decimal(draw.below(key, "paid sum", 60_000) + 990, 2))
    reported = outcome.is_in(["立案", "不予立案"]) | (which == 7)
    columns = {
        "TS_BH": serial("TS"),
        "TS_LX": pl.when(reported).then(pl.lit("举报")).otherwise(pl.lit("投诉")),
        "TS_QD": draw.weighted(
            key, "channel", {"12315": 6.0, "12345": 3.0, "平台": 1.0, "网络失信举报窗口": 1.0}
        ),
        "TS_WT": gather([one[0] for one in _COMPLAINTS], which),
        "TS_NR": asked,
        "TS_SP": pl.col("goods"),
        "TS_PTMC": pl.col("platform_name"),
        "TS_PTDM": pl.lit(platform_codes(task)).gather(pl.col("platform")),
        "TS_DPMC": pl.col("shop"),
        "TS_DPWZ": pl.col("shop_url"),
        "TS_JSRQ": pl.col("_received"),
        "TS_SLRQ": pl.when(accepted).then(
            almanac.later(pl.col("_received"), draw.below(key, "accepted", 4), task.today)
        ),
        "TS_BJRQ": pl.col("on"),
        "TS_JG": outcome,
        "TS_ZR": pl.lit("非经营者责任") if task.amended else liable,
        "TS_PF": paid,
        **by(task.item, task.source, "TS_CLJG"),
    }
    return finished(task, frame, columns)


def platform_codes(task: Task) -> pl.Series:
    """The platforms' codes by position."""
    return describe(task.world, task.world.segments["platform"].ids())["uscc"]


_PARCEL_FAULTS = (
    ("虚假签收", 32, "未经收件人同意代为签收，用户申诉属实"),
    ("丢失损毁", 26, "快件在转运环节丢失，未按约定赔偿"),
    ("违反收寄验视", 16, "收寄时未验视内件即封装"),
    ("违反实名收寄", 12, "未核对寄件人身份信息即收寄"),
    ("空包寄递", 8, "为网店批量寄递重量异常的空包裹"),
    ("伪造物流轨迹", 4, "无实物揽收而录入运输轨迹"),
    ("泄露用户信息", 2, "员工私自拍摄运单信息外传"),
)


def logistics(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """Parcel figures, service, misconduct and assessments of carriers and of couriers."""
    draw, key = task.draw, pl.col("key")
    courier = pl.col("role") == "courier"
    firms = task.world.segments["logistics_firm"]
    employer = describe(task.world, firms.first + frame["id"] % firms.count)["uscc"]
    of_firm = draw.weighted(
        key, "report", {"运单统计": 5.0, "服务质量": 2.0, "违规行为": 2.0, "信用评定": 1.0}
    )
    of_courier = draw.weighted(key, "report", {"违规行为": 7.0, "信用评定": 3.0})
    frame = frame.with_columns(
        _report=pl.when(courier).then(of_courier).otherwise(of_firm),
        _kind=draw.pick(
            key, "parcel", [str(i) for i, one in enumerate(_PARCEL_FAULTS) for _ in range(one[1])]
        ).cast(pl.Int64),
        _parcels=2_000 + (draw.unit(key, "parcels") ** 3 * 900_000).cast(pl.Int64),
        _employer=pl.Series(employer),
    )
    report, parcels = pl.col("_report"), pl.col("_parcels")
    counted, served = pl.when(report == "运单统计"), pl.when(report.is_in(["运单统计", "服务质量"]))
    broken, graded = pl.when(report == "违规行为"), pl.when(report == "信用评定")
    month = pl.col("on").dt.month_start().dt.offset_by("-1mo")
    share = (draw.unit(key, "late") * 1200).cast(pl.Int64)
    columns = {
        "WL_JS": role_word(task.item),
        "WL_SSQY": pl.when(courier).then(pl.col("_employer")),
        "WL_BH": serial("WL"),
        "WL_XXLX": report,
        "WL_RQ": pl.col("on"),
        "WL_QSRQ": counted.then(month),
        "WL_ZZRQ": counted.then(month.dt.month_end()),
        "WL_YDL": counted.then(parcels.cast(pl.String)),
        "WL_ZSL": served.then(decimal(9_980 - share, 2)),
        "WL_SSL": served.then(decimal(draw.below(key, "appeals", 900) + 20, 2)),
        "WL_DSJ": served.then((parcels // 40_000).cast(pl.String)),
        "WL_XJQS": served.then((parcels // 90_000).cast(pl.String)),
        "WL_KBJ": served.then(draw.below(key, "empty", 8).cast(pl.String)),
        "WL_XW": broken.then(gather([one[0] for one in _PARCEL_FAULTS], pl.col("_kind"))),
        "WL_SS": broken.then(gather([one[2] for one in _PARCEL_FAULTS], pl.col("_kind"))),
        "WL_YDH": broken.then(pl.concat_str([pl.lit("DM"), (10**11 + key % 10**11).cast(pl.String)])),
        "WL_DJ": graded.then(draw.weighted(key, "grade", {"A": 4.0, "B": 3.0, "C": 2.0, "D": 0.5})),
        "WL_YXQ": graded.then(pl.col("on").dt.offset_by("1y")),
        **by(task.item, task.source, "WL_LYDW"),
    }
    return finished(task, frame, columns)


_GRADES = {
    "AAA": 8.0,
    "AA": 18.0,
    "A": 30.0,
    "BBB": 20.0,
    "BB": 10.0,
    "B": 7.0,
    "CCC": 3.0,
    "CC": 2.0,
    "C": 1.0,
    "D": 1.0,
}
_SCORES = {"AAA": 95, "AA": 90, "A": 82, "BBB": 74, "BB": 66, "B": 58, "CCC": 50, "CC": 40, "C": 30, "D": 15}


def third_party_rating(task: Task, frame: pl.DataFrame) -> pl.DataFrame:
    """Yearly ratings by credit agencies."""
    draw, key = task.draw, pl.col("key")
    frame = frame.with_columns(_grade=draw.weighted(key, "grade", _GRADES))
    grade = pl.col("_grade")
    score = grade.replace_strict(list(_SCORES), list(_SCORES.values()), return_dtype=pl.Int64) * 100
    good, fair = score >= 8000, score >= 6000
    opinion = (
        pl.when(good).then(pl.lit("经营稳定，履约良好，投诉率低于同行业平均"))
        .when(fair).then(pl.lit("经营基本稳定，售后响应有待改进"))
        .otherwise(pl.lit("存在较多纠纷或行政处罚记录，履约能力较弱"))
    )  # fmt: skip
    columns = {
        "PJ_BGBH": serial("PJ"),
        "PJ_FF": pl.lit("SB/T 11227-2021"),
        "PJ_DJ": grade,
        "PJ_FS": decimal(score + draw.below(key, "score", 480), 2),
        "PJ_LY": opinion,
        "PJ_WT": draw.weighted(
            key, "asked by", {"受评主体委托": 6.0, "平台委托": 3.0, "政府部门委托": 1.0, "机构自主": 1.0}
        ),
        "PJ_SX": pl.when(~fair).then(pl.lit("近一年有行政处罚记录")),
        "PJ_RQ": pl.col("on"),
        "PJ_YXQ": pl.col("on").dt.offset_by("1y"),
        "PJ_WZ": pl.concat_str([pl.lit("https://rating.example/r/"), (key % 10**10).cast(pl.String)]),
        **by(task.item, task.source, "PJ_JG"),
    }
    return finished(task, frame, columns)
