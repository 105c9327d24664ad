"""The spelling in which the archive keeps each type of value.

A reader takes the distinct values of a column, as they were sent, and gives their spellings; null where a
text is no value of the type. Values repeat, so a column costs little more than finding what is distinct.

text       as it was sent
date       ISO, by `kernel.dates`
decimal    plain digits with exactly the field's scale ("20" → "20.000000"): one amount, one spelling.
           Grouping commas and zeros that say nothing are dropped; nothing is rounded
integer    digits without leading zeros
code       the choice, also for its Chinese label; codes joined by the field's separator
uscc, …    as `kernel.identifiers.canonicals` has them, with the right check digit
url        RFC 3986, scheme and host in small letters, other than ASCII percent-encoded (RFC 3987, 3.1)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

import polars as pl

from chengxin.exchange.checking.choices import choices
from chengxin.kernel import identifiers
from chengxin.kernel.dates import parse_dates
from chengxin.kernel.text import fold, folded
from chengxin.rulebook.catalogue import Field, Item
from chengxin.rulebook.places import regions
from chengxin.rulebook.template import FALSE, TRUE

Reader = Callable[[pl.Series], pl.Series]

BOOLEANS = {
    **dict.fromkeys((TRUE, "TRUE", "T", "YES", "Y", "1", "1.0"), TRUE),
    **dict.fromkeys((FALSE, "FALSE", "F", "NO", "N", "0", "0.0"), FALSE),
}
NO_TEXT = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{FFFD}-\x{FFFF}]"
"""What no text holds: control characters, and the mark that a wrong encoding leaves behind."""

_GROUPED = r"^[+]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?$"
_DECIMAL = r"^\+?0*([0-9]+?)(?:\.([0-9]*?)0*)?$"
_BARE_POINT = r"^(\+?)(\.[0-9]+)$"

_LABEL = "[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?"
_HOST = rf"(?:(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[0-9a-z-]{{1,59}})|[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}})"
_SIGNS = "0-9A-Za-z._~!$&'()*+,;=:@/-"
_PATH = f"(?:[{_SIGNS}]|%[0-9A-Fa-f]{{2}})*"
_QUERY = f"(?:[{_SIGNS}?]|%[0-9A-Fa-f]{{2}})*"
_URL = rf"https?://{_HOST}(?::[0-9]{{1,5}})?(?:/{_PATH})?(?:\?{_QUERY})?(?:#{_QUERY})?"
_URL_RE = re.compile(_URL)
_URL_PARTS = re.compile(r"(https?)://([^/?#@\\:]+)(:[0-9]{1,5})?((?:[/?#].*)?)", re.IGNORECASE | re.DOTALL)
_LONGEST_URL = 8_000


def read_column(series: pl.Series, reader: Reader) -> pl.Series:
    """The column in the archive's spelling: each distinct value is read once."""
    if series.null_count() == series.len():
        return series
    if reader is _plain_text and not series.str.contains(NO_TEXT).any():
        return series  # long texts hardly ever repeat
    distinct = series.drop_nulls().unique()
    spelled = reader(distinct)
    changed = ~distinct.eq_missing(spelled)
    if not changed.any():
        return series
    return series.replace_strict(
        distinct.filter(changed), spelled.filter(changed), default=series, return_dtype=pl.String
    )


def reader(item: Item, field: Field) -> Reader:
    """How the values of a field are read."""
    if field.type in {"code", "codes"}:
        return partial(_one_by_one, choices(field).read)
    if field.type == "decimal":
        return partial(_by_expression, partial(_decimal, length=field.length or 18, scale=field.scale or 0))
    if field.type == "text":
        scheme = next((one for one, code in item.subject.identifiers.items() if code == field.code), None)
        return partial(_by_expression, partial(_text, scheme=scheme)) if scheme else _plain_text
    return _READERS[field.type]


def _by_expression(expression: Callable[[pl.Expr], pl.Expr], texts: pl.Series) -> pl.Series:
    return pl.DataFrame({"text": texts}).select(expression(pl.col("text"))).to_series()


def _one_by_one(read: Callable[[str], str | None], texts: pl.Series) -> pl.Series:
    return pl.Series([read(text) for text in texts], dtype=pl.String)


def _text(text: pl.Expr, scheme: str) -> pl.Expr:
    return pl.when(~text.str.contains(NO_TEXT)).then(identifiers.canonicals(scheme, text))


def _plain_text(texts: pl.Series) -> pl.Series:
    return texts.set(texts.str.contains(NO_TEXT), None)


def _code(scheme: str, text: pl.Expr) -> pl.Expr:
    spelled = identifiers.canonicals(scheme, text)
    return pl.when(identifiers.CHECKS[scheme].column(spelled)).then(spelled)


def _personal(text: pl.Expr) -> pl.Expr:
    """The spelling of any personal number; whether it is right depends on the document (see `rules`)."""
    return identifiers.canonicals("resident_id", text)


def _date(text: pl.Expr) -> pl.Expr:
    return parse_dates(text).cast(pl.String)


def _ungrouped(text: pl.Expr) -> pl.Expr:
    spelled = folded(text).str.replace(_BARE_POINT, "${1}0${2}")
    return (
        pl.when(spelled.str.contains(_GROUPED))
        .then(spelled.str.replace_all(",", "", literal=True))
        .otherwise(spelled)
    )


def _decimal(text: pl.Expr, length: int, scale: int) -> pl.Expr:
    parts = _ungrouped(text).str.extract_groups(_DECIMAL)
    whole = parts.struct.field("1")
    fraction = parts.struct.field("2").fill_null("")
    fits = (whole.str.len_bytes() <= length - scale) & (fraction.str.len_bytes() <= scale)
    spelled = pl.concat_str(whole, pl.lit("."), fraction.str.pad_end(scale, "0")) if scale else whole
    return pl.when(fits).then(spelled)


def _integer(text: pl.Expr) -> pl.Expr:
    return _ungrouped(text).str.extract(r"^\+?0*([0-9]+?)(?:\.0*)?$", 1)


def _region(text: pl.Expr) -> pl.Expr:
    spelled = folded(text)
    return pl.when(spelled.is_in([one.code for one in regions()])).then(spelled)


def read_boolean(text: str) -> str | None:
    """是 or 否, for the ways in which systems write them."""
    return BOOLEANS.get(fold(text, "upper"))


def read_url(text: str) -> str | None:
    """A web address as RFC 3986 has it, or None when the text is none."""
    if len(text) > _LONGEST_URL:
        return None
    spelled = fold(text)
    parts = _URL_PARTS.fullmatch(spelled)
    if parts is None or re.search(r"[\s\x00-\x1f]", spelled):
        return None
    scheme, host, port, rest = parts.groups()
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    rest = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", quote(rest, safe="%/:?#@!$&'()*+,;=-._~"))
    before, mark, fragment = rest.partition("#")
    found = f"{scheme.lower()}://{host.lower()}{port or ''}{before}{mark}{fragment.replace('#', '%23')}"
    return found if _URL_RE.fullmatch(found) else None


def _urls(texts: pl.Series) -> pl.Series:
    return _one_by_one(lambda text: text if _URL_RE.fullmatch(text) else read_url(text), texts)


_READERS: dict[str, Reader] = {
    **{
        scheme: partial(_by_expression, partial(_code, scheme))
        for scheme in ("uscc", "regno", "orgcode", "gtin")
    },
    "phone": partial(_by_expression, partial(_code, "phone")),
    "personal": partial(_by_expression, _personal),
    "date": partial(_by_expression, _date),
    "integer": partial(_by_expression, _integer),
    "region": partial(_by_expression, _region),
    "boolean": partial(_one_by_one, read_boolean),
    "url": _urls,
}
