"""The living page of the design system: every component as it is, with its purpose and its markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext, gettext_noop

from chengxin.design.charts import Chart
from chengxin.design.forms import Field, filled
from chengxin.design.render import reading
from chengxin.design.tables import Asked, Cell, Column, Filter, Row, Rows, Table, table_page
from chengxin.kernel.problems import Problem

STATES = {
    "kept": ("good", gettext_noop("已入档")),
    "waiting": ("warn", gettext_noop("待复核")),
    "rejected": ("bad", gettext_noop("已退回")),
    "running": ("info", gettext_noop("校验中")),
}
SAMPLE = Table(
    "sample",
    gettext_noop("示例：报送批次"),
    (
        Column("number", gettext_noop("批次"), "code", sort=True),
        Column("day", gettext_noop("收到日期"), "date", sort=True),
        Column("source", gettext_noop("报送单位")),
        Column("rows", gettext_noop("行数"), "number", sort=True),
        Column("accepted", gettext_noop("合格率"), "share", sort=True),
        Column("state", gettext_noop("状态"), "badge"),
        Column("file", gettext_noop("文件名"), hidden=True),
    ),
    (
        Filter("source", gettext_noop("报送单位")),
        Filter(
            "state", gettext_noop("状态"), "choice", tuple((id, words) for id, (_, words) in STATES.items())
        ),
        Filter("since", gettext_noop("不早于"), "date"),
        Filter("least", gettext_noop("至少行数"), "number"),
    ),
    order="-number",
    size=8,
)
_SOURCES = ("福州市示例市场监督管理局", "厦门海关（示例）", "榕城优选电子商务平台", "闽江速运", "八闽征信")
_FIRST = date(2026, 1, 5)


def _batches() -> list[dict[str, Any]]:
    states = list(STATES)
    return [
        {
            "number": f"B{1000 + at}",
            "day": _FIRST + timedelta(days=2 * at),
            "source": _SOURCES[at * 7 % len(_SOURCES)],
            "rows": (at * 7919) % 48_000 + 12,
            "accepted": 1 - (at * 37 % 90) / 1000,
            "state": states[0] if at % 5 else states[at // 5 % len(states)],
            "file": f"penalty-{at:03}.csv",
        }
        for at in range(60)
    ]


def _fits(one: dict[str, Any], given: Asked) -> bool:
    wanted = given.filters
    return (
        wanted.get("source", "") in one["source"]
        and wanted.get("state", one["state"]) == one["state"]
        and one["day"].isoformat() >= wanted.get("since", "")
        and one["rows"] >= int(wanted.get("least", "0"))
    )


def _sample(given: Asked, size: int) -> Rows:
    key = given.order.removeprefix("-")
    found = sorted(
        (one for one in _batches() if _fits(one, given)),
        key=lambda one: (one[key], one["number"]),
        reverse=given.order.startswith("-"),
    )
    start = int(given.after or 0)
    part = found[max(start, 0) : max(start, 0) + size]
    following = str(start + size) if start + size < len(found) else None
    return Rows([_row(one) for one in part], next=following, total=len(found))


def _row(one: dict[str, Any]) -> Row:
    kind, words = STATES[one["state"]]
    return one | {
        "number": Cell(one["number"], url="#tables"),
        "source": Cell(one["source"], note=gettext("需在15日内改正") if one["state"] == "rejected" else None),
        "state": Cell(gettext(words), badge=kind),
    }


def _fields() -> list[Field]:
    yes_no = (("yes", gettext("是")), ("no", gettext("否")))
    items = (
        ("penalty", gettext("行政处罚")),
        ("permit", gettext("行政许可")),
        ("complaint", gettext("消费投诉")),
    )
    return [
        Field("name", gettext("名称"), hint=gettext("与营业执照一致"), autocomplete="off"),
        Field("code", gettext("统一社会信用代码"), hint=gettext("18位"), autocomplete="off"),
        Field(
            "region", gettext("地区"), "select",
            choices=(("", gettext("请选择")), ("350100", gettext("福州市"))),
        ),
        Field("agreed", gettext("是否公示"), "radio", "yes", choices=yes_no),
        Field("items", gettext("报送项目"), "checkbox", "penalty", choices=items, required=False),
        Field("day", gettext("决定日期"), "date"),
        Field("amount", gettext("罚款金额"), "number", hint=gettext("单位：元"), required=False),
        Field("reason", gettext("事实和理由"), "textarea", required=False, attributes={"maxlength": "500"}),
        Field(
            "file", gettext("报送的文件"), "file", hint=gettext("CSV或XLSX；可以把文件拖到这里"),
            required=False, attributes={"accept": ".csv,.xlsx", "data-drop": ""},
        ),
        Field("checked", gettext("我已核对以上内容"), "checkbox"),
    ]  # fmt: skip


def _faulty() -> list[Field]:
    problems = [
        Problem(
            "code", None, "uscc",
            "统一社会信用代码的校验位不对", "the check character of the unified social credit code is wrong",
            "请对照营业执照重新填写", "copy it again from the business licence",
        ),
    ]  # fmt: skip
    some = [replace(one, required=False) for one in _fields()[:3]]
    sent = QueryDict("name=福州榕味海产有限公司&code=91350100M000100Y4X&region=350100")
    return [replace(one, name=f"faulty-{one.name}") for one in filled(some, sent, problems)]


def _charts() -> list[Chart]:
    months = tuple(f"2026-{month:02}" for month in range(1, 7))
    kept, returned = gettext("入档"), gettext("退回")
    return [
        Chart(
            "bar", gettext("每月报送行数"), "bar", months,
            ((gettext("行数"), (1204, 1890, 1622, 2210, 2450, 2031)),), unit=gettext("行"),
        ),
        Chart(
            "line", gettext("合格率"), "line", months,
            ((gettext("本单位"), (93.1, 94.0, None, 96.2, 97.0, 97.4)),
             (gettext("全部单位的中位数"), (95.0, 95.2, 95.1, 95.6, 95.9, 96.0))), unit="%",
        ),
        Chart(
            "stacked", gettext("入档和退回"), "stacked", months,
            ((kept, (1100, 1700, 1500, 2100, 2300, 1990)), (returned, (104, 190, 122, 110, 150, 41))),
            unit=gettext("行"),
        ),
        Chart(
            "share", gettext("按信息类别"), "share",
            (gettext("行政处罚"), gettext("行政许可"), gettext("消费投诉"), gettext("平台处置")),
            ((gettext("条数"), (4120, 6210, 1890, 730)),), unit=gettext("条"),
        ),
    ]  # fmt: skip


COLOURS: tuple[tuple[str, str], ...] = (
    ("paper", gettext_noop("页面")), ("surface", gettext_noop("卡片")), ("sunken", gettext_noop("凹处")),
    ("ink", gettext_noop("正文")), ("soft", gettext_noop("次要文字")), ("line", gettext_noop("线")),
    ("edge", gettext_noop("控件边框")), ("link", gettext_noop("链接")), ("accent", gettext_noop("印章红")),
    ("good", gettext_noop("合格")), ("warn", gettext_noop("注意")), ("bad", gettext_noop("错误")),
    ("info", gettext_noop("提示")), ("still", gettext_noop("中性")),
)  # fmt: skip


@reading
def design(request: HttpRequest) -> HttpResponse:
    """Every component, with a table that really sorts, filters, pages and exports."""
    values = {
        "colours": [(id, gettext(words)) for id, words in COLOURS],
        "badges": [(kind, gettext(words)) for kind, words in STATES.values()],
        "fields": _fields(),
        "faulty": _faulty(),
        "charts": _charts(),
    }
    return table_page(request, "design/design", SAMPLE, _sample, values)


design.permission = "public"  # type: ignore[attr-defined]  # accounts.guard is a floor above
