"""Search tokens and blocking keys of names: what a text[] column with a GIN index holds so that names are
found.

A token says its kind in front:

    n:厦门      two neighbouring characters of the normalised name (of a name of one character: that one)
    p:xiamen    the readings of two neighbouring characters
    i:xm        their initials
    k:…         blocking keys (`blocking_keys`), by which a misspelt name still meets the right one

A name of 12 characters has about 40. Latin letters and digits count as characters that read as themselves.
"""

from __future__ import annotations

import itertools
import re

import polars as pl

from chengxin.registry.pinyin import characters_and_readings, readings, split_syllables
from chengxin.registry.spelling import core_names, normalise_name, normalised, stems

WINDOW = 5  # characters of the core name that blocking keys look at; more would only cost tokens
_MOST_ALTERNATIVES = 16


def search_tokens(names: pl.Series) -> pl.Series:
    """The tokens of names as written: a Series of list[str], each list without doubles; null gives an empty
    list.

    For a `text[]` column under GIN. With `query_tokens`, `tokens @> query` finds a subject by any two or more
    neighbouring characters of its name, by pinyin and by initials; with `blocking_keys`, `tokens && keys` by
    a misspelt name.
    """
    frame = pl.DataFrame({"name": names.cast(pl.String)})
    plain = frame.select(normalised(pl.col("name"))).to_series()
    spelled = characters_and_readings(plain).with_columns(initial=pl.col("reading").str.slice(0, 1))
    following = spelled.select(pl.all().shift(-1).name.suffix("2"))
    pairs = pl.concat([spelled, following], how="horizontal").filter(pl.col("row") == pl.col("row2"))
    per_name = pairs.group_by("row", maintain_order=True).agg(
        tokens=pl.concat(
            [
                pl.concat_str(pl.lit("n:"), "character", "character2"),
                pl.concat_str(pl.lit("p:"), "reading", "reading2").drop_nulls(),
                pl.concat_str(pl.lit("i:"), "initial", "initial2").drop_nulls(),
            ]
        )
    )
    keys = blocking_keys(names)
    single = pl.when(pl.col("plain").str.len_chars() == 1).then(
        pl.concat_list(pl.concat_str(pl.lit("n:"), "plain"))
    )
    empty = pl.lit([], dtype=pl.List(pl.String))
    return (
        pl.DataFrame({"plain": plain, "keys": keys})
        .with_row_index("row")
        .join(per_name, on="row", how="left", maintain_order="left")
        .select(
            pl.concat_list(pl.coalesce("tokens", single, empty), pl.col("keys")).list.unique(
                maintain_order=True
            )
        )
        .to_series()
        .alias("tokens")
    )


def blocking_keys(names: pl.Series) -> pl.Series:
    """The `k:` tokens of names as written (list[str]): a name and its misspelling share at least one.

    Of the first five characters of the core name: the whole, and the whole less each one of its characters.
    Two names that differ by one character changed, left out, put in, or swapped with its neighbour then share
    one (the deletion neighbourhood of symmetric-delete spelling correction), and few others do. Also the
    reading of the core name (any number of homophones: 鼓浪 and 古郎) and, where the core has a trade behind
    it, the trade name alone (鼓浪贸易 and 鼓浪商贸). A core of two characters is kept whole: less one,
    nothing distinguishing is left.
    """
    cores = pl.DataFrame({"name": names.cast(pl.String)}).select(core_names(pl.col("name"))).to_series()
    frame = pl.DataFrame(
        {"near": neighbourhoods(cores, WINDOW), "sound": readings(cores), "stem": stems(cores)}
    )
    others = pl.concat_list(
        pl.when(pl.col(column) != "").then(pl.col(column)) for column in ("sound", "stem")
    )
    keys = pl.concat_list("near", others).list.drop_nulls().list.unique(maintain_order=True)
    return frame.select(keys.list.eval(pl.concat_str(pl.lit("k:"), pl.element()))).to_series().alias("keys")


def neighbourhoods(texts: pl.Series, window: int) -> pl.Series:
    """The first `window` characters of each text, whole and less each one of them (list[str]; empty for null
    or "").

    Two texts that differ by one character changed, left out, put in or swapped with its neighbour share a
    member. Of two characters or fewer only the whole: less one, nothing distinguishing is left.
    """
    part = pl.col("text").str.slice(0, window)
    length = part.str.len_chars()
    less_one = [
        pl.when((length > 2) & (length > at)).then(
            pl.concat_str(part.str.slice(0, at), part.str.slice(at + 1))
        )
        for at in range(window)
    ]
    members = pl.concat_list([pl.when(length > 0).then(part), *less_one])
    return (
        pl.DataFrame({"text": texts.cast(pl.String)})
        .select(members.list.drop_nulls().list.unique(maintain_order=True))
        .to_series()
        .alias("near")
    )


_RUNS = re.compile(r"[a-z'’ü0-9]+|[^a-z'’ü0-9]+", re.IGNORECASE)


def query_tokens(query: str) -> list[list[str]]:
    """What somebody typed into the search box, as alternatives: a subject is found when its tokens hold all
    of any one.

    In SQL: `tokens @> ARRAY[…first…] OR tokens @> ARRAY[…second…]`. Words are separate (`厦门 鼓浪` finds
    both in any order), except that syllables typed apart (`xia men gu lang`) are one word. Chinese characters
    ask for themselves; Latin letters are read as pinyin in each way they split into syllables, as initials,
    and as letters of the name itself. Fewer than two characters, or nothing that could be a name, give []
    (nothing to search for). The tokens hold every name that has what was asked; a name may hold them in
    another order, so order by likeness.
    """
    words = _join_single_syllables([w for w in re.split(r"[\s,，、;；]+", query.strip()) if w])
    per_word = [options for options in map(_word_alternatives, words) if options]
    alternatives: list[list[str]] = []
    for choice in itertools.islice(itertools.product(*per_word), _MOST_ALTERNATIVES):
        tokens = sorted({token for option in choice for token in option})
        if tokens and tokens not in alternatives:
            alternatives.append(tokens)
    return alternatives


def _join_single_syllables(words: list[str]) -> list[str]:
    joined: list[str] = []
    last_single = False
    for word in words:
        single = word.isascii() and word.isalpha() and [word.lower()] in split_syllables(word)
        if single and last_single:
            joined[-1] += "'" + word
        else:
            joined.append(word)
        last_single = single
    return joined


def _word_alternatives(word: str) -> list[tuple[str, ...]]:
    """Each way to understand one word, as tokens; those that ask for more come first."""
    literal = normalise_name(word)
    runs = [run for run in _RUNS.findall(word) if normalise_name(run)]
    latin = [run for run in runs if _RUNS.fullmatch(run) and re.match(r"[a-z'’ü0-9]", run, re.IGNORECASE)]
    if not latin or len(runs) > 1:
        options = [_pairs("n:", list(literal))] if len(literal) > 1 else []
        if len(runs) > 1:  # 厦门gulang: each run by itself, since typing changes hands between them
            options += [
                tuple(itertools.chain.from_iterable(choice))
                for choice in itertools.product(*(_word_alternatives(run) or [()] for run in runs))
            ]
        return [option for option in dict.fromkeys(options) if option]
    options = [_pairs("p:", split) for split in split_syllables(word) if len(split) > 1]
    options.append(_pairs("i:", list(literal.lower())))
    return [option for option in dict.fromkeys(options) if option]


def _pairs(kind: str, parts: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind + first + second for first, second in itertools.pairwise(parts)))
