"""Screening: long lists of names and codes held against the registry, a few statements for thousands.

A code, whatever its scheme and spelling, names its subject. A name that equals one under which a subject is
or was known names it, too. Any other name is held against the names that share a blocking key with it and
gets the probability that matching gives to names alone. Natural persons are found by their own code only: a
name shared by thousands must not put somebody on a list (个人信息保护法 art. 6).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, NamedTuple

import polars as pl
from django.conf import settings
from django.utils import timezone
from psycopg import errors

from chengxin.database import reading
from chengxin.kernel.identifiers import SCHEMES, canonicals, mask
from chengxin.registry.matching import name_score, thresholds
from chengxin.registry.names import blocking_keys, normalised
from chengxin.registry.queries import PERSONAL_SCHEMES, code_of, number_of

SLICE = 2_000
"""Queries that are looked up together."""

WORKERS = 2
"""Slices under way at once: while PostgreSQL looks one up, another is compared."""

AT_ONCE = 4_000
"""Values that one statement looks up, so that it ends in time (`reading.LONGEST_QUERY`)."""

MOST = 5
"""Probable subjects that are given for a query; of exact ones all."""

LOOKED_AT = 8
"""Subjects of a similar name that are scored for a query: those that share the rarest keys."""

COMMONEST_KEY = 100
"""A blocking key that more subjects share says too little to be followed."""


class Likely(NamedTuple):
    """A subject that a query may mean. `score`: 1 for a code, else how probable it is by the names alone."""

    code: str
    name: str
    score: float


@dataclass(frozen=True)
class Screened:
    """What the registry knows of one query."""

    query: str
    match: Literal["exact", "probable", "none"]
    subjects: tuple[Likely, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        subjects = [
            {"code": one.code, "name": one.name, "score": round(one.score, 4)} for one in self.subjects
        ]
        return {"query": self.query, "match": self.match, "subjects": subjects}


def screen(queries: Sequence[str], *, on: date | None = None) -> Iterator[Screened]:
    """Hold names and codes against the registry; one answer each, in their order.

    Exact: all subjects with that code or name (also one merged into another, or given up since: the subject
    that stands for it now), those that are called so today first. Probable: at most `MOST`, from the
    threshold of the steward's queue up that is in force `on` a day (default: today). Personal numbers are
    compared by their keyed hash; their subjects are named by number, the name masked.
    """
    least = thresholds(on or timezone.localdate()).queue
    parts = [queries[start : start + SLICE] for start in range(0, len(queries), SLICE)]
    if parts:
        _put_index_in_order()
    if len(parts) < 2:
        for part in parts:
            yield from _answered(part, least)
        return
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="screening") as pool:
        waiting: deque[Future[list[Screened]]] = deque()
        try:
            for part in parts:
                waiting.append(pool.submit(_answered_apart, part, least))
                if len(waiting) > WORKERS:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _put_index_in_order() -> None:
    """Let the tokens of new subjects go from the waiting list of their index (GIN) to their places.

    Every look-up reads that list to its end: with a thousand new subjects in it a key takes ten times as
    long. Nothing to be done where somebody else does it already, or is alone allowed to.
    """
    with suppress(errors.QueryCanceled, errors.InsufficientPrivilege):
        reading.rows("SELECT gin_clean_pending_list('subject_tokens')")


def _answered(part: Sequence[str], least: float) -> list[Screened]:
    answers = _Slice(list(dict.fromkeys(part)), least).answers()
    return [answers[query] for query in part]


def _answered_apart(part: Sequence[str], least: float) -> list[Screened]:
    """The same in a thread of its own, which leaves no connection behind."""
    try:
        return _answered(part, least)
    finally:
        reading.close()


# --- one slice ----------------------------------------------------------------------------------------------

_OPEN_SCHEMES = [scheme.id for scheme in SCHEMES.values() if not scheme.personal]
_SPELLED_AS = ("uscc", "tax_no", "icp", "domain")  # one scheme for each way in which codes are spelled
_NUMBER = r"^[0-9A-Z]*(?:[0-9][0-9A-Z]*){8}$"  # eight digits or more among capital letters: no name
_PERSONAL = r"^[0-9A-Z]{5,20}$"


def _by_identifier(columns: str, condition: str) -> str:
    """SQL: the subjects that stand for those with an identifier; `columns` of `q` are its values."""
    return f"""
SELECT q.n, coalesce(s.merged_into_id, s.id) FROM {columns}
CROSS JOIN LATERAL (SELECT i.subject_id FROM registry_identifier i WHERE {condition} OFFSET 0) i
JOIN registry_subject s ON s.id = i.subject_id"""


_BY_VALUE = _by_identifier(
    "unnest(%s::int[], %s::text[]) AS q(n, value)",
    f"i.value = q.value AND i.scheme = ANY(ARRAY{_OPEN_SCHEMES})",
)
_BY_PERSONAL = _by_identifier(
    "unnest(%s::int[], %s::text[], %s::bytea[]) AS q(n, scheme, value)",
    "i.fingerprint = q.value AND i.scheme = q.scheme",
)
_BY_NUMBER = """
SELECT q.n, coalesce(s.merged_into_id, s.id)
FROM unnest(%s::int[], %s::bigint[]) AS q(n, id) JOIN registry_subject s ON s.id = q.id"""

_BY_NAME = """
SELECT q.n, s.id, coalesce(s.merged_into_id, s.id), s.name
FROM unnest(%s::int[], %s::text[]) AS q(n, name) CROSS JOIN LATERAL (
    SELECT s.id, s.merged_into_id, s.name FROM registry_subject s
    WHERE s.normalised = q.name AND s.kind <> 'natural_person' OFFSET 0) s"""

# Whoever is called so today was found by name: of the others only those that have had another name matter.
_BY_KEY = f"""
SELECT k.n, s.id FROM unnest(%s::int[], %s::text[], %s::bool[]) AS k(n, key, renamed) CROSS JOIN LATERAL (
    SELECT s.id FROM registry_subject s
    WHERE s.tokens @> ARRAY[k.key] AND s.kind <> 'natural_person'
      AND (NOT k.renamed OR s.name <> s.registered_name
           OR EXISTS (SELECT FROM registry_name n WHERE n.subject_id = s.id))
    LIMIT {COMMONEST_KEY + 1}) s"""

_NAMES = """
SELECT s.id, coalesce(s.merged_into_id, s.id), n.name FROM unnest(%s::bigint[]) AS q(id)
CROSS JOIN LATERAL (SELECT * FROM registry_subject s WHERE s.id = q.id OFFSET 0) s
CROSS JOIN LATERAL (
    SELECT s.name UNION SELECT s.registered_name
    UNION SELECT n.name FROM registry_name n WHERE n.subject_id = s.id) n"""

_DESCRIBED = f"""
SELECT c.id, {code_of("c")}, c.name, c.kind FROM unnest(%s::bigint[]) AS q(id)
CROSS JOIN LATERAL (SELECT * FROM registry_subject c WHERE c.id = q.id OFFSET 0) c"""

_PAIRS = {"n": pl.Int64, "id": pl.Int64, "canon": pl.Int64, "name": pl.String}


def _looked_up(statement: str, columns: Sequence[list[Any]]) -> Iterator[tuple[Any, ...]]:
    """The rows of a statement whose values are columns of equal length, `AT_ONCE` places at a time.

    On a busy machine even so few may take too long: then half of them are tried, and half of those.
    """
    parts = [(start, min(start + AT_ONCE, len(columns[0]))) for start in range(0, len(columns[0]), AT_ONCE)]
    while parts:
        start, end = parts.pop(0)
        try:
            yield from reading.rows(statement, [column[start:end] for column in columns])
        except errors.QueryCanceled:
            if end - start < 2:
                raise
            middle = (start + end) // 2
            parts[:0] = [(start, middle), (middle, end)]


def _frame(rows: Iterable[tuple[Any, ...]], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=schema, orient="row")


@dataclass
class _Slice:
    """The distinct queries of one slice, and what is found of them step by step (by their place)."""

    queries: list[str]
    least: float
    exact: dict[int, list[tuple[int, float]]] = field(default_factory=dict)
    probable: dict[int, list[tuple[int, float]]] = field(default_factory=dict)

    def answers(self) -> dict[str, Screened]:
        """What the registry knows of each query."""
        asked = pl.DataFrame({"query": self.queries}, schema={"query": pl.String}).with_row_index("n")
        self._by_code(asked)
        spelled = asked.with_columns(plain=normalised(pl.col("query"))).filter(
            pl.col("plain").str.len_chars() > 1,
            ~pl.col("n").is_in(list(self.exact)),
            ~canonicals("uscc", pl.col("query")).str.contains(_NUMBER),
        )
        if spelled.height:
            self._by_name(spelled.cast({"n": pl.Int64}))
        known = self._described()
        return {query: self._answer(place, query, known) for place, query in enumerate(self.queries)}

    def _by_code(self, asked: pl.DataFrame) -> None:
        spelled = [asked.select("n", value=canonicals(scheme, pl.col("query"))) for scheme in _SPELLED_AS]
        values = pl.concat(spelled).unique().filter(pl.col("value").str.contains(r"^[^\x00]+$"))
        persons = spelled[0].filter(pl.col("value").str.contains(_PERSONAL))
        hashed = [
            (n, scheme, settings.KEYRING.fingerprint(scheme, value))
            for n, value in persons.iter_rows()
            for scheme in PERSONAL_SCHEMES
        ]
        numbers = [(n, number) for n, query in asked.iter_rows() if (number := number_of(query)) is not None]
        found = {
            *_looked_up(_BY_VALUE, [values["n"].to_list(), values["value"].to_list()]),
            *_looked_up(_BY_PERSONAL, _columns(hashed, 3)),
            *_looked_up(_BY_NUMBER, _columns(numbers, 2)),
        }
        for n, canon in sorted(found):
            self.exact.setdefault(n, []).append((canon, 1.0))

    def _by_name(self, spelled: pl.DataFrame) -> None:
        """Equal names, today's before former ones; for the rest the most probable."""
        same = _frame(_looked_up(_BY_NAME, [spelled["n"].to_list(), spelled["plain"].to_list()]), _PAIRS)
        near = self._near(spelled, set(same["n"]))
        pairs = pl.concat([same.with_columns(today=pl.lit(True)), near.with_columns(today=pl.lit(False))])
        if pairs.is_empty():
            return
        names = pairs.select("name").unique().with_row_index("id")
        scores = name_score(
            spelled.select("n", pl.col("query").alias("name")).rename({"n": "id"}),
            names,
            pairs.join(names, on="name").select(left_id="n", right_id="id_right"),
        )
        equal = normalised(pl.col("name")) == pl.col("plain")
        found = (
            scores.join(names, left_on="right_id", right_on="id")
            .select("name", "probability", n="left_id")
            .unique(["n", "name"])
            .join(pairs, on=["n", "name"])
            .join(spelled.select("n", "plain"), on="n")
            .with_columns(equal=equal)
            .sort(
                ["n", "equal", "today", "probability", "canon"], descending=[False, True, True, True, False]
            )
            .unique(["n", "canon"], keep="first", maintain_order=True)
        )
        for n, canon, probability, exactly in found.select("n", "canon", "probability", "equal").iter_rows():
            if exactly:
                self.exact.setdefault(n, []).append((canon, probability))
            elif n not in self.exact and probability >= self.least:
                likely = self.probable.setdefault(n, [])
                if len(likely) < MOST:
                    likely.append((canon, probability))

    def _near(self, spelled: pl.DataFrame, equal: set[int]) -> pl.DataFrame:
        """Names of subjects that share keys with a query: those that share most and the rarest."""
        keys = spelled.select(
            "n", key=blocking_keys(spelled["query"]), renamed=pl.col("n").is_in(list(equal))
        )
        # The first key is the core itself: it leads to a subject that was called exactly so.
        keys = (
            keys.with_columns(key=pl.when("renamed").then(pl.col("key").list.head(1)).otherwise("key"))
            .explode("key")
            .drop_nulls("key")
        )
        distinct = keys.select("key", "renamed").unique(maintain_order=True).with_row_index("k")
        given = [distinct["k"].to_list(), distinct["key"].to_list(), distinct["renamed"].to_list()]
        held = _frame(_looked_up(_BY_KEY, given), {"k": pl.UInt32, "id": pl.Int64})
        shared_by = held.group_by("k").agg(shared_by=pl.len()).filter(pl.col("shared_by") <= COMMONEST_KEY)
        chosen = (
            keys.join(distinct, on=["key", "renamed"])
            .join(held.join(shared_by, on="k"), on="k")
            .group_by("n", "id")
            .agg(strength=(1 / pl.col("shared_by")).sum())
            .sort(["n", "strength", "id"], descending=[False, True, False])
            .group_by("n", maintain_order=True)
            .head(LOOKED_AT)
            .select("n", "id")
        )
        named = _looked_up(_NAMES, [chosen["id"].unique().to_list()])
        schema = {name: dtype for name, dtype in _PAIRS.items() if name != "n"}
        return chosen.join(_frame(named, schema), on="id").select(list(_PAIRS))

    def _described(self) -> dict[int, tuple[str, str]]:
        wanted = {
            canon for found in (self.exact, self.probable) for all_ in found.values() for canon, _ in all_
        }
        return {
            id: (code, mask("person", name) if kind == "natural_person" else name)
            for id, code, name, kind in _looked_up(_DESCRIBED, [list(wanted)])
        }

    def _answer(self, place: int, query: str, known: dict[int, tuple[str, str]]) -> Screened:
        exact, probable = self.exact.get(place, []), self.probable.get(place, [])
        subjects = tuple(Likely(*known[canon], score) for canon, score in exact or probable)
        return Screened(query, "exact" if exact else "probable" if probable else "none", subjects)


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
