"""The demonstration's files: every item, every format, valid but for the faults that were meant."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as Tree

import openpyxl
import polars as pl
import pytest

from chengxin.demo import files, plan, records, sources
from chengxin.demo.bench_file import write_penalty_file
from chengxin.demo.plan import BUILDERS, DemoFile, Spec, specs, write_files
from chengxin.demo.subjects import World
from chengxin.rulebook import catalogue, laws
from chengxin.rulebook.catalogue import Field, Item, holds
from chengxin.rulebook.examples import value_fault

TODAY = date(2026, 6, 30)
WORLD = World(2017, 1.0, TODAY)
Row = dict[str, str]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[DemoFile]:
    return write_files(tmp_path_factory.mktemp("demo"), scale=1.0, today=TODAY)


@pytest.fixture(scope="module")
def built() -> dict[str, pl.DataFrame]:
    """The rows of every file of the plan before they are written."""
    senders = sources.sources(WORLD)
    return {name: _built(spec, senders) for name, spec in specs().items()}


def _built(spec: Spec, senders: dict[str, sources.Source]) -> pl.DataFrame:
    task = plan.task(WORLD, spec, senders)
    return BUILDERS[spec.item](task, records.base(task, 0, task.total))


def _rows(frame: pl.DataFrame) -> Iterator[tuple[Row, str | None]]:
    for row in frame.iter_rows(named=True):
        fault = row.pop("_fault")
        yield {code: str(value) for code, value in row.items() if value is not None}, fault


def _breaks(item: Item, row: Row) -> str | None:
    """The first rule of the catalogue that a row breaks."""
    for field in item.fields:
        fault = _field_breaks(item, field, row)
        if fault:
            return f"{field.code}: {fault}"
    for check in item.checks:
        if holds(item, check.when, row) and not any(code in row for code in check.fields):
            return check.message_en
    return None


def _field_breaks(item: Item, field: Field, row: Row) -> str | None:
    value = row.get(field.code)
    if value is None:
        missing = field.required or (field.required_when and holds(item, field.required_when, row))
        return "missing" if missing else None
    if field.forbidden_when and holds(item, field.forbidden_when, row):
        return "forbidden here"
    if field.not_future and value > TODAY.isoformat():
        return f"{value} is in the future"
    if field.not_before and value < row.get(field.not_before, ""):
        return f"{value} is before {field.not_before}"
    return value_fault(field, value)


@pytest.mark.parametrize("name", list(specs()))
def test_rows_keep_the_catalogue_but_for_the_faults_that_were_meant(
    name: str, built: dict[str, pl.DataFrame]
) -> None:
    item = catalogue.item(specs()[name].item)
    for row, fault in _rows(built[name]):
        broken = _breaks(item, row)
        assert (broken is None) == (fault is None), (fault, broken, row)


@pytest.mark.parametrize("name", list(specs()))
def test_no_two_rows_of_a_file_are_the_same_fact(name: str, built: dict[str, pl.DataFrame]) -> None:
    key = catalogue.item(specs()[name].item).key
    whole = built[name].filter(pl.col("_fault").is_null())
    assert whole.select(key).is_unique().all()


def test_sources_may_send_what_they_send(written: list[DemoFile]) -> None:
    for file in written:
        assert {file.source_role, file.source_name} & set(catalogue.item(file.item).sources), file


@pytest.mark.obligation("9.1c")
def test_every_item_that_the_demonstration_knows_has_records(written: list[DemoFile]) -> None:
    rows = Counter[str]()
    for file in written:
        rows[file.item] += file.rows
    assert set(rows) == set(BUILDERS) <= {item.id for item in catalogue.items()}
    assert len(rows) == 14
    assert min(rows.values()) >= 5
    assert 4_500 <= rows.total() <= 5_500


def test_about_one_row_in_a_hundred_is_faulty_and_every_kind_occurs(
    written: list[DemoFile], built: dict[str, pl.DataFrame]
) -> None:
    faulty, rows = sum(file.faulty for file in written), sum(file.rows for file in written)
    assert 0.005 < faulty / rows < 0.02
    assert {fault for frame in built.values() for fault in frame["_fault"].drop_nulls()} == set(
        records._FAULTS
    )


def test_registrations_come_first_and_what_is_corrected_comes_before_its_correction() -> None:
    items = [spec.item for spec in specs().values()]
    assert items[: items.count("registration")] == ["registration"] * items.count("registration")
    names = list(specs())
    for spec in specs().values():
        assert spec.again is None or names.index(spec.again) < names.index(spec.name)


def test_corrections_have_the_business_key_of_rows_sent_before(written: list[DemoFile]) -> None:
    sent: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    for file in written:
        item = catalogue.item(file.item)
        keys = {tuple(row.get(code, "") for code in item.key) for row in _read(file)}
        known = sent.setdefault((file.item, file.source_code), set())
        if file.operation != "new":
            # A name respelt in the first place is spelt right in the correction: most keys are the same.
            assert len(keys & known) > len(keys) * 0.7, file.path.name
        known |= keys


def test_serious_entries_rest_on_penalties_that_were_sent(built: dict[str, pl.DataFrame]) -> None:
    numbers = set(built["penalty-province"]["CF_WSH"])
    listed = built["serious-province"].filter(pl.col("_fault").is_null())
    assert set(listed["YW_CFWH"]) <= numbers


def test_laws_cited_are_laws_of_the_rulebook_in_force_on_the_day(built: dict[str, pl.DataFrame]) -> None:
    known = {one.name_zh: one for one in laws.laws()}
    for frame in (built["penalty-province"], built["penalty-post"], built["penalty-platforms"]):
        cited = frame.with_columns(law=pl.col("CF_YJ").str.extract_all("《[^》]+》")).explode("law")
        for name, day, year in cited.select(
            "law", "CF_JDRQ", pl.col("CF_YJ").str.extract("([0-9]{4})年")
        ).iter_rows():
            short = name.strip("《》").removeprefix("中华人民共和国")
            assert short in known
            if short != "反不正当竞争法" and day <= TODAY:
                assert known[short].in_force <= day
            elif day <= TODAY:
                assert year == ("2025" if day >= date(2025, 10, 15) else "2019")


def test_some_publications_have_run_out_and_some_have_not(built: dict[str, pl.DataFrame]) -> None:
    ends = built["penalty-province"]["CF_GSJZQ"]
    assert 0.1 < (ends < TODAY).mean() < 0.8  # type: ignore[operator]


def test_the_shops_have_a_heavy_tail(built: dict[str, pl.DataFrame]) -> None:
    counts = built["complaint-hotline"]["TS_MC"].value_counts()["count"].sort(descending=True)
    top, all_of_them = int(counts.head(len(counts) // 10).sum()), int(counts.sum())
    assert top / all_of_them > 0.25
    assert counts.max() < 60  # type: ignore[operator]


def test_complaints_peak_after_the_sales_of_november(built: dict[str, pl.DataFrame]) -> None:
    months = (
        built["complaint-hotline"].filter(pl.col("TS_BJRQ") <= TODAY)["TS_BJRQ"].dt.month().value_counts()
    )
    by_month = dict(months.iter_rows())
    assert by_month[11] > 1.5 * by_month[9]


def test_identity_reports_contradict_the_register_here_and_there(built: dict[str, pl.DataFrame]) -> None:
    register = pl.concat(
        [frame for name, frame in built.items() if name.startswith("registration") and "changes" not in name]
    )
    both = built["identity-1"].join(register, left_on="SF_SHXYM", right_on="ZC_SHXYM")
    contradicted = both.filter(
        (pl.col("SF_MC") != pl.col("ZC_MC"))
        | (pl.col("SF_FRDB") != pl.col("ZC_FRDB"))
        | (pl.col("SF_DZ") != pl.col("ZC_ZS"))
    )
    assert 0.01 < len(contradicted) / len(both) < 0.15


def test_some_rows_name_their_subject_only_by_a_respelt_name(built: dict[str, pl.DataFrame]) -> None:
    register = pl.concat([frame for name, frame in built.items() if name.startswith("registration")])
    nameless = built["abnormal-province"].filter(pl.col("JY_SHXYM").is_null() & pl.col("_fault").is_null())
    unknown = nameless.join(register, left_on="JY_ZCH", right_on="ZC_ZCH", how="anti")
    assert len(unknown) > 0  # neither the code nor the number is in the register: only the name is left
    assert not set(unknown["JY_MC"]) <= set(register["ZC_MC"])


def test_the_same_arguments_give_the_same_bytes(written: list[DemoFile], tmp_path: Path) -> None:
    again = write_files(tmp_path, scale=1.0, today=TODAY)
    assert [file.path.read_bytes() for file in again] == [file.path.read_bytes() for file in written]


def test_every_row_that_is_meant_can_be_read_back_in_its_format(written: list[DemoFile]) -> None:
    assert {file.format for file in written} == set(files.SUFFIXES)
    for file in written:
        found = list(_read(file))
        assert len(found) == file.rows, file.path.name
        assert all(row["BZ"].startswith("演示数据") for row in found if "BZ" in row), file.path.name


def _read(file: DemoFile) -> Iterator[Row]:
    """The rows of a file by field code, read with other people's readers."""
    codes = {field.name_zh: field.code for field in catalogue.item(file.item).fields}
    if file.format in {"json", "jsonl"}:
        text = file.path.read_text(encoding="utf-8")
        yield from json.loads(text) if file.format == "json" else map(json.loads, text.splitlines())
    elif file.format == "xml":
        for record in Tree.parse(file.path).getroot():  # noqa: S314 - our own file
            yield {field.tag: field.text or "" for field in record}
    elif file.format == "xlsx":
        lines = openpyxl.load_workbook(file.path).active.iter_rows(values_only=True)
        heads = next(lines)
        for line in lines:
            yield {
                codes[head]: str(value) for head, value in zip(heads, line, strict=True) if value is not None
            }
    else:
        encoding = {"csv-gb18030": "gb18030", "csv-bom": "utf-8-sig"}.get(file.format, "utf-8")
        with file.path.open(encoding=encoding, newline="") as text_file:
            for row in csv.DictReader(text_file, delimiter="\t" if file.format == "tsv" else ","):
                yield {codes.get(head, head): value for head, value in row.items() if value}


def test_a_large_scale_keeps_the_other_formats_small() -> None:
    world = World(2017, 60, TODAY)
    senders = sources.sources(world)
    for spec in specs().values():
        task = plan.task(world, spec, senders)
        assert spec.style.format in files.STREAMED or spec.slope == 0 or task.total < plan._SMALL


def test_the_benchmark_file_has_every_column_and_the_mix_of_subjects(tmp_path: Path) -> None:
    path = tmp_path / "penalty.csv"
    size = write_penalty_file(path, 4_000, 2_000, 1)
    frame = pl.read_csv(path, infer_schema=False)
    item = catalogue.item("penalty")
    assert frame.columns == [field.code for field in item.fields]
    assert len(frame) == 4_000
    assert 450 < size / 4_000 < 650
    shares = dict(frame["CF_XDR_LB"].value_counts(normalize=True).iter_rows())
    assert shares["法人及非法人组织"] == pytest.approx(0.85, abs=0.04)
    assert shares["自然人"] == pytest.approx(0.02, abs=0.02)
    rows = (
        {code: value for code, value in row.items() if value} for row in frame.head(500).iter_rows(named=True)
    )
    assert [broken for row in rows if (broken := _breaks(item, row))] == []
