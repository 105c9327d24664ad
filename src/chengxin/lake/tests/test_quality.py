"""What the report says of rows that break a rule, and that no broken input breaks an import."""

from __future__ import annotations

import csv
import os
from decimal import Decimal
from pathlib import Path

import pytest

from chengxin.lake.inspecting import inspect
from chengxin.lake.quality import RULES, Report
from chengxin.lake.tests.sending import NOW, kept, mark, order, sent, utc, write


def _counts(report: Report) -> dict[tuple[str, str], int]:
    return {(one.rule, one.column): one.count for one in report.findings}


def test_broken_rows_are_refused_with_value_and_row_and_can_be_mended_and_sent_again(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    rows = [
        order(1), order(2, amount="12.345"), order(3, quantity="1.5"), order(4, status="lost"),
        order(5, seller_id="  "),
        order(6, created_at="yesterday", amount="￥5"), order(7, created_at="infinity"),
        order(8, dwell_s="nan"), order(9),
    ]  # fmt: skip
    outcome = sent(lake, write(tmp_path / "orders.csv", rows))
    report = outcome.reports[0]
    assert (outcome.code, report.rows, report.kept, report.refused) == (1, 9, 2, 7)
    assert _counts(report) == {
        ("type", "amount"): 2, ("type", "quantity"): 1, ("values", "status"): 1, ("required", "seller_id"): 1,
        ("type", "created_at"): 2, ("type", "dwell_s"): 1,
    }  # fmt: skip
    amount = next(one for one in report.findings if one.column == "amount")
    assert [(one.file, one.row, one.value) for one in amount.examples] == [
        ("orders.csv", 3, "12.345"), ("orders.csv", 7, "￥5"),
    ]  # fmt: skip
    assert amount.share == round(2 / 9, 6)
    refused = lake / report.refused_files[0]
    with refused.open(encoding="utf-8") as file:
        told = {row["order_id"]: (row["_row"], row["_reasons"]) for row in csv.DictReader(file)}
    assert told["O6"] == ("7", "amount:type; created_at:type")
    assert len(told) == 7
    mended = tmp_path / "orders-mended.csv"
    mended.write_text(refused.read_text(encoding="utf-8").replace("lost", "paid"), encoding="utf-8")
    again = sent(lake, mended)
    assert (again.reports[0].kept, again.reports[0].unknown) == (1, [])


def test_what_speaks_against_a_row_is_said_and_the_row_kept(tmp_path: Path) -> None:
    lake, created = tmp_path / "lake", utc(2026, 3, 1)
    rows = [
        order(1, quantity=0), order(2, created_at=created, paid_at=utc(2026, 2, 1)),
        order(3, created_at=utc(2026, 12, 24)), order(4, seller_id="S404"), order(5, colour="red"),
    ]  # fmt: skip
    seller = {"seller_id": "S1", "platform": "taobao", "shop_name": "小店", "opened_at": utc(2020, 1, 1)}
    outcome = sent(lake, write(tmp_path / "orders.csv", rows), write(tmp_path / "sellers.csv", [seller]))
    report = next(one for one in outcome.reports if one.table == "orders")
    assert (outcome.code, report.kept) == (0, 5)
    assert _counts(report) == {
        ("range", "quantity"): 1, ("not_before", "paid_at"): 1, ("future", "created_at"): 1,
        ("refers", "seller_id"): 1,
    }  # fmt: skip
    assert report.unknown == ["colour"]
    assert report.unchecked == ["listings.product_id"]
    assert report.ranges["quantity"] == (0, 1)
    assert report.as_dict()["ranges"]["created_at"]["most"] == "2026-12-24T00:00:00Z"


def test_a_key_may_point_to_what_the_lake_has(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    seller = {"seller_id": "S1", "platform": "taobao", "shop_name": "小店", "opened_at": utc(2020, 1, 1)}
    sent(lake, write(tmp_path / "sellers.csv", [seller]))
    report = sent(lake, write(tmp_path / "orders.csv", [order(1), order(2, seller_id="S404")])).reports[0]
    assert _counts(report) == {("refers", "seller_id"): 1}


def test_scans_that_contradict_collected_before_signed_are_warned_of(tmp_path: Path) -> None:
    def scan(waybill: str, event: str, hour: int) -> dict[str, object]:
        return {
            "waybill_no": waybill, "carrier": "顺丰", "event": event, "region": "350100",
            "at": utc(2026, 1, 1, hour),
        }  # fmt: skip

    right = [scan("W1", "collected", 1), scan("W1", "arrived", 2), scan("W1", "signed", 3)]
    wrong = [
        scan("W2", "signed", 1),
        scan("W2", "collected", 2),
        scan("W3", "collected", 5),
        scan("W3", "arrived", 4),
    ]
    report = sent(tmp_path / "lake", write(tmp_path / "scans.csv", right + wrong)).reports[0]
    (route,) = (one for one in report.findings if one.rule == "route")
    assert (route.count, [one.value for one in route.examples]) == (2, ["W2", "W3"])


def test_a_plain_identity_or_mobile_number_in_an_id_or_hash_is_warned_of_and_masked(tmp_path: Path) -> None:
    plain = [
        "11010519491231002X",
        "13812345678",
        "deadbeef",
        "110105194912310021",
    ]  # the last: no valid number
    rows = [order(at, buyer_id=value, address_hash=f"h{at}") for at, value in enumerate(plain)]
    report = sent(tmp_path / "lake", write(tmp_path / "orders.csv", rows)).reports[0]
    (found,) = (one for one in report.findings if one.rule == "personal")
    assert (found.column, found.count, report.kept) == ("buyer_id", 2, 4)
    assert not any(value in str(report.as_dict()) for value in plain[:2])
    assert found.examples[0].value == "*" * 16 + "2X"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_text_is_taken_in_the_encodings_that_are_sent(tmp_path: Path, encoding: str) -> None:
    rows = [order(at, platform="福州平台", seller_id=f"卖家𠮷{at}") for at in range(50)]
    file = write(tmp_path / "orders.csv", rows, encoding=encoding, delimiter="\t")
    outcome = sent(tmp_path / "lake", file)
    assert outcome.code == 0, outcome.as_dict()
    assert {row["seller_id"] for row in kept(tmp_path / "lake", "orders")} == {
        row["seller_id"] for row in rows
    }


def test_one_broken_line_costs_one_line(tmp_path: Path) -> None:
    good = [f"a{at}.example,C{at},店{at}\n".encode() for at in range(40)]
    broken = [
        b"short\n",
        b"too,many,fields,here\n",
        b"x.example,C9,\xff\xfe\n",
        b'"open,C9\n',
        b"y.example,C9," + b"z" * 3_000_000 + b"\n",
    ]
    header = b"Domain, SUBJECT_CODE ,shop_name\n"
    quoted = b'"q\nuoted.example",Q,"say ""hi"""\n'
    body = (
        good[:10] + broken[:1] + [quoted] + good[10:20] + broken[1:3] + good[20:] + broken[4:] + broken[3:4]
    )
    (tmp_path / "marks.csv").write_bytes(header + b"".join(body))
    report = sent(tmp_path / "lake", tmp_path / "marks.csv").reports[0]
    assert (report.kept, report.refused, _counts(report)) == (41, 5, {("line", ""): 5})
    assert [one.row for one in report.findings[0].examples] == [12, 24, 25]
    assert any(row["domain"] == "q\nuoted.example" for row in kept(tmp_path / "lake", "marks"))
    lines = [
        '{"domain": "a.example", "subject_code": "C1"}',
        '{"domain": "b.exam',
        "[1]",
        "",
        '{"Subject_Code": 7, "domain": "c.example"}',
    ]
    (tmp_path / "marks.jsonl").write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    report = sent(tmp_path / "lake-2", tmp_path / "marks.jsonl").reports[0]
    assert (report.kept, report.refused) == (2, 2)
    assert [one.row for one in report.findings[0].examples] == [2, 3]


def test_what_cannot_be_read_is_named_and_the_other_files_are_taken(tmp_path: Path) -> None:
    folder = tmp_path / "sent"
    write(folder / "marks.csv", [mark(1)])
    (folder / "empty.csv").touch()
    (folder / "nonsense.csv").write_bytes(bytes(range(256)) * 500)
    (folder / "torn.parquet").write_bytes(write(folder / "whole-marks.parquet", [mark(2)]).read_bytes()[:-9])
    (folder / "cut-marks.csv.gz").write_bytes(b"\x1f\x8b\x08\x00nothing")
    (folder / "other.csv").write_text("姓名,电话\n甲,乙\n", encoding="gb18030")
    (folder / "twice-marks.csv").write_text("domain,DOMAIN,subject_code\na,b,c\n")
    (folder / "array.json").write_text('[{"domain": "a"}]')
    os.mkfifo(folder / "pipe.csv")
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    write(tmp_path / "secret.csv", [mark(3)])
    outcome = sent(tmp_path / "lake", folder, tmp_path / "gone.csv")
    named = {Path(one.file).name for one in outcome.not_taken}
    assert outcome.code == 1
    assert named == {
        "empty.csv", "nonsense.csv", "torn.parquet", "cut-marks.csv.gz", "other.csv", "twice-marks.csv",
        "array.json", "link.csv", "gone.csv",
    }  # fmt: skip
    assert all(" / " in one.why for one in outcome.not_taken)
    assert {row["domain"] for row in kept(tmp_path / "lake", "marks")} == {"shop1.example", "shop2.example"}
    assert sent(tmp_path / "lake-2", folder / "empty.csv").code == 2


def test_checking_a_lake_says_what_sending_it_said_and_changes_nothing(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    rows = [order(1, quantity=0), order(2, created_at=utc(2027, 1, 1), amount=Decimal(1))]
    report = sent(lake, write(tmp_path / "orders.csv", rows)).reports[0]
    write(lake / "marks" / "plain.csv", [mark(1), mark(1), mark(2, subject_code=" ")])
    before = {path: path.stat().st_mtime_ns for path in lake.rglob("*")}
    found = {one.table: one for one in inspect(lake, now=NOW).reports}
    assert (
        _counts(found["orders"]) == _counts(report) == {("range", "quantity"): 1, ("future", "created_at"): 1}
    )
    assert (found["marks"].duplicates, found["marks"].refused, found["marks"].kept) == (1, 1, 1)
    assert {path: path.stat().st_mtime_ns for path in lake.rglob("*")} == before


def test_every_rule_has_its_words_in_both_languages() -> None:
    assert all(all(words) for words in RULES.values())


def test_rows_keep_their_numbers_in_a_file_that_is_read_in_parallel(tmp_path: Path) -> None:
    far, lines = "f" * 2_000, ["waybill_no,carrier,event,facility,region,at"]
    for row in range(2, 40_002):
        event = f"lost {row}" if row % 9_973 == 0 else "arrived"
        lines.append("torn" if row == 11_111 else f"W{row},c,{event},{far},350100,2026-01-01T00:00:00Z")
    (tmp_path / "scans.csv").write_text("\n".join(lines), encoding="utf-8")
    report = sent(tmp_path / "lake", tmp_path / "scans.csv").reports[0]
    (values,) = (one for one in report.findings if one.rule == "values")
    assert [(one.row, one.value) for one in values.examples] == [
        (at, f"lost {at}") for at in (9973, 19946, 29919)
    ]
    with (tmp_path / "lake" / report.refused_files[0]).open(encoding="utf-8") as file:
        told = [(row["waybill_no"], row["_row"]) for row in csv.DictReader(file)]
    assert told == [
        ("W9973", "9973"),
        ("", "11111"),
        ("W19946", "19946"),
        ("W29919", "29919"),
        ("W39892", "39892"),
    ]
