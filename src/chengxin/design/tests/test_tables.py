"""Lists: what a query may ask, how pages go on, what leaves as a file."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import RequestFactory
from django.utils.translation import gettext_noop, override

from chengxin.design.tables import Asked, Cell, Column, Filter, Row, Rows, Table, asked, table_page
from chengxin.design.tests.framed import framed
from chengxin.testing.checked import checked

SHOPS = Table(
    "shops",
    gettext_noop("网店"),
    (
        Column("name", gettext_noop("名称"), sort=True),
        Column("orders", gettext_noop("订单"), "number", sort=True),
        Column("late", gettext_noop("逾期率"), "share"),
        Column("note", gettext_noop("备注"), hidden=True),
    ),
    (
        Filter("name", gettext_noop("名称")),
        Filter("state", gettext_noop("状态"), "choice", (("open", gettext_noop("营业")),)),
        Filter("since", gettext_noop("起"), "date"),
        Filter("least", gettext_noop("至少"), "number"),
    ),
    order="name",
    size=2,
)
ROWS: list[Row] = [
    {"name": Cell("榕味海产", url="/a", badge="good"), "orders": 1204, "late": 0.125, "note": "=1+1"},
    {"name": "@SUM(A1)", "orders": -5, "late": None, "note": None},
    {"name": "岚岛", "orders": 7, "late": 0, "note": "-2"},
]


def fetch(question: Asked, size: int) -> Rows:
    start = int(question.after or 0)
    part = ROWS[start : start + size]
    return Rows(part, next=str(start + size) if start + size < len(ROWS) else None, total=len(ROWS))


def request_of(query: str = "", **headers: str) -> HttpRequest:
    return RequestFactory().get(f"/list?{query}", headers=headers)


def answer(query: str = "", **headers: str) -> HttpResponse:
    return table_page(request_of(query, **headers), "design/tests/list", SHOPS, fetch)


def test_known_filters_with_fitting_values_are_asked() -> None:
    question = asked(
        SHOPS, QueryDict("name= 榕 味 &state=open&since=2026-01-31&least=12&order=-orders&columns=orders")
    )
    assert question.filters == {"name": "榕 味", "state": "open", "since": "2026-01-31", "least": "12"}
    assert (question.order, question.columns, question.after) == ("-orders", ("orders",), None)
    assert not question.problems


@pytest.mark.parametrize(
    "query",
    [
        "state=closed",
        "since=2026-02-30",
        "since=20260101",
        "least=-1",
        "least=１２",
        "name=" + "x" * 201,
        "order=secret",
        "order=--name",
        "order=late",
        "columns=password",
        "after=" + "9" * 500,
    ],
)
def test_nonsense_is_left_out_and_told(query: str) -> None:
    question = asked(SHOPS, QueryDict(query))
    assert question.filters == {}
    assert question.order == "name"
    assert question.columns == ("name", "orders", "late")
    assert question.after is None
    (problem,) = question.problems
    assert problem.zh and problem.en and problem.mend_zh


def test_without_a_choice_hidden_columns_stay_hidden() -> None:
    assert "note" not in asked(SHOPS, QueryDict("")).columns
    assert asked(SHOPS, QueryDict("columns=note&columns=name")).columns == ("name", "note")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "query", ["", "state=open&order=-orders&columns=name", "after=2", "after=x", "state=no"]
)
def test_a_part_of_a_page_is_sound_html(database: str, query: str, language: str) -> None:
    with override(language):
        response = answer(query, HX_Request="true", HX_Target="shops")
    text = response.content.decode()
    page = checked(framed(text))
    assert not list(page.finish())
    assert not page.stray
    assert "<html" not in text
    assert "HX-Target" in response["Vary"]


def test_order_and_paging_keep_what_was_asked(database: str) -> None:
    text = answer("state=open&order=-orders", HX_Request="true", HX_Target="shops").content.decode()
    assert 'aria-sort="descending"' in text
    assert "?state=open&amp;order=-orders&amp;after=2" in text
    assert "?state=open&amp;order=orders" in text
    assert "?state=open&amp;order=-orders&amp;format=csv" in text
    assert "1,204" in text
    assert "12.5%" in text


def test_a_place_that_is_none_leads_to_the_first_page_with_a_notice(database: str) -> None:
    response = answer("after=nonsense", HX_Request="true", HX_Target="shops")
    assert response.status_code == 200
    assert "没有这一页" in response.content.decode()
    assert "榕味海产" in response.content.decode()


def test_no_text_in_a_file_is_taken_for_a_formula() -> None:
    body = answer("format=csv&columns=name&columns=orders&columns=note").content
    assert body.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    assert lines == [
        ["名称", "订单", "备注"],
        ["榕味海产", "1204", "'=1+1"],
        ["'@SUM(A1)", "-5", ""],
        ["岚岛", "7", "'-2"],
    ]


def test_a_workbook_holds_all_rows_with_numbers_as_numbers() -> None:
    response = answer("format=xlsx&columns=name&columns=orders&columns=note")
    assert 'filename="shops.xlsx"' in response["Content-Disposition"]
    assert response["Cache-Control"] == "no-store"
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    values = list(sheet.values)
    assert values[1] == ("榕味海产", 1204, "'=1+1")
    assert values[2][:2] == ("'@SUM(A1)", -5)
    assert len(values) == 4


def test_a_file_is_noted_before_it_leaves_and_ends_where_it_must() -> None:
    noted: list[tuple[str, int]] = []
    response = table_page(
        request_of("format=csv"),
        "design/tests/list",
        SHOPS,
        fetch,
        exported=lambda format, rows: noted.append((format, rows)),
        most=2,
    )
    assert noted == [("csv", 2)]
    lines = response.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert "2" in lines[-1]


def test_who_may_not_export_gets_no_file() -> None:
    def refuse(format: str, rows: int) -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        table_page(request_of("format=xlsx"), "design/tests/list", SHOPS, fetch, exported=refuse)
