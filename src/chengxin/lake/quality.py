"""How good what was sent is: what was refused and why, and what speaks against rows that were kept.

| rule | what | what follows |
| --- | --- | --- |
| line | a line that is no row: ragged, an open quote, no JSON, bytes that are no text | refused |
| required, type, values | a required value is empty, one doesn't parse, or isn't allowed | refused |
| repeated | rows of one sending with the same key say different things | the newest is kept |
| range, not_before, future | outside what can be, before what comes first, later than now | kept, warned |
| refers | a key that points nowhere, in the lake and in what was sent | kept, warned |
| route | scans of a waybill that contradict collected before signed | kept, warned |
| personal | an identity or mobile number where an id or a hash should be | kept, warned loudly |
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chengxin.kernel import personal
from chengxin.lake.casting import literal, quoted
from chengxin.lake.checking import BROKEN, Checked
from chengxin.lake.contract import Column, Table

EXAMPLES = 3
_LONGEST_SHOWN = 80
_ASKED_IN_PYTHON = 10_000

RULES: dict[str, tuple[str, str, str, str]] = {
    "line": (
        "这一行不成记录", "the line is no row",
        "请检查列数、引号和编码", "check the number of fields, the quotes and the encoding",
    ),
    "required": ("必填项为空", "a required value is empty", "请补齐", "fill it in"),
    "type": (
        "格式不能识别", "the value doesn't parse",
        "时间用ISO 8601，金额用元、至多两位小数",
        "times as ISO 8601, money in yuan with at most two decimals",
    ),
    "values": (
        "取值不在约定之内", "the value is not one of those allowed", "请按约定填写", "use an allowed value",
    ),
    "repeated": (
        "同一编号的内容不一致，已取较新的", "rows with the same key say different things; the newer counts",
        "每个编号每次只报一行", "send one row a key",
    ),
    "range": ("超出可能的范围", "outside what can be", "请核对单位", "check the unit"),
    "not_before": (
        "早于应在其前的时间", "earlier than the time that comes first",
        "请核对时区与时间", "check the zone and the times",
    ),
    "future": (
        "晚于现在", "later than now",
        "不带时区的时间按UTC；北京时间请加+08:00", "times without a zone are UTC; add +08:00 to Beijing time",
    ),
    "refers": ("所指的记录不存在", "it points nowhere", "请补报所指的表", "send the table that it points to"),
    "route": (
        "扫描的先后与揽收、签收矛盾", "the order of the scans contradicts collected before signed",
        "请核对扫描时间", "check the times of the scans",
    ),
    "personal": (
        "疑似未散列的身份证号或手机号码", "it looks like an identity or mobile number that nobody hashed",
        "请立即停止报送，加盐散列后以 --replace 重报",
        "stop sending; hash with a salt and send again with --replace",
    ),
}  # fmt: skip

REFUSED = frozenset({"line", *BROKEN})


@dataclass(frozen=True)
class Example:
    """A value that breaks a rule, masked if personal: in which file and row (a CSV's header is row 1)."""

    file: str
    row: int
    value: str | None


@dataclass(frozen=True)
class Finding:
    """How often a rule is broken in a column; `share` is of the rows read, `column` empty for whole rows."""

    rule: str
    column: str
    count: int
    share: float
    examples: tuple[Example, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON, with the words for it."""
        zh, en, mend_zh, mend_en = RULES[self.rule]
        return {
            "rule": self.rule, "column": self.column, "refused": self.rule in REFUSED, "count": self.count,
            "share": self.share, "examples": [vars(one) for one in self.examples],
            "zh": zh, "en": en, "mend_zh": mend_zh, "mend_en": mend_en,
        }  # fmt: skip


@dataclass
class Report:
    """What became of the rows of one table.

    rows = kept + refused + duplicates; of those kept, `added` are new, `changed` took the place of an older
    row. `duplicates` are rows that say what another row, sent or in the lake, says already.
    """

    table: str
    files: list[dict[str, Any]] = field(default_factory=list)
    rows: int = 0
    refused: int = 0
    duplicates: int = 0
    added: int = 0
    changed: int = 0
    partitions: list[str] = field(default_factory=list)
    ranges: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    refused_files: list[str] = field(default_factory=list)

    @property
    def kept(self) -> int:
        return self.rows - self.refused - self.duplicates

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **vars(self), "kept": self.kept,
            "ranges": {name: {"least": least, "most": most} for name, (least, most) in self.ranges.items()},
            "findings": [one.as_dict() for one in self.findings],
        }  # fmt: skip


@dataclass(frozen=True)
class _Asked:
    """A rule in a column: the condition under which a kept row breaks it, and the value to show."""

    rule: str
    column: str
    breaks: str
    shown: str


def refused(connection: Any, table: Table, files: list[Checked], rows: int) -> list[Finding]:
    """Why rows were refused: by rule and column."""
    if not any(one.refused for one in files):
        return []
    everything = " UNION ALL ".join(
        f"SELECT *, {literal(one.name)} AS _name, {one.number} AS _file FROM {one.refused_view}"
        for one in files
    )
    connection.execute(f"CREATE OR REPLACE TEMP VIEW refused_all AS {everything}")
    asked = [_Asked("line", "", "_line IS NOT NULL", "_line")] + [
        _Asked(rule, one.name, f"(_broken >> {2 * at}) & 3 = {code}", quoted(one.name))
        for at, one in enumerate(table.columns)
        for code, rule in enumerate(BROKEN, 1)
    ]
    return _found(connection, "refused_all", asked, rows)


def repeated(connection: Any, table: Table, view: str, count: int, rows: int) -> list[Finding]:
    """Rows of which another with the same key counts; `losers` (see `merging`) names them."""
    if not count:
        return []
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW repeated AS SELECT * FROM {view} SEMI JOIN "
        "(SELECT * FROM losers WHERE NOT same) USING (_file, _row)"
    )
    asked = _Asked("repeated", table.key or "", "true", quoted(table.key or ""))
    return [_finding("repeated", asked.column, count, rows, _examples(connection, "repeated", asked))]


def measured(
    connection: Any, table: Table, view: str, rows: int, now: datetime
) -> tuple[list[Finding], dict[str, tuple[Any, Any]]]:
    """What speaks against kept rows, and the least and most value of every column that has an order.

    `view` has the columns of the table, `_file`, `_row` and `_name`; `now` is UTC without a zone.
    """
    ordered = [one for one in table.columns if one.type not in ("text", "flag")]
    asked = [question for one in table.columns for question in _questions(one, now)]
    ranges: dict[str, tuple[Any, Any]] = {}
    if ordered:
        both = ", ".join(f"min({quoted(one.name)}), max({quoted(one.name)})" for one in ordered)
        values = connection.execute(f"SELECT {both} FROM {view}").fetchone()
        for at, one in enumerate(ordered):
            least, most = values[2 * at : 2 * at + 2]
            if least is not None:
                ranges[one.name] = _plain(least), _plain(most)
    findings = _found(connection, view, asked, rows) + _unhashed(connection, table, view, rows)
    if table.name == "scans":
        findings += _routes(connection, view, rows)
    return findings, ranges


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    return value if isinstance(value, int | float) else str(value)


def _questions(column: Column, now: datetime) -> Iterator[_Asked]:
    name = quoted(column.name)
    bounds = [
        f"{name} {sign} {bound}"
        for sign, bound in (("<", column.least), (">", column.most))
        if bound is not None
    ]
    if bounds:
        yield _Asked("range", column.name, " OR ".join(bounds), name)
    if column.not_before:
        first = quoted(column.not_before)
        yield _Asked("not_before", column.name, f"{name} < {first}", f"{name} || ' < ' || {first}")
    if column.type == "time":
        yield _Asked("future", column.name, f"{name} > TIMESTAMP '{now:%Y-%m-%d %H:%M:%S}'", name)


def _found(connection: Any, view: str, asked: list[_Asked], rows: int) -> list[Finding]:
    """One pass counts all; only what was found is asked for its examples."""
    if not asked:
        return []
    counts = connection.execute(
        f"SELECT {', '.join(f'count(*) FILTER ({one.breaks})' for one in asked)} FROM {view}"
    ).fetchone()
    return [
        _finding(one.rule, one.column, count, rows, _examples(connection, view, one))
        for one, count in zip(asked, counts, strict=True)
        if count
    ]


def _finding(rule: str, column: str, count: int, rows: int, examples: list[Example]) -> Finding:
    return Finding(rule, column, count, round(count / max(rows, 1), 6), tuple(examples))


def _examples(connection: Any, view: str, asked: _Asked, most: int = EXAMPLES) -> list[Example]:
    found = connection.execute(
        f"SELECT _name, _row, CAST({asked.shown} AS VARCHAR) FROM {view} WHERE {asked.breaks} "
        f"ORDER BY _file, _row LIMIT {most}"
    ).fetchall()
    return [Example(name, row, _shown(value)) for name, row, value in found]


def _shown(value: str | None) -> str | None:
    return value if value is None else personal.masked(value)[:_LONGEST_SHOWN]


def _unhashed(connection: Any, table: Table, view: str, rows: int) -> list[Finding]:
    """Plain identity and mobile numbers in ids and hashes.

    SQL finds what has their shape, `kernel.personal` says which of the first ten thousand are some: so many
    at the least. An id of 18 digits may be one by chance; the share says whether it is.
    """
    names = [one.name for one in table.columns if one.type == "text" and one.name.endswith(("_id", "_hash"))]
    if not names:
        return []
    shape = "'(86)?1[3-9][0-9]{9}|[1-9][0-9]{5}(19|20)[0-9]{2}[01][0-9][0-3][0-9]{4}[0-9Xx]'"
    asked = [
        _Asked(
            "personal", name, f"CASE WHEN length({quoted(name)}) IN (11, 13, 18) "
            f"THEN regexp_full_match({quoted(name)}, {shape}) ELSE false END", quoted(name),
        )
        for name in names
    ]  # fmt: skip
    counts = connection.execute(
        f"SELECT {', '.join(f'count(*) FILTER ({one.breaks})' for one in asked)} FROM {view}"
    ).fetchone()
    findings = []
    for one, count in zip(asked, counts, strict=True):
        if not count:
            continue
        shaped = connection.execute(
            f"SELECT _name, _row, {one.shown} FROM {view} WHERE {one.breaks} ORDER BY _file, _row "
            f"LIMIT {_ASKED_IN_PYTHON}"
        ).fetchall()
        some = [
            row for row in shaped if any(at.kind in ("resident_id", "phone") for at in personal.found(row[2]))
        ]
        if some:
            examples = [Example(name, row, _shown(value)) for name, row, value in some[:EXAMPLES]]
            findings.append(_finding("personal", one.column, len(some), rows, examples))
    return findings


def _routes(connection: Any, view: str, rows: int) -> list[Finding]:
    """Waybills signed before they were collected, or scanned on the way before the one or after the other."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE routes AS SELECT * FROM (
            SELECT carrier, waybill_no,
                min("at") FILTER (event = 'collected') AS collected,
                max("at") FILTER (event = 'signed') AS signed,
                min("at") FILTER (event IN ('departed', 'arrived', 'out_for_delivery')) AS first_on_way,
                max("at") FILTER (event IN ('departed', 'arrived', 'out_for_delivery')) AS last_on_way
            FROM {view} GROUP BY ALL)
        WHERE signed < collected OR first_on_way < collected OR last_on_way > signed"""
    )
    count = connection.execute("SELECT count(*) FROM routes").fetchone()[0]
    if not count:
        return []
    found = connection.execute(
        f"SELECT any_value(_name), min(_row), waybill_no, min(_file) AS file FROM {view} SEMI JOIN routes "
        f"USING (carrier, waybill_no) GROUP BY carrier, waybill_no ORDER BY file, min(_row) LIMIT {EXAMPLES}"
    ).fetchall()
    return [_finding("route", "waybill_no", count, rows, [Example(one[0], one[1], one[2]) for one in found])]


def references(
    connection: Any, table: Table, view: str, targets: dict[str, str], rows: int
) -> tuple[list[Finding], list[str]]:
    """Keys that point nowhere, and the references that couldn't be checked.

    `targets` are the relations of the tables that can be looked into: what is in the lake and what was sent.
    A table of which there is nothing yet is no reason to doubt every key: it is named among the unchecked.
    """
    findings, unchecked = [], []
    for one in table.columns:
        if one.refers is None:
            continue
        name, _, column = one.refers.partition(".")
        own, other = quoted(one.name), quoted(column)
        if name not in targets:
            if connection.execute(f"SELECT 1 FROM {view} WHERE {own} IS NOT NULL LIMIT 1").fetchone():
                unchecked.append(one.refers)
            continue
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW nowhere AS SELECT _name, _file, _row, {own} FROM {view} "
            f"ANTI JOIN (SELECT {other} AS {own} FROM {targets[name]}) USING ({own}) WHERE {own} IS NOT NULL"
        )
        findings += _found(connection, "nowhere", [_Asked("refers", one.name, "true", own)], rows)
    return findings, unchecked
