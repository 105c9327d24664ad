"""What two descriptions are compared by: the columns that the conditions of `comparisons` speak of."""

from __future__ import annotations

import polars as pl

from chengxin.registry import names, spelling
from chengxin.registry.tokens import neighbourhoods

_NEAR_WINDOW = 10  # characters of the core name in which one typing error is looked for
_PERSON_NAME = 3  # a name of up to three characters without a legal form is a person's (张三, 欧阳锋)

INPUT_COLUMNS: tuple[str, ...] = ("id", "kind", "name", "region", "legal_person", "phone", "address")


def prepared(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns to compare, a row each of `frame` in its order.

    `frame` has `id` (any type) and of `kind, name, region` (six digits), `legal_person, phone` (text or keyed
    hash, as long as both sides use the same) and `address` those that are known; a column left out counts as
    unknown.
    """
    known = set(frame.columns)
    texts = {c: frame[c] if c in known else pl.Series(c, [None] * len(frame)) for c in INPUT_COLUMNS[1:]}
    name, address = texts["name"].cast(pl.String), texts["address"].cast(pl.String)
    plain = _blank_to_null(_normal(name))
    core = pl.DataFrame({"name": name}).select(names.core_names(pl.col("name"))).to_series()
    core = core.zip_with(plain.is_not_null(), pl.Series([None], dtype=pl.String))
    person = _blank_to_null(_normal(texts["legal_person"].cast(pl.String)))
    place = _blank_to_null(_without_province(_normal(address)))
    kind = _blank_to_null(texts["kind"].cast(pl.String))
    region = _blank_to_null(texts["region"].cast(pl.String))
    columns = pl.DataFrame(
        {
            "id": frame["id"],
            "kind": kind,
            "plain": plain,
            "core": core,
            "sound": names.readings(core),
            "stem": spelling.stems(core),
            "near": neighbourhoods(core, _NEAR_WINDOW),
            "letters": core.str.split("").list.sort().list.join(""),
            "pairs": _pairs(core),
            "branch": spelling.is_branch(plain).fill_null(False),
            "place": spelling.named_cities(name),
            "region": region,
            "legal_person": person,
            "legal_person_sound": names.readings(person),
            "phone": _blank_to_null(texts["phone"].cast(pl.String)),
            "address": place,
            "address_pairs": _pairs(place),
        }
    )
    by_form = (pl.col("plain").str.len_chars() <= _PERSON_NAME) & (pl.col("plain") == pl.col("core"))
    return columns.with_columns(
        person=by_form.fill_null(False) | (pl.col("kind") == "natural_person").fill_null(False)
    )


def _normal(texts: pl.Series) -> pl.Series:
    return pl.DataFrame({"text": texts}).select(names.normalised(pl.col("text"))).to_series()


def _blank_to_null(texts: pl.Series) -> pl.Series:
    blank = texts.is_null() | (texts == "")
    return texts.zip_with(~blank, pl.Series([None], dtype=pl.String))


def _without_province(addresses: pl.Series) -> pl.Series:
    return addresses.str.replace(r"^(?:[^省市区县]{2,3}省)?(?:[^省市区县]{2,4}市)?", "")


def _pairs(texts: pl.Series) -> pl.Series:
    """The pairs of neighbouring characters of each text, each once (a text of one character gives itself)."""
    frame = pl.DataFrame({"text": texts}).with_row_index("row")
    letters = (
        frame.filter(pl.col("text").is_not_null())
        .with_columns(pl.col("text").str.split(""))
        .explode("text")
        .with_columns(following=pl.col("text").shift(-1), following_row=pl.col("row").shift(-1))
        .filter(pl.col("row") == pl.col("following_row"))
    )
    pairs = letters.group_by("row").agg(pairs=pl.concat_str("text", "following").unique())
    return (
        frame.join(pairs, on="row", how="left", maintain_order="left")
        .select(pl.when(pl.col("text").is_not_null()).then(pl.coalesce("pairs", pl.concat_list("text"))))
        .to_series()
        .alias("pairs")
    )
