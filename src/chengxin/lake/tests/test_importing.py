"""What is sent is in the lake afterwards: every valid row, once, the newest, in its partition."""

from __future__ import annotations

import gzip
import tempfile
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.lake.contract import tables
from chengxin.lake.partitions import PlainTable, decoded, encoded
from chengxin.lake.tests.sending import Row, as_set, kept, mark, order, parts, rows_of, sent, utc, write

ORDERS, FORMS = tables()["orders"], (".csv", ".jsonl", ".parquet")


@pytest.mark.parametrize("name", list(tables()))
def test_every_valid_row_is_read_back_as_it_was_sent(name: str) -> None:
    table = tables()[name]

    @given(rows=rows_of(table), form=st.sampled_from(FORMS))
    @settings(max_examples=3, deadline=None)
    def holds(rows: list[Row], form: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = write(Path(folder) / f"{name}{form}", rows)
            outcome = sent(Path(folder) / "lake", file)
            assert outcome.code == 0, (outcome.as_dict(), rows)
            found = kept(Path(folder) / "lake", name)
            assert len(found) == len(rows) == outcome.reports[0].kept
            assert as_set(table, found) == as_set(table, rows)

    holds()


@given(cuts=st.lists(st.integers(0, 30), max_size=3), turned=st.permutations(range(30)))
@settings(max_examples=2, deadline=None)
def test_neither_the_order_of_rows_nor_how_they_are_split_into_files_matters(
    cuts: list[int], turned: list[int]
) -> None:
    rows = [order(at, created_at=utc(2026, 1 + at % 3, 2), platform="ab"[at % 2]) for at in range(30)]
    some = [rows[at] for at in turned]
    ends = [0, *sorted(cuts), 30]
    with tempfile.TemporaryDirectory() as folder:
        whole, split = Path(folder) / "whole", Path(folder) / "split"
        sent(whole, write(Path(folder) / "orders.csv", rows))
        pieces = [some[first:last] for first, last in pairwise(ends) if last > first]
        files = [write(Path(folder) / f"orders-{at}{FORMS[at % 3]}", one) for at, one in enumerate(pieces)]
        sent(split, *files)
        assert parts(whole, "orders") == parts(split, "orders")
        assert len(parts(whole, "orders")) == 6


def test_rows_lie_sorted_by_their_clock_in_the_month_that_it_is_in_utc(tmp_path: Path) -> None:
    late = {"created_at": "2026-02-01 07:59:59+08:00"}  # still January in UTC
    file = write(
        tmp_path / "orders.jsonl", [order(1, created_at="2026-01-05T00:00:00Z") | late, order(0), order(5)]
    )
    sent(tmp_path / "lake", file)
    ((folder, rows),) = parts(tmp_path / "lake", "orders").items()
    assert folder == "orders/platform=taobao/month=2026-01"
    assert [row["created_at"] for row in rows] == sorted(row["created_at"] for row in rows)
    assert rows[-1]["created_at"] == utc(2026, 1, 31, 23, 59, 59)
    assert (
        pq.read_metadata(tmp_path / "lake" / folder / "rows.parquet").row_group(0).column(0).compression
        == "ZSTD"
    )


def test_the_same_file_twice_changes_nothing_under_any_name_and_packing(tmp_path: Path) -> None:
    lake, file = tmp_path / "lake", write(tmp_path / "orders.csv", [order(1), order(2)])
    sent(lake, file)
    sent(lake, write(tmp_path / "newer-orders.csv", [order(1, status="received")]))
    before = {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()}
    packed = tmp_path / "again-orders.csv.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    outcome = sent(lake, file, packed)
    assert (outcome.code, outcome.already) == (0, ["orders.csv", "again-orders.csv.gz"])
    assert {path: path.read_bytes() for path in lake.rglob("*") if path.is_file()} == before


def test_what_is_sent_later_counts_and_the_rest_stays(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    sent(lake, write(tmp_path / "orders.csv", [order(1), order(2), order(3)]))
    changed = [order(2), order(3, status="refunded"), order(4)]
    report = sent(lake, write(tmp_path / "orders-2.jsonl", changed)).reports[0]
    assert (report.rows, report.kept, report.duplicates, report.changed, report.added) == (3, 2, 1, 1, 1)
    assert {row["order_id"]: row["status"] for row in kept(lake, "orders")} == {
        "O1": "paid", "O2": "paid", "O3": "refunded", "O4": "paid",
    }  # fmt: skip


def test_a_row_whose_month_changed_is_in_one_month_only(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    sent(lake, write(tmp_path / "orders.csv", [order(1)]))
    sent(lake, write(tmp_path / "orders-2.csv", [order(1, created_at=utc(2026, 3, 1))]))
    assert list(parts(lake, "orders")) == ["orders/platform=taobao/month=2026-03"]
    assert not (lake / "orders/platform=taobao/month=2026-01").exists()


def test_no_reporter_overwrites_what_another_reported(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    sent(lake, write(tmp_path / "orders.csv", [order(1)]))
    outcome = sent(
        lake,
        write(tmp_path / "theirs.csv", [order(1), order(1, platform="jd")]),
        table="orders",
        reporter="jd",
    )
    assert (outcome.code, outcome.reports[0].refused) == (1, 1)
    assert {(row["platform"], row["order_id"]) for row in kept(lake, "orders")} == {
        ("taobao", "O1"),
        ("jd", "O1"),
    }


def test_a_partition_sent_whole_replaces_the_partition_and_no_other(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    elsewhere = order(9, created_at=utc(2026, 5, 1))
    sent(lake, write(tmp_path / "orders.csv", [order(1), order(2), elsewhere]))
    again = write(tmp_path / "orders-2.csv", [order(2), order(3)])
    for _ in range(2):  # the second time, too: who says replace means it
        sent(lake, again, replace=True)
        assert sorted(row["order_id"] for row in kept(lake, "orders")) == ["O2", "O3", "O9"]


def test_within_a_sending_the_later_file_counts_and_within_a_file_the_later_times(tmp_path: Path) -> None:
    paid = utc(2026, 1, 3)
    rows = [order(1, paid_at=paid, received_at=None), order(1, paid_at=paid, received_at=paid + timedelta(9))]
    for at, some in enumerate((rows, rows[::-1])):
        lake = tmp_path / f"lake-{at}"
        report = sent(lake, write(tmp_path / f"orders-{at}.csv", some)).reports[0]
        assert kept(lake, "orders")[0]["received_at"] == paid + timedelta(9)
        assert [(one.rule, one.count) for one in report.findings] == [("repeated", 1)]
    first = write(tmp_path / "a" / "orders-01.csv", rows)
    write(tmp_path / "a" / "orders-02.csv", [order(1, status="cancelled")])
    sent(tmp_path / "lake", first.parent)
    assert [row["status"] for row in kept(tmp_path / "lake", "orders")] == ["cancelled"]


def test_tables_without_a_key_lose_exact_duplicates_only(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    sent(lake, write(tmp_path / "marks.csv", [mark(1), mark(1), mark(1, subject_code="C2")]))
    untouched = (lake / "marks/rows.parquet").stat().st_mtime_ns
    report = sent(lake, write(tmp_path / "marks-2.csv", [mark(1)])).reports[0]
    assert (report.duplicates, report.kept, report.partitions) == (1, 0, [])
    assert (lake / "marks/rows.parquet").stat().st_mtime_ns == untouched
    assert len(kept(lake, "marks")) == 2


@pytest.mark.parametrize(
    "reporter", ["../../x", "..", "/etc", "a/b=c", "平台 甲%2F", "%", "x\ty", "C:\\x", "*?[a]{b}'\""]
)
def test_no_name_of_a_reporter_leads_out_of_the_lake(tmp_path: Path, reporter: str) -> None:
    lake = tmp_path / "in" / "lake"
    for at in (1, 2):  # the second is merged with what the first wrote
        sent(lake, write(tmp_path / "out" / f"orders-{at}.csv", [order(at, platform=reporter)]))
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_relative_to(lake)]
    assert sorted(path.name for path in outside) == ["orders-1.csv", "orders-2.csv"]
    assert [row["platform"] for row in kept(lake, "orders")] == [reporter, reporter]
    (folder,) = (lake / "orders").iterdir()
    assert folder.name == f"platform={encoded(reporter)}"
    assert decoded(encoded(reporter)) == reporter


def test_a_symbolic_link_in_the_lake_is_never_written_through(tmp_path: Path) -> None:
    lake, elsewhere = tmp_path / "lake", tmp_path / "elsewhere"
    lake.mkdir()
    elsewhere.mkdir()
    (lake / "orders").symlink_to(elsewhere)
    with pytest.raises(ValueError, match="符号链接"):
        sent(lake, write(tmp_path / "orders.csv", [order(1)]))
    assert not list(elsewhere.iterdir())


def test_a_table_kept_in_plain_files_is_not_mixed_with_partitions(tmp_path: Path) -> None:
    write(tmp_path / "lake/orders/all.parquet", [order(1)])
    with pytest.raises(PlainTable, match=r"all\.parquet"):
        sent(tmp_path / "lake", write(tmp_path / "orders.csv", [order(2)]))
    assert [row["order_id"] for row in kept(tmp_path / "lake", "orders")] == ["O1"]


def test_files_that_others_laid_into_a_partition_are_folded_in(tmp_path: Path) -> None:
    lake, folder = tmp_path / "lake", "orders/platform=taobao/month=2026-01"
    write(lake / folder / "part-0.parquet", [order(1), order(2)])
    sent(lake, write(tmp_path / "orders.csv", [order(2, status="refunded"), order(3)]))
    assert [path.name for path in (lake / folder).iterdir()] == ["rows.parquet"]
    assert [(row["order_id"], row["status"]) for row in kept(lake, "orders")] == [
        ("O1", "paid"), ("O2", "refunded"), ("O3", "paid"),
    ]  # fmt: skip


def test_parquet_is_taken_in_whatever_types_it_was_written(tmp_path: Path) -> None:
    zone = pa.timestamp("ms", "Asia/Shanghai")
    row = order(1)
    others: dict[str, pa.Array] = {
        "ORDER_ID": pa.array([1], pa.int32()),
        "Created_At": pa.array([utc(2026, 1, 31, 20)], pa.timestamp("ms"))
        .cast(pa.timestamp("ms", "UTC"))
        .cast(zone),
        "paid_at": pa.array([1769900000], pa.int64()),
        "amount": pa.array([12], pa.int64()),
        "refund_amount": pa.array([0.1 + 0.2], pa.float64()),
        "quantity": pa.array(["2"]),
        "status": pa.array([b"paid"], pa.binary()),
    }
    texts = {name: pa.array([row[name]]) for name in ("platform", "seller_id", "buyer_id", "product_id")}
    pq.write_table(pa.table(others | texts), tmp_path / "orders.parquet")
    assert sent(tmp_path / "lake", tmp_path / "orders.parquet").code == 0
    (found,) = kept(tmp_path / "lake", "orders")
    assert (found["order_id"], str(found["amount"]), str(found["refund_amount"])) == ("1", "12.00", "0.30")
    assert found["created_at"] == utc(2026, 1, 31, 20)
    assert (found["quantity"], found["status"], found["paid_at"].year) == (2, "paid", 2026)


def test_the_table_is_guessed_when_only_one_can_be_meant(tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    assert sent(lake, write(tmp_path / "x.csv", [order(1)])).reports[0].table == "orders"
    assert sent(lake, write(tmp_path / "marks/platform=a/f.csv", [mark(1)])).reports[0].table == "marks"
    unclear = sent(lake, write(tmp_path / "y.csv", [{"order_id": "1", "platform": "a"}]))
    assert unclear.code == 2
    assert "--table" in unclear.not_taken[0].why
    assert "parcels" in unclear.not_taken[0].why
