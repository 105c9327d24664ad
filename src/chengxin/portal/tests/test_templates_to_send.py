"""The templates that the catalogue's pages hand out: their headings are those of the item."""

from __future__ import annotations

import csv
import io

import openpyxl
from django.test import Client
from django.utils import timezone

from chengxin.rulebook import catalogue
from chengxin.rulebook.template import headings


def test_every_item_has_a_workbook_with_its_headings(database: str, browser: Client) -> None:
    for item in catalogue.items(timezone.localdate()):
        response = browser.get(f"/catalogue/{item.id}/template.xlsx")
        assert response.status_code == 200
        assert f'filename="{item.id}.{item.version.isoformat()}.xlsx"' in response["Content-Disposition"]
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
        first = [cell.value for cell in next(sheet.iter_rows(max_row=1))]
        assert tuple(str(one) for one in first) == headings(item)


def test_every_item_has_a_csv_that_spreadsheets_read_as_chinese(database: str, browser: Client) -> None:
    for item in catalogue.items(timezone.localdate()):
        response = browser.get(f"/catalogue/{item.id}/template.csv")
        text = response.content.decode("utf-8-sig")
        assert response.content.startswith(b"\xef\xbb\xbf")
        assert tuple(next(csv.reader(io.StringIO(text)))) == headings(item)


def test_an_item_that_is_not_in_the_catalogue_has_no_template(database: str, browser: Client) -> None:
    for kind in ("xlsx", "csv"):
        assert browser.get(f"/catalogue/nothing/template.{kind}").status_code == 404
