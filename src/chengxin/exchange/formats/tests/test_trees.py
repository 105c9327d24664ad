"""JSON and XML: every digit as it was written, and only the faulty row refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.exchange.formats import json_rows, limits
from chengxin.exchange.formats.tests.files import (
    CODES,
    ROWS,
    Row,
    faults,
    lines,
    opened,
    read,
    refusal,
    written,
    xml,
)

PLAIN = ROWS[0] | {"BZ": "甲"}


def with_remark(remark: str) -> str:
    """Three records, the second with this piece of JSON as its remark."""
    records = [json.dumps(PLAIN, ensure_ascii=False) for _ in range(3)]
    return "[" + ",\n".join([records[0], records[1].replace('"甲"', remark), records[2]]) + "]"


@pytest.mark.parametrize(
    ("remark", "seen"),
    [
        ("350102199001011234", "350102199001011234"), ("2.900000", "2.900000"), ("-0.10", "-0.10"),
        ("9" * 5_000, "9" * 5_000), ("true", "是"), ("false", "否"), ("null", None), ('""', None),
        (r'"\u798f\ud83d\ude00"', "福😀"), ('"a\tb"', "a\tb"),
    ],
)  # fmt: skip
def test_values(tmp_path: Path, remark: str, seen: str | None) -> None:
    for content in (with_remark(remark), with_remark(remark)[1:-1].replace(",\n", "\n")):
        assert read(written(tmp_path, "a", content))[1].get("BZ") == seen


@pytest.mark.parametrize(
    ("remark", "fault"),
    [
        ('{"a": 1}', "nested_value"), ('["a"]', "nested_value"), ('"甲", "bz": "乙"', "repeated_field"),
        (r'"\u0000"', "bad_character"), (r'"\ud800"', "bad_character"),
        (f'"{"x" * limits.MIB}"', "row_too_long"),
    ],
)  # fmt: skip
def test_a_faulty_record_is_marked_and_the_others_are_read(tmp_path: Path, remark: str, fault: str) -> None:
    for content in (with_remark(remark), with_remark(remark)[1:-1].replace(",\n", "\n")):
        path = written(tmp_path, "a", content)
        assert faults(path) == {2: fault}
        assert sum(chunk.frame.height for chunk in opened(path).chunks()) == 3


def test_a_broken_line_of_json_lines_is_marked(tmp_path: Path) -> None:
    good = lines([PLAIN])
    for broken in ('{"CF_WSH": ', "[]", "5", "NaN", good[:-3], '{"a":' * 5_000):
        assert faults(written(tmp_path, "a", good + broken + "\n" + good)) == {2: "broken_json"}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (with_remark("甲"), 2), (with_remark('"甲"')[:-1], 3), (with_remark('"甲"') + "]", 3),
        (with_remark("NaN"), 2), (with_remark('"甲"').replace("},", "}", 1), 2), ('{"records": [{}, 5]}', 1),
        ('{\n"records"\n[]}', 3), ('{"a": 1,\n', 2), ('{"a": 1,}', 1),
    ],
)  # fmt: skip
def test_malformed_json_is_named_by_its_line(tmp_path: Path, content: str, line: int) -> None:
    assert f"第{line}行" in refusal(written(tmp_path, "a.json", content), "json_malformed")


def test_records_are_whole_at_every_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = {"total": 12.50, "list": [1, "a", {"b": [True]}], "data": ROWS, "more": {"x": "y"}}
    path = written(tmp_path, "a", json.dumps(shapes, ensure_ascii=False, indent=1))
    for step in (1, 2, 3, 17, 1_000):
        monkeypatch.setattr(json_rows, "_STEP", step)
        with path.open(encoding="utf-8") as file:
            found = [dict(record) for record in json_rows._Window(file).records()]
        assert found == ROWS


@settings(max_examples=25)
@given(
    rows=st.lists(
        st.dictionaries(
            st.sampled_from(CODES),
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
            max_size=3,
        ),
        max_size=5,
    )
)
def test_any_text_is_read_back(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> None:
    rows = [*rows, ROWS[0]]
    path = written(tmp_path_factory.mktemp("any"), "a", json.dumps(rows))
    stripped = [{code: row[code].strip(limits.BLANKS) for code in CODES if code in row} for row in rows]
    assert read(path) == [
        kept for row in stripped if (kept := {code: value for code, value in row.items() if value})
    ]


def test_nesting_without_end(tmp_path: Path) -> None:
    deep = 100_000
    refusal(written(tmp_path, "a", '[{"a":' * deep), "nested_too_deep")
    refusal(written(tmp_path, "b", '{"x":1,"y":' + "[" * deep), "nested_too_deep")
    refusal(written(tmp_path, "c", "<a>" * deep), "nested_too_deep")


def test_a_record_without_end(tmp_path: Path) -> None:
    content = '[\n{"BZ": "' + "x" * (2 * limits.JSON_RECORD_CHARACTERS)
    assert "第2行" in refusal(written(tmp_path, "a", content), "record_too_long")
    content = lines([PLAIN]) + '{"BZ": "' + "x" * (2 * limits.JSON_RECORD_CHARACTERS)
    assert "第2行" in refusal(written(tmp_path, "b", content), "record_too_long")


def test_xml_envelopes_and_namespaces(tmp_path: Path) -> None:
    inner = xml(ROWS, head="").replace("<CF_", "<c:CF_").replace("</CF_", "</c:CF_")
    head = "<envelope xmlns:c='urn:x'><head><sender>福州</sender></head><body>"
    path = written(tmp_path, "a", f"{head}{inner}</body></envelope>")
    assert read(path) == ROWS
    assert opened(path).ignored == ()


def test_xml_text_is_text(tmp_path: Path) -> None:
    content = xml(ROWS[:1]).replace(
        f"<BZ>{ROWS[0]['BZ']}", "<BZ><![CDATA[<b>&amp;]]>&lt;&#x4e00;<!-- x -->二"
    )
    assert read(written(tmp_path, "a", content))[0]["BZ"] == "<b>&amp;<一二"


def test_xml_faults_of_a_row(tmp_path: Path) -> None:
    for remark, fault in {
        "<b>甲</b>": "nested_value", "<b><BZ><CF_WSH>1</CF_WSH></BZ></b>": "nested_value",
        "甲</BZ><BZ>乙": "repeated_field", "x" * limits.MIB: "row_too_long",
    }.items():  # fmt: skip
        content = xml([PLAIN, PLAIN, PLAIN])
        at = content.index("甲", content.index("甲") + 1)
        path = written(tmp_path, "a", content[:at] + remark + content[at + 1 :])
        assert faults(path) == {2: fault}
        assert sum(chunk.frame.height for chunk in opened(path).chunks()) == 3


@pytest.mark.parametrize("broken", ["</record>", "&nbsp;", "<x", "&#0;", "\x01"])
def test_malformed_xml_is_named_by_its_line(tmp_path: Path, broken: str) -> None:
    content = xml([PLAIN, PLAIN]).replace("甲", broken, 1)
    assert "第3行" in refusal(written(tmp_path, "a", content), "xml_malformed")


def test_an_ordinary_doctype_is_no_harm(tmp_path: Path) -> None:
    assert read(written(tmp_path, "a", xml(ROWS, head="<!DOCTYPE records SYSTEM 'records.dtd'>"))) == ROWS
