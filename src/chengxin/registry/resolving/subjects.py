"""The subject of each row: the one its identifiers name, else the one its description fits, else a new one.

Runs inside one writer's turn at the ledger, so that two batches can't make the same subject twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import orjson
import polars as pl

from chengxin.kernel.crypto import Keyring
from chengxin.kernel.identifiers import SCHEMES
from chengxin.ledger.actions import Appending
from chengxin.registry.matching import score_pairs
from chengxin.registry.matching.deciding import decide
from chengxin.registry.matching.thresholds import thresholds
from chengxin.registry.models import SUBJECT
from chengxin.registry.names import normalised, search_tokens
from chengxin.registry.resolving.candidates import candidates_by_name, namesakes
from chengxin.registry.resolving.identifiers import PRIORITY, Identified, Token, keep_identifiers, tokens
from chengxin.rulebook import places

Details = Callable[[list[int]], pl.DataFrame]
"""Subjects → `id, legal_person, phone, address`: what the archive last heard of them, for matching."""

DESCRIPTION = ("name", "kind", "region", "legal_person", "phone", "address")


@dataclass
class Memory:
    """What a batch remembers from chunk to chunk."""

    keyring: Keyring
    details: Details
    identified: Identified = field(default_factory=Identified)

    def spelled(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with `tokens`, by which names are found, where their subject is likely to be new.

        May run ahead in another thread while earlier rows are resolved: what is not known yet costs time and
        nothing else.
        """
        code = next((f"id_{scheme}" for scheme in PRIORITY if f"id_{scheme}" in rows.columns), None)
        if code is None:
            return rows.with_columns(pl.lit(None, pl.String).alias("tokens"))
        scheme, known = code.removeprefix("id_"), self.identified.subjects
        unknown = [value is not None and (scheme, value) not in known for value in rows[code]]
        names = rows["name"].filter(pl.Series(unknown, dtype=pl.Boolean)).unique()
        tokens = pl.DataFrame({"name": names, "tokens": as_array(search_tokens(names))})
        return rows.join(tokens, on="name", how="left", maintain_order="left")


@dataclass(frozen=True)
class Resolution:
    """The subject of each row, and what had to be done for it."""

    subjects: pl.Series
    new_subjects: int
    queued: int


def resolve(log: Appending, rows: pl.DataFrame, memory: Memory, on: date) -> Resolution:
    """Find or make the subject of each row.

    rows: `name, kind, legal_person, phone, address, region` and the identifiers (`id_<scheme>`,
    `person_scheme`, `person_number`), as preparing gives them, with `tokens` (`Memory.spelled`); on: the day
    whose matching thresholds hold.
    """
    by_scheme = tokens(rows, memory.keyring)
    found = _by_identifier(log, by_scheme, rows.height, memory.identified)
    open_rows = [at for at, subject in enumerate(found) if subject is None]
    described = rows.select(*DESCRIPTION, "tokens") if open_rows else None
    made = queued = 0
    if described is not None:
        places_known = described.with_columns(_region(rows).alias("region"))
        made, queued = _settle(
            log,
            described=places_known,
            by_scheme=by_scheme,
            found=found,
            open_rows=open_rows,
            memory=memory,
            on=on,
        )
    _attach_further(log, rows, by_scheme, found, memory)
    return Resolution(pl.Series("subject_id", found, dtype=pl.Int64), made, queued)


def _by_identifier(
    log: Appending, by_scheme: dict[str, list[str | None]], height: int, identified: Identified
) -> list[int | None]:
    found: list[int | None] = [None] * height
    for scheme, values in by_scheme.items():
        identified.look_up(log.cursor, scheme, {value for value in values if value is not None})
        known = identified.subjects
        for at, value in enumerate(values):
            if value is not None and found[at] is None:
                found[at] = known.get((scheme, value))
    # The organisation code inside a unified code, both ways round.
    open_uscc = {
        value[8:17]: value
        for at, value in enumerate(by_scheme.get("uscc", ()))
        if value is not None and found[at] is None
    }
    identified.look_up(log.cursor, "orgcode", open_uscc)
    for part, value in open_uscc.items():
        subject = identified.subjects.get(("orgcode", part))
        if subject is not None:
            for at, given in enumerate(by_scheme["uscc"]):
                if given == value and found[at] is None:
                    found[at] = subject
    codes = by_scheme.get("orgcode", [])
    derived = identified.look_up_derived(
        log.cursor, {value for at, value in enumerate(codes) if value is not None and found[at] is None}
    )
    if derived:
        for at, value in enumerate(codes):
            if value is not None and found[at] is None:
                found[at] = derived.get(value)
    return found


def _region(rows: pl.DataFrame) -> pl.Series:
    """The region that a row states, else the one in its unified code (GB 32100: places 3 to 8)."""
    stated = rows["region"]
    if "id_uscc" not in rows.columns:
        return stated
    coded = rows["id_uscc"].str.slice(2, 6)
    known = coded.is_in([region.code for region in places.regions()])
    return stated.zip_with(
        stated.is_not_null(), coded.zip_with(known.fill_null(False), pl.Series([None], dtype=pl.String))
    )


def _settle(
    log: Appending,
    *,
    described: pl.DataFrame,
    by_scheme: dict[str, list[str | None]],
    found: list[int | None],
    open_rows: list[int],
    memory: Memory,
    on: date,
) -> tuple[int, int]:
    """Give every open row a subject; returns how many are new and how many wait for a steward."""
    groups: dict[object, list[int]] = {}
    fresh: dict[Token, object] = {}
    plain = described.select(normalised(pl.col("name"))).to_series().to_list()
    columns = described.select("kind", "region", "legal_person", "phone").rows()
    for at in open_rows:
        own = [(scheme, value) for scheme, values in by_scheme.items() if (value := values[at]) is not None]
        key: object = next((fresh[token] for token in own if token in fresh), None)
        if key is None:
            # Without a code, what the rows of one chunk say in the same words is of one subject.
            key = own[0] if own else (plain[at], *columns[at])
        for token in own:
            fresh.setdefault(token, key)
        groups.setdefault(key, []).append(at)
    firsts = (
        described[[members[0] for members in groups.values()]].with_row_index("id").cast({"id": pl.Int64})
    )
    schemes = pl.Series(
        [
            [scheme for scheme, values in by_scheme.items() if values[members[0]] is not None]
            for members in groups.values()
        ],
        dtype=pl.List(pl.String),
    )
    decided, waiting = _described(log, firsts, schemes, memory, on)
    new = [at for at in range(firsts.height) if at not in decided]
    first_id = _keep_subjects(log, firsts[new]) if new else 0
    subjects = decided | {at: first_id + number for number, at in enumerate(new)}
    for number, members in enumerate(groups.values()):
        for at in members:
            found[at] = subjects[number]
    asked = [
        (subjects[at], other, probability, evidence)
        for at, other, probability, evidence in waiting
        if at not in decided
    ]
    _queue(log, asked)
    return len(new), len(asked)


def _described(
    log: Appending, firsts: pl.DataFrame, schemes: pl.Series, memory: Memory, on: date
) -> tuple[dict[int, int], list[tuple[int, int, float, str]]]:
    """Subjects accepted for descriptions (place in `firsts` → subject), and pairs for the steward."""
    coded = schemes.list.len() > 0
    without, with_code = firsts.filter(~coded), firsts.filter(coded)
    pairs: list[pl.DataFrame] = []
    if without.height:
        pairs.append(_placed(candidates_by_name(log.cursor, without["name"]), without))
    if with_code.height:
        pairs.append(_placed(namesakes(log.cursor, with_code["name"], schemes.filter(coded)), with_code))
    near = pl.concat(pairs) if pairs else None
    if near is None or near.is_empty():
        return {}, []
    held = near.select(pl.col("right_id").alias("id"), "kind", "name", "region").unique("id")
    held = held.join(memory.details(held["id"].to_list()), on="id", how="left")
    limits = thresholds(on)
    scores = score_pairs(firsts, held, near.select("left_id", "right_id"))
    decisions = decide(scores, limits)
    accepted = decisions.filter(pl.col("decision") == "accept")
    asked = decisions.filter(pl.col("decision") == "queue").join(
        scores, on=["left_id", "right_id"], how="inner"
    )
    waiting = asked.select("left_id", "right_id", "probability", "evidence").rows()
    return dict(accepted.select("left_id", "right_id").rows()), waiting


def _placed(pairs: pl.DataFrame, side: pl.DataFrame) -> pl.DataFrame:
    """Pairs by the places of `side` in all descriptions instead of in itself."""
    return pairs.with_columns(side["id"].gather(pairs["left_id"]).alias("left_id"))


def _keep_subjects(log: Appending, described: pl.DataFrame) -> int:
    unspelled = described.filter(pl.col("tokens").is_null())["name"].unique()
    spelled = pl.DataFrame({"name": unspelled, "later": as_array(search_tokens(unspelled))})
    described = described.join(spelled, on="name", how="left", maintain_order="left")
    return log.keep_frame(
        SUBJECT,
        described.select("kind", pl.col("name").alias("registered_name"), "region"),
        described.select(
            "name",
            normalised(pl.col("name")).alias("normalised"),
            pl.coalesce("tokens", "later").alias("tokens"),
        ),
    )


def as_array(tokens: pl.Series) -> pl.Series:
    """Lists of tokens as PostgreSQL writes arrays."""
    quoted = pl.element().str.replace_all(r'(["\\])', r"\${1}")
    listed = pl.col("tokens").list.eval(pl.concat_str(pl.lit('"'), quoted, pl.lit('"'))).list.join(",")
    return (
        pl.DataFrame({"tokens": tokens}).select(pl.concat_str(pl.lit("{"), listed, pl.lit("}"))).to_series()
    )


def _queue(log: Appending, waiting: list[tuple[int, int, float, str]]) -> None:
    log.cursor.executemany(
        "INSERT INTO registry_matchcandidate (subject_id, other_id, probability, evidence, state) "
        "VALUES (%s, %s, %s, %s, 'open') ON CONFLICT DO NOTHING",
        waiting,
    )


def _attach_further(
    log: Appending,
    rows: pl.DataFrame,
    by_scheme: dict[str, list[str | None]],
    found: list[int | None],
    memory: Memory,
) -> None:
    """Identifiers of the rows that their subjects do not have yet.

    One that another subject has already stays there: the two are put before the steward.
    """
    known = memory.identified.subjects
    attached: list[tuple[int, str, str]] = []
    numbers: dict[Token, str] = {}
    shared: dict[tuple[int, int], str] = {}
    for scheme, values in by_scheme.items():
        for at, value in enumerate(values):
            if value is None:
                continue
            subject = found[at]
            assert subject is not None  # noqa: S101 - every row has been settled
            owner = known.get((scheme, value))
            if owner is None:
                known[scheme, value] = subject
                attached.append((subject, scheme, value))
                if SCHEMES[scheme].personal:
                    numbers[scheme, value] = rows["person_number"][at]
            elif owner != subject:
                shared.setdefault((subject, owner), scheme)
    keep_identifiers(log, attached, numbers, memory.keyring)
    _queue(
        log,
        [(one, other, 0.5, _shared_code(scheme)) for (one, other), scheme in _unmerged(log, shared).items()],
    )


def _unmerged(log: Appending, shared: dict[tuple[int, int], str]) -> dict[tuple[int, int], str]:
    """Without the pairs that are one subject by a merge already."""
    if not shared:
        return {}
    ids = list({id for pair in shared for id in pair})
    canon = dict(
        log.cursor.execute(
            "SELECT id, coalesce(merged_into_id, id) FROM registry_subject WHERE id = ANY(%s)", [ids]
        ).fetchall()
    )
    return {pair: scheme for pair, scheme in shared.items() if canon[pair[0]] != canon[pair[1]]}


def _shared_code(scheme: str) -> str:
    named = SCHEMES[scheme]
    return orjson.dumps(
        [
            {
                "comparison": "identifier",
                "zh": "证照号码",
                "en": "Identifier",
                "level": "shared",
                "level_zh": f"{named.name_zh}相同，而其他号码属于另一主体",
                "level_en": f"the same {named.name_en}, while another code is of another subject",
                "weight": 0.0,
            }
        ]
    ).decode()
