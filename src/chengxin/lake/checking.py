"""Reading a file as a table of the contract: every row typed, every broken row kept with what is wrong.

Rows whose required columns are empty, whose values don't parse or aren't allowed are *refused*; so are lines
that are no row at all. All others are kept, whatever else there is to say about them (see `quality`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from chengxin.kernel.personal import masked
from chengxin.lake import partitions
from chengxin.lake.casting import empty, literal, parsed, quoted, value
from chengxin.lake.contract import Column, Table
from chengxin.lake.sources import Source, Unreadable, normal

MEMORY = "2GB"
BROKEN = ("required", "type", "values")
"""What can be wrong with a value, in the order of the codes 1, 2, 3; two bits a column in `_broken`."""

_LONGEST_LINE = 2_000_000
_MOST_KEYS = 1_000


@dataclass(frozen=True)
class Checked:
    """A file as read: the view of its kept rows and of its refused ones, and the names it had too many.

    Both views have the columns of the table, typed in the first and as text in the second, and `_row`: its
    place in the file, the header being row 1. The second has `_broken`, and `_line` for what is no row. A
    blank line among JSON Lines is nothing at all.
    """

    number: int
    name: str
    rows: int
    refused: int
    unknown: tuple[str, ...]

    @property
    def kept_view(self) -> str:
        return f"kept_{self.number}"

    @property
    def refused_view(self) -> str:
        return f"refused_{self.number}"


def connected(scratch: Path, memory: str = MEMORY) -> Any:
    """DuckDB with bounded memory; what doesn't fit is written below the folder `scratch`."""
    connection = duckdb.connect(config={"allow_unsigned_extensions": False})
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"SET memory_limit = {literal(memory)}")
    connection.execute(f"SET temp_directory = {literal(str(scratch / 'spill'))}")
    return connection


@dataclass(frozen=True)
class Work:
    """What an import works with: DuckDB, a folder for what it writes meanwhile, and who is said to report."""

    connection: Any
    scratch: Path
    reporter: str | None = None


def check(work: Work, table: Table, source: Source, number: int) -> Checked:
    """Read a file as `table`; `number` is its place in the sending.

    Raises Unreadable when a required column is missing, or two of its columns have the same name.
    """
    connection, scratch, reporter = work.connection, work.scratch, work.reporter
    link = _link(work, source, number)
    columns = columns_of(work, source, number)
    unknown = _fitting(table, source, columns, reporter)
    if source.form == "jsonl":
        columns = tuple(one for one in columns if normal(one) in table.names)
    texts = _texts(table, source, columns, reporter)
    relation = _relation(source, columns, link)
    out = scratch / f"checked-{number}.parquet"
    inner = ", ".join(f"{text} AS t{at}" for at, text in enumerate(texts))
    parts = ", ".join(f"{parsed(one, f't{at}')} AS p{at}" for at, one in enumerate(table.columns))
    typed = ", ".join(f"{value(one, f't{at}', f'p{at}')} AS v{at}" for at, one in enumerate(table.columns))
    named = ", ".join(f"v{at} AS {quoted(one.name)}" for at, one in enumerate(table.columns))
    broken = " + ".join(
        f"({_code(table, one, at, reporter)} << {2 * at})" for at, one in enumerate(table.columns)
    )
    torn_line = "CASE WHEN trim(line) <> '' THEN object IS NULL END" if source.form == "jsonl" else "false"
    try:
        connection.execute(
            f"COPY (SELECT {named}, CASE WHEN _torn IS NOT NULL THEN {broken} END AS _broken, _torn FROM "
            f"(SELECT *, {typed} FROM (SELECT *, {parts} FROM "
            f"(SELECT {inner}, {torn_line} AS _torn FROM {relation})))) "
            f"TO {literal(str(out))} (FORMAT parquet, COMPRESSION lz4, PRESERVE_ORDER)"
        )
    except duckdb.Error as failed:
        why = masked(str(failed).strip().splitlines()[0][:200])
        raise Unreadable(
            f"{source.name}：无法读取（{why}） / {source.name}: it can't be read ({why})"
        ) from failed
    torn = _torn_lines(connection, source, number)
    _rows_view(connection, out, number, source, torn)
    names = ", ".join(map(quoted, table.names))
    connection.execute(
        f"CREATE TEMP VIEW kept_{number} AS SELECT {names}, {number} AS _file, _row "
        f"FROM rows_{number} WHERE _broken = 0 AND NOT _torn"
    )
    rows, refused = connection.execute(
        f"SELECT count(_torn), count(*) FILTER (_broken <> 0 OR _torn) FROM rows_{number}"
    ).fetchone()
    taken = ", ".join(f"{text} AS {quoted(name)}" for text, name in zip(texts, table.names, strict=True))
    line = "line" if source.form == "jsonl" else "CAST(NULL AS VARCHAR)"
    again = f"SELECT {taken}, {line} AS _line, row_number() OVER () - 1 AS _at FROM {relation}"
    _refused(connection, table, source, number, again)
    return Checked(number, source.name, rows + torn, refused + torn, unknown)


def _fitting(table: Table, source: Source, columns: tuple[str, ...], reporter: str | None) -> tuple[str, ...]:
    names = [normal(one) for one in columns]
    if source.form != "jsonl":
        twice = sorted({one for one in names if names.count(one) > 1 and one in table.names})
        if twice:
            raise Unreadable(
                f"{source.name}：列 {'、'.join(twice)} 出现两次 / "
                f"{source.name}: the columns {', '.join(twice)} are there twice"
            )
    given = {*names, *(key for key, _ in source.keys)} | ({table.partition} if reporter else set())
    if missing := [one for one in table.required if one not in given]:
        raise Unreadable(
            f"{source.name}：缺少 {table.name} 表的必填列 {'、'.join(missing)} / {source.name}: required "
            f"columns of the table {table.name} are missing: {', '.join(missing)}"
        )
    return tuple(
        dict.fromkeys(one for one in columns if normal(one) not in table.names and not one.startswith("_"))
    )


def columns_of(work: Work, source: Source, number: int) -> tuple[str, ...]:
    """The columns as the file names them; for JSON Lines, the names that stand in any line."""
    if source.form != "jsonl":
        return source.columns
    relation = _relation(source, (), _link(work, source, number))
    found = work.connection.execute(
        f"SELECT DISTINCT unnest(json_keys(object)) AS key FROM {relation} "
        f"WHERE object IS NOT NULL ORDER BY key LIMIT {_MOST_KEYS}"
    ).fetchall()
    _forget_rejects(work.connection)
    return tuple(key for (key,) in found)


def _link(work: Work, source: Source, number: int) -> Path:
    """The file under a name without a character that means something to DuckDB."""
    link = work.scratch / f"source-{number}"
    if not link.is_symlink():
        link.symlink_to(source.path.resolve())
    return link


def _relation(source: Source, columns: tuple[str, ...], link: Path) -> str:
    """The file as rows of texts: CSV and Parquet as c0, c1 …; JSON Lines as line, object, and a list."""
    path = literal(str(link))
    if source.form == "parquet":
        taken = ", ".join(f"CAST({quoted(one)} AS VARCHAR) AS c{at}" for at, one in enumerate(columns))
        return (
            f"(SELECT {taken} FROM read_parquet({path}, binary_as_string = true, hive_partitioning = false))"
        )
    known = "auto_detect = false, store_rejects = true, rejects_limit = 0, hive_partitioning = false"
    known += f", compression = '{source.compression}', max_line_size = {_LONGEST_LINE}"
    if source.form == "jsonl":
        return _json_relation(f"read_csv({path}, {known}", columns)
    spec = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(columns)))
    delimiter = literal(source.delimiter)
    return (
        f"read_csv({path}, columns = {{{spec}}}, header = true, delim = {delimiter}, quote = '\"', "
        f"escape = '\"', nullstr = '', {known})"
    )


def _json_relation(reader: str, columns: tuple[str, ...]) -> str:
    """Each line whole, by a delimiter that no JSON text may hold, and then taken apart."""
    form = "columns = {'line': 'VARCHAR'}, header = false, delim = '\x01', quote = '', escape = ''"
    lines = f"SELECT ltrim(line, '\ufeff') AS line FROM {reader}, {form})"
    valid = f"SELECT line, CASE WHEN json_valid(line) THEN line END AS valid FROM ({lines})"
    objects = f"SELECT line, CASE WHEN json_type(valid) = 'OBJECT' THEN valid END AS object FROM ({valid})"
    paths = ", ".join(literal(f'$."{name}"') for name in columns)
    found = f"json_extract_string(object, [{paths}])" if columns else "NULL"
    return f"(SELECT line, object, {found} AS found FROM ({objects}))"


def _texts(table: Table, source: Source, columns: tuple[str, ...], reporter: str | None) -> list[str]:
    """For every column of the table the expression of its text in the relation."""
    keys = dict(source.keys)
    texts = []
    for one in table.columns:
        places = [at for at, name in enumerate(columns) if normal(name) == one.name]
        found = [f"found[{at + 1}]" if source.form == "jsonl" else f"c{at}" for at in places]
        if one.name == table.partition and reporter:
            found = [*(f"nullif({text}, '')" for text in found), literal(reporter)]
        elif not found and one.name in keys:
            found = [literal(keys[one.name])]
        texts.append(f"coalesce({', '.join(found)})" if found else "CAST(NULL AS VARCHAR)")
    return texts


def _code(table: Table, column: Column, at: int, reporter: str | None) -> str:
    """0 for a good value, else the place of what is wrong in BROKEN, from 1."""
    cases = ""
    blank = f"v{at} IS NULL" if column.type == "text" else empty(f"t{at}")
    if not column.nullable:
        cases += f"WHEN {blank} THEN 1 "
    if column.type != "text":
        cases += f"WHEN v{at} IS NULL AND NOT {blank} THEN 2 "
    if column.values:
        # Not IN: DuckDB makes a join of it, and a join doesn't keep the order of rows.
        cases += f"WHEN NOT list_contains([{', '.join(map(literal, column.values))}], v{at}) THEN 3 "
    if column.name == table.partition:
        cases += f"WHEN strlen(v{at}) > {partitions.LONGEST} THEN 3 "
        if reporter:
            cases += f"WHEN v{at} <> {literal(reporter)} THEN 3 "
    return f"CAST(CASE {cases}ELSE 0 END AS BIGINT)" if cases else "CAST(0 AS BIGINT)"


def _torn_lines(connection: Any, source: Source, number: int) -> int:
    """Keep the lines that DuckDB could not split into the columns of the header; how many."""
    if source.form == "parquet":
        return 0
    connection.execute(
        f"CREATE TEMP TABLE torn_{number} AS SELECT line AS _row, any_value(csv_line) AS _line, "
        "min(CAST(error_type AS VARCHAR)) AS _why FROM reject_errors GROUP BY line"
    )
    _forget_rejects(connection)
    return int(connection.execute(f"SELECT count(*) FROM torn_{number}").fetchone()[0])


def _forget_rejects(connection: Any) -> None:
    connection.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")


def _rows_view(connection: Any, checked: Path, number: int, source: Source, torn: int) -> None:
    """The rows of a file with `_at`, their place among the rows read, and `_row`, that in the file.

    The second counts the header and the torn lines, too.
    """
    first = 2 if source.form == "csv" else 1
    rows = (
        "SELECT * EXCLUDE (file_row_number), file_row_number AS _at "
        f"FROM read_parquet({literal(str(checked))}, file_row_number = true)"
    )
    if not torn:
        connection.execute(f"CREATE TEMP VIEW rows_{number} AS SELECT *, _at + {first} AS _row FROM ({rows})")
        return
    connection.execute(
        f"CREATE TEMP TABLE shifts_{number} AS SELECT before, max(shift) AS shift FROM (SELECT "
        "row_number() OVER (ORDER BY _row) AS shift, "
        f"_row - {first} - shift + 1 AS before FROM torn_{number}) GROUP BY before"
    )
    connection.execute(
        f"CREATE TEMP VIEW rows_{number} AS SELECT r.*, r._at + {first} + coalesce(s.shift, 0) AS _row "
        f"FROM ({rows}) r ASOF LEFT JOIN shifts_{number} s ON r._at >= s.before"
    )


def _refused(connection: Any, table: Table, source: Source, number: int, texts: str) -> None:
    """The refused rows with their texts: read again from the file, since what didn't parse is gone by now."""
    declared = ", ".join(f"{quoted(name)} VARCHAR" for name in table.names)
    ours = "_row BIGINT, _broken BIGINT, _line VARCHAR, _why VARCHAR"
    connection.execute(f"CREATE TEMP TABLE refused_{number} ({declared}, {ours})")
    broken = f"SELECT _at, _row, _broken, _torn FROM rows_{number} WHERE _broken <> 0 OR _torn"
    if connection.execute(f"{broken} LIMIT 1").fetchone():
        connection.execute(
            f"INSERT INTO refused_{number} SELECT t.* EXCLUDE (_line, _at), r._row, "
            "CASE WHEN r._torn THEN 0 ELSE r._broken END, CASE WHEN r._torn THEN t._line END, "
            f"CASE WHEN r._torn THEN 'JSON' END FROM ({texts}) t JOIN ({broken}) r USING (_at) "
            "ORDER BY r._row"
        )
        _forget_rejects(connection)
    if source.form != "parquet":
        connection.execute(
            f"INSERT INTO refused_{number} BY NAME SELECT _row, 0 AS _broken, _line, _why FROM torn_{number}"
        )
