"""What follows from kept records for their subjects: names with history, roles, outlets. Set by set, never
row by row.

`kept` is a frame of records just written: id, subject_id, date, name, role, operation, refers_to_id, outlet_*
columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl

from chengxin.kernel.identifiers import canonical
from chengxin.ledger.actions import Appending
from chengxin.registry.models import NAME, OUTLET, ROLE
from chengxin.registry.names import normalise_name, search_tokens
from chengxin.registry.resolving.subjects import as_array
from chengxin.rulebook.catalogue import Item

Span = tuple[date | None, str]


def follow(log: Appending, item: Item, kept: pl.DataFrame) -> None:
    """Write what the records say of their subjects beyond the record itself."""
    said = kept.filter(pl.col("operation") != "withdrawal")
    if item.role or item.role_field:
        _roles(log, said)
    if item.outlet is not None:
        _outlets(log, said, whole=item.verifies)
    if item.names:
        unsaid = _subjects_before(log, kept)
        if unsaid:
            reproject_names(log, unsaid)
        _names(log, said)


def _subjects_before(log: Appending, kept: pl.DataFrame) -> list[int]:
    """Subjects of the records that were corrected or withdrawn: names known from those count no more."""
    refers = kept["refers_to_id"].drop_nulls().to_list()
    if not refers:
        return []
    found = log.cursor.execute("SELECT DISTINCT subject_id FROM archive_record WHERE id = ANY(%s)", [refers])
    return [subject for (subject,) in found.fetchall()]


_STANDS = "NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = record_id)"


def _roles(log: Appending, said: pl.DataFrame) -> None:
    first = (
        said.filter(pl.col("role").is_not_null())
        .sort("date", "id")
        .unique(["subject_id", "role"], keep="first", maintain_order=True)
        .select("subject_id", "role", pl.col("date").alias("since"), pl.col("id").alias("record_id"))
    )
    if first.is_empty():
        return
    known = log.cursor.execute(
        f"SELECT subject_id, role FROM registry_role WHERE subject_id = ANY(%s) AND {_STANDS}".encode(),
        [first["subject_id"].unique().to_list()],
    ).fetchall()
    held = pl.DataFrame(known, schema={"subject_id": pl.Int64, "role": pl.String}, orient="row")
    new = first.join(held, on=["subject_id", "role"], how="anti", maintain_order="left")
    if new.height:
        log.keep_frame(ROLE, new)


_OUTLET_SAME = ("subject_id", "kind", "name", "url", "platform")


def _outlets(log: Appending, said: pl.DataFrame, *, whole: bool) -> None:
    """Outlets that are new, or (`whole`: the item reports them wholly) told anew with other dates."""
    told = said.filter(pl.col("outlet_kind").is_not_null() & pl.col("outlet_name").is_not_null()).select(
        "subject_id",
        pl.col("outlet_kind").alias("kind"),
        pl.col("outlet_name").alias("name"),
        pl.col("outlet_url").alias("url"),
        pl.col("outlet_url").map_elements(domain_of, return_dtype=pl.String).alias("domain"),
        pl.col("outlet_platform").alias("platform"),
        pl.col("outlet_opened").alias("opened_on"),
        pl.col("outlet_closed").alias("closed_on"),
        pl.col("id").alias("record_id"),
    )
    if told.is_empty():
        return
    found = log.cursor.execute(
        b"SELECT subject_id, kind, name, url, platform, opened_on::text, closed_on::text "
        b"FROM registry_outlet WHERE subject_id = ANY(%s) AND " + _STANDS.encode() + b" ORDER BY id",
        [told["subject_id"].unique().to_list()],
    ).fetchall()
    same = [*_OUTLET_SAME, *(("opened_on", "closed_on") if whole else ())]
    schema = {name: told.schema[name] for name in (*_OUTLET_SAME, "opened_on", "closed_on")}
    held = pl.DataFrame(found, schema=schema, orient="row")
    if whole:  # only the newest telling counts
        held = held.unique(list(_OUTLET_SAME), keep="last", maintain_order=True)
    new = told.unique(same, keep="first", maintain_order=True).join(
        held, on=same, how="anti", nulls_equal=True, maintain_order="left"
    )
    if new.height:
        log.keep_frame(OUTLET, new)


def domain_of(url: str) -> str | None:
    """The host name in an address, in its one spelling."""
    host = url.split("://", 1)[-1].split("/", 1)[0].split("?", 1)[0].rsplit("@", 1)[-1].split(":", 1)[0]
    found = canonical("domain", host)
    return found or None


def _names(log: Appending, said: pl.DataFrame) -> None:
    """Registered names that differ from the one in force just before their day."""
    current = dict(
        log.cursor.execute(
            "SELECT id, name FROM registry_subject WHERE id = ANY(%s)",
            [said["subject_id"].unique().to_list()],
        ).fetchall()
    )
    rows = said.select("subject_id", "name", "date", "id").sort("date", "id").rows()
    differing = [row for row in rows if current[row[0]] != row[1]]
    subjects = sorted({row[0] for row in differing})
    if not subjects:
        return
    history = names_of(log, subjects)
    new: list[tuple[int, str, str, int]] = []
    for subject, name, on, record in (row for row in rows if row[0] in history):
        spans = history[subject]
        day = date.fromisoformat(on)
        before = [span for span in spans if span[0] is None or span[0] <= day]
        if before[-1][1] != name:
            new.append((subject, name, on, record))
            spans.append((day, name))
            spans.sort(key=lambda span: span[0] or date.min)
    if new:
        log.keep(NAME, new)
        reproject_names(log, sorted({subject for subject, *_ in new}))


def names_of(log: Appending, subjects: Sequence[int]) -> dict[int, list[Span]]:
    """The names of subjects with the day since when, in order; the first, registered one without a day.

    Names known from a record that was corrected or withdrawn don't count; those known from a record that was
    attributed to another subject are that one's.
    """
    found = log.cursor.execute(
        """SELECT id, NULL::date, registered_name, -1 FROM registry_subject WHERE id = ANY(%s)
        UNION ALL SELECT n.subject_id, n.since, n.name, n.id FROM registry_name n WHERE n.subject_id = ANY(%s)
            AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = n.record_id)
            AND NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = n.record_id)
        UNION ALL SELECT a.subject_id, n.since, n.name, n.id FROM archive_attribution a
            JOIN archive_record r ON r.id = a.record_id
            JOIN registry_name n ON n.subject_id = r.subject_id AND n.record_id = r.id
            WHERE a.subject_id = ANY(%s)
            AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = r.id)
            AND NOT EXISTS (SELECT FROM archive_attribution l WHERE l.record_id = r.id AND l.id > a.id)
        ORDER BY 1, 2 NULLS FIRST, 4""",
        [list(subjects)] * 3,
    ).fetchall()
    history: dict[int, list[Span]] = {}
    for subject, since, name, _ in found:
        history.setdefault(subject, []).append((since, name))
    return history


def reproject_names(log: Appending, subjects: Sequence[int]) -> None:
    """Bring `name`, `normalised` and `tokens` of subjects in line with their sealed names."""
    history = names_of(log, subjects)
    every = pl.Series([name for spans in history.values() for _, name in spans], dtype=pl.String)
    tokens = dict(zip(every, search_tokens(every), strict=True)) if len(every) else {}
    changes: list[tuple[Any, ...]] = []
    for subject, spans in history.items():
        name = spans[-1][1]
        joined = list(dict.fromkeys(token for _, each in reversed(spans) for token in tokens[each]))
        changes.append((name, normalise_name(name), as_array(pl.Series([joined]))[0], subject))
    log.cursor.executemany(
        "UPDATE registry_subject SET name = %s, normalised = %s, tokens = %s::text[] WHERE id = %s", changes
    )
