"""DuckDB and Spark read the same folder equally, and Spark leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chengxin.lake.contract import tables
from chengxin.lake.engines import DuckEngine, Engine, EngineMissing, SparkEngine, java
from chengxin.lake.reading import Lake, open_lake

pytestmark = pytest.mark.takes_long

MOMENT = datetime(2024, 3, 1, 8, 30, 15, 600_000, UTC).replace(tzinfo=None)  # as the lake keeps it
SECOND = int(MOMENT.replace(tzinfo=UTC).timestamp())


@pytest.fixture(scope="module")
def engines() -> Iterator[tuple[Engine, Engine]]:
    if not java():
        pytest.skip("no Java is installed: Spark can't run")
    both = (DuckEngine(threads=1), SparkEngine())
    yield both
    for one in both:
        one.close()


def rows(lake: Lake, table: str) -> list[tuple[object, ...]]:
    return sorted(lake.rows(lake.table(table)).rows(), key=repr)


def read(engines: tuple[Engine, Engine], folder: Path, table: str) -> list[dict[str, object]]:
    """The rows of a table, which both engines must read alike."""
    one, other = (open_lake(folder, engine) for engine in engines)
    found = rows(one, table)
    assert rows(other, table) == found
    assert other.filled(table) == one.filled(table)
    assert [(note.about, note.en) for note in other.notes] == [(note.about, note.en) for note in one.notes]
    return [dict(zip(tables()[table].names, row, strict=True)) for row in found]


def test_partitioned_parquet(engines: tuple[Engine, Engine], tmp_path: Path) -> None:
    for platform, month in (("harbour", "2024-03"), ("河港", "2024-04"), ("harbour", "2024-04")):
        folder = tmp_path / "orders" / f"platform={platform}" / f"month={month}"
        folder.mkdir(parents=True)
        pl.DataFrame({"order_id": [f"{month}-1"], "amount": [12.3], "created_at": [MOMENT]}).write_parquet(
            folder / "part.parquet"
        )
    (folder / "zero.parquet").write_bytes(b"")
    (folder / "noise.parquet").write_bytes(b"noise")
    found = read(engines, tmp_path, "orders")
    assert [(one["platform"], one["order_id"]) for one in found] == [
        ("harbour", "2024-03-1"), ("harbour", "2024-04-1"), ("河港", "2024-04-1"),
    ]  # fmt: skip
    assert {(one["amount"], one["created_at"], one["buyer_id"]) for one in found} == {(1230, SECOND, None)}


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (pa.array([MOMENT], pa.timestamp("us")), SECOND),
        (pa.array([MOMENT], pa.timestamp("ms")), SECOND),
        (pa.array([MOMENT], pa.timestamp("ns")), SECOND),
        (pa.array([MOMENT], pa.timestamp("us", "UTC")), SECOND),
        (pa.array([MOMENT.date()], pa.date32()), SECOND - 8 * 3600 - 30 * 60 - 15),
        (pa.array([SECOND], pa.int32()), SECOND),
        (pa.array([SECOND * 1000 + 600], pa.uint64()), SECOND),
        (pa.array([2**64 - 1], pa.uint64()), None),
        (pa.array(["2024-03-01T16:30:15.6+08:00"]), SECOND),
        (pa.array(["2024/03/01 08:30:15"]), SECOND),
        (pa.array(["2024"]), None),
        (pa.array(["08:30"]), None),
        (pa.array([1.5]), None),
    ],
)
def test_times_of_any_type(
    engines: tuple[Engine, Engine], tmp_path: Path, written: pa.Array, read_as: int | None
) -> None:
    (tmp_path / "prices").mkdir()
    pq.write_table(
        pa.table({"platform": ["harbour"], "Product_ID": ["p"], "AT": written}),
        tmp_path / "prices" / "part.parquet",
    )
    assert [(one["product_id"], one["at"]) for one in read(engines, tmp_path, "prices")] == [("p", read_as)]


def test_numbers_and_money_that_no_engine_may_choke_on(
    engines: tuple[Engine, Engine], tmp_path: Path
) -> None:
    amounts = [0.125, 1.005, 1e300, float("nan"), float("inf"), -2.5, None]
    texts = ["1.5", " 7 ", "1d", "1_000", "Infinity", "1e400", "1e300"]
    (tmp_path / "orders").mkdir()
    pl.DataFrame({"order_id": [str(n) for n in range(7)], "amount": amounts, "dwell_s": texts}).write_parquet(
        tmp_path / "orders" / "part.parquet"
    )
    found = read(engines, tmp_path, "orders")
    assert [one["amount"] for one in found] == [13, 100, None, None, None, -250, None]
    assert [one["dwell_s"] for one in found] == [1.5, 7.0, None, None, None, None, 1e300]


def test_files_that_type_a_column_differently(engines: tuple[Engine, Engine], tmp_path: Path) -> None:
    folder = tmp_path / "listings"
    folder.mkdir()
    pl.DataFrame({"product_id": [1], "at": [MOMENT], "odd": [[1, 2]]}).write_parquet(folder / "one.parquet")
    pl.DataFrame({"product_id": ["two"], "at": ["2024-03-01T08:30:15"], "title": ["茶"]}).write_parquet(
        folder / "two.parquet"
    )
    found = [(one["product_id"], one["title"]) for one in read(engines, tmp_path, "listings")]
    assert found == [("1", None), ("two", "茶")]


def test_csv_and_json_lines_with_what_people_put_into_them(
    engines: tuple[Engine, Engine], tmp_path: Path
) -> None:
    (tmp_path / "ratings").mkdir()
    (tmp_path / "ratings" / "one.csv").write_text(
        '\ufeffrating_id,platform,text,score,is_followup,created_at\nr1,harbour,"很好,""再来""\n第二行",1,TRUE,2024-03-01\n'
        "r2,harbour,,0.5,no,\n",
        encoding="utf-8",
    )
    (tmp_path / "ratings" / "other.csv").write_text("score,rating_id\nmany,r3\n", encoding="utf-8")
    (tmp_path / "ratings" / "zero.csv").write_bytes(b"")
    (tmp_path / "ratings" / "lines.jsonl").write_text(
        '{"rating_id": "r4", "score": -1, "created_at": "2024-03-01T08:30:15", "images": ["a", "b"]}\n'
        '{"rating_id": "r5", "text": "\\u8336"}\n',
        encoding="utf-8",
    )
    found = {one["rating_id"]: one for one in read(engines, tmp_path, "ratings")}
    assert found.keys() == {"r1", "r2", "r3", "r4", "r5"}
    assert found["r1"]["text"] == '很好,"再来"\n第二行'
    assert (found["r1"]["is_followup"], found["r2"]["is_followup"]) == (True, False)
    assert (found["r3"]["score"], found["r4"]["score"], found["r5"]["text"]) == (None, -1.0, "茶")


def test_rows_that_repeat_a_key_count_once(engines: tuple[Engine, Engine], tmp_path: Path) -> None:
    given = [("o1", "harbour", 1.0), ("o1", "harbour", 3.0), ("o1", "river", 2.0), (None, None, 4.0)]
    (tmp_path / "orders").mkdir()
    pl.DataFrame(given, schema=["order_id", "platform", "amount"], orient="row").write_parquet(
        tmp_path / "orders" / "part.parquet"
    )
    found = read(engines, tmp_path, "orders")
    assert sorted(str(one["amount"]) for one in found) == ["200", "300", "400"]


def test_as_many_hashes_as_keys(engines: tuple[Engine, Engine]) -> None:
    """With 32 bits, some of 300 000 would meet."""
    frame = pl.DataFrame({"key": [str(number) for number in range(300_000)]})
    for engine in engines:
        keys = engine.given(frame, "keys")
        hashes = engine.hashed([keys.key, keys.key])
        assert engine.collected(keys.aggregate(found=hashes.nunique())).row(0) == (300_000,)


def test_whole_numbers_come_back_whole_beside_empty_ones(engines: tuple[Engine, Engine]) -> None:
    frame = pl.DataFrame({"number": [2**53 + 1, None], "share": [float("nan"), None]})
    for engine in engines:
        found = engine.collected(engine.given(frame, "numbers"))
        assert found["number"].to_list() == [2**53 + 1, None]
        assert found["share"].null_count() == 1


SCRIPT = """
import sys
from pathlib import Path
import polars as pl
from chengxin.lake.engines import EngineMissing, SparkEngine
try:
    engine = SparkEngine()
except EngineMissing as missing:
    sys.exit(f"{missing.zh} / {missing.en}")
table = engine.given(pl.DataFrame({"n": [1]}), "given")
assert engine.collected(engine.kept(table)).rows() == [(1,)]
engine.close()
print("done")
"""


def outside(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Spark in a process of its own that works in `folder`."""
    given = {"PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path), **environment}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=folder, env=given, capture_output=True, text=True, check=False
    )


def test_spark_is_quiet_and_leaves_nothing_behind(tmp_path: Path) -> None:
    if not java():
        pytest.skip("no Java is installed: Spark can't run")
    work, scratch = tmp_path / "work", tmp_path / "scratch"
    work.mkdir()
    scratch.mkdir()
    ended = outside(work, SPARK_SCRATCH=str(scratch))
    assert (ended.stdout, ended.stderr) == ("done\n", "")
    assert list(work.iterdir()) == []
    assert list(scratch.iterdir()) == []


def test_without_java_it_says_so(tmp_path: Path) -> None:
    ended = outside(tmp_path, PATH=str(tmp_path))
    assert ended.returncode
    assert "未找到Java" in ended.stderr
    assert "there is no Java" in ended.stderr


def test_without_pyspark_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chengxin.lake.engines.java", lambda: "java")
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(EngineMissing, match="extra chengxin"):
        SparkEngine()
