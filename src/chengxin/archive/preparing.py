"""From accepted rows to what is kept of them: keys, digests, payloads, sealed numbers, publication, whose
they are.

Pure but for the keys of the installation: the same rows give the same keys and digests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import orjson
import polars as pl

from chengxin.archive.personal import sealed
from chengxin.kernel.calendar import count
from chengxin.kernel.crypto import Keyring
from chengxin.kernel.identifiers import SCHEMES
from chengxin.kernel.text import folded
from chengxin.registry.names import normalised
from chengxin.rulebook.catalogue import Field, Item
from chengxin.rulebook.deadlines import deadline
from chengxin.rulebook.publication import Publication, publication_inputs, publish

SEALED_TYPES = ("personal", "phone")
"""Types of fields that lead to a natural person: kept encrypted."""

_SIMPLE_TYPES = ("uscc", "orgcode", "regno", "date", "decimal", "integer", "region", "gtin", "boolean")
"""Types whose canonical text needs no escaping in JSON."""

_ESCAPED = r'["\\\x00-\x1f]'
"""Characters that JSON writes otherwise; a column without any needs no encoding."""


def uuids(digests: pl.Series) -> pl.Series:
    """Digests of 16 bytes in hexadecimal as UUIDs are written."""
    part = pl.col("hex").str.slice
    text = pl.concat_str(part(0, 8), part(8, 4), part(12, 4), part(16, 4), part(20, 12), separator="-")
    return pl.DataFrame({"hex": digests}).select(text).to_series()


@dataclass
class Preparation:
    """How the rows of one source and item are prepared on the day they were received."""

    item: Item
    source: int
    received_on: date
    keyring: Keyring
    _publications: dict[tuple[Any, ...], Publication] = field(default_factory=dict)
    _due: dict[str, bool] = field(default_factory=dict)

    def prepared(self, rows: pl.DataFrame) -> pl.DataFrame:
        """One row each of `rows` (`_row` and all field codes, canonical text), in their order.

        Columns: row, date, key, digest, payload, personal (hexadecimal), disclosure, publish_from,
        publish_until, law, late, without_code; subject: name, kind, id_<scheme> (public codes),
        person_scheme, person_number, legal_person, phone, address, region; role; outlet_*.
        """
        plain = self._personal_plain(rows)
        frame = rows.select(
            pl.col("_row").alias("row"),
            pl.col(self.item.date).alias("date"),
            self._payload(rows).alias("payload"),
            self._key().alias("key"),
            *self._subject(),
            *self._outlet(),
        )
        digest = self.keyring.digest
        keys = pl.Series("key", [digest(text.encode()).hex() for text in frame["key"]], dtype=pl.String)
        digests = pl.Series(
            "digest",
            [
                digest(text.encode() if secret is None else text.encode() + b"\x1e" + secret).hex()
                for text, secret in zip(frame["payload"], plain, strict=True)
            ],
            dtype=pl.String,
        )
        personal = [None if secret is None else sealed(secret, self.keyring) for secret in plain]
        return frame.with_columns(
            uuids(keys).alias("key"),
            uuids(digests).alias("digest"),
            pl.Series("personal", personal, dtype=pl.String),
            self._late(frame["date"]),
        ).hstack(self._published(rows))

    @cached_property
    def _open_fields(self) -> tuple[Field, ...]:
        return tuple(one for one in self.item.fields if one.type not in SEALED_TYPES)

    @cached_property
    def _sealed_fields(self) -> tuple[str, ...]:
        return tuple(one.code for one in self.item.fields if one.type in SEALED_TYPES)

    def _payload(self, rows: pl.DataFrame) -> pl.Expr:
        """The filled open fields as a JSON object."""
        texts = [one.code for one in self._open_fields if one.type not in _SIMPLE_TYPES]
        special = rows.select(pl.col(texts).str.contains(_ESCAPED).any()).row(0, named=True) if texts else {}
        members = [
            pl.concat_str(
                pl.lit(f',"{one.code}":'),
                _json_text(one.code)
                if special.get(one.code)
                else pl.concat_str(pl.lit('"'), pl.col(one.code), pl.lit('"')),
            )
            for one in self._open_fields
        ]
        listed = pl.concat_str(members, ignore_nulls=True)
        return pl.concat_str(pl.lit("{"), listed.str.slice(1), pl.lit("}"))

    def _personal_plain(self, rows: pl.DataFrame) -> list[bytes | None]:
        """The filled personal fields of each row as a JSON object, None where there are none."""
        if not self._sealed_fields:
            return [None] * rows.height
        columns = rows.select(self._sealed_fields)
        found: list[bytes | None] = []
        for values in columns.iter_rows():
            filled = {
                code: value for code, value in zip(columns.columns, values, strict=True) if value is not None
            }
            found.append(orjson.dumps(filled) if filled else None)
        return found

    def _key(self) -> pl.Expr:
        parts = [
            normalised(pl.col(code)) if code == self.item.subject.name else folded(pl.col(code), "upper")
            for code in self.item.key
        ]
        filled = [part.fill_null("") for part in parts]
        return pl.concat_str(pl.lit(f"{self.source}\x1f{self.item.id}"), *filled, separator="\x1f")

    def _subject(self) -> list[pl.Expr]:
        """Whose record it is, as the item's columns say it."""
        subject = self.item.subject
        kinds = {value: named[0] for value, named in subject.kinds.items()}
        kind = (
            pl.col(subject.kind).replace_strict(
                list(kinds), list(kinds.values()), default=None, return_dtype=pl.String
            )
            if subject.kind
            else pl.lit(subject.default_kinds[0] if subject.default_kinds else "legal_person")
        )
        kind = kind.fill_null(subject.default_kinds[0] if subject.default_kinds else "legal_person")
        natural = kind == "natural_person"
        codes = {scheme: code for scheme, code in subject.identifiers.items() if not SCHEMES[scheme].personal}
        number = subject.identifiers.get("resident_id")
        scheme: pl.Expr = pl.lit("resident_id")
        if subject.person_id_type:
            named = subject.person_id_schemes
            scheme = pl.col(subject.person_id_type).replace_strict(
                list(named), list(named.values()), default="resident_id", return_dtype=pl.String
            )
        personal = natural & (pl.col(number).is_not_null() if number else pl.lit(False))
        details = {
            "legal_person": subject.legal_person,
            "phone": subject.phone,
            "address": subject.address,
            "region": subject.region,
        }
        return [
            pl.col(subject.name).alias("name"),
            kind.alias("kind"),
            *(pl.col(code).alias(f"id_{scheme}") for scheme, code in codes.items()),
            pl.when(personal).then(scheme).alias("person_scheme"),
            (pl.when(personal).then(pl.col(number)) if number else pl.lit(None, pl.String)).alias(
                "person_number"
            ),
            *(_or_null(code).alias(name) for name, code in details.items()),
            self._role().alias("role"),
            pl.all_horizontal(*(pl.col(code).is_null() for code in codes.values()), ~personal).alias(
                "without_code"
            ),
        ]

    def _role(self) -> pl.Expr:
        if self.item.role_field:
            roles = self.item.roles
            return pl.col(self.item.role_field).replace_strict(
                list(roles), list(roles.values()), default=self.item.role, return_dtype=pl.String
            )
        return pl.lit(self.item.role, pl.String)

    def _outlet(self) -> list[pl.Expr]:
        outlet = self.item.outlet
        if outlet is None:
            return []
        kind = pl.col(outlet.kind)
        if outlet.kinds:
            named = outlet.kinds
            kind = kind.replace_strict(
                list(named), list(named.values()), default=None, return_dtype=pl.String
            )
        return [
            kind.alias("outlet_kind"),
            pl.col(outlet.name).alias("outlet_name"),
            pl.col(outlet.url).alias("outlet_url"),
            pl.col(outlet.platform).alias("outlet_platform"),
            _or_null(outlet.opened).alias("outlet_opened"),
            _or_null(outlet.closed).alias("outlet_closed"),
        ]

    def _published(self, rows: pl.DataFrame) -> pl.DataFrame:
        """disclosure, publish_from, publish_until, law of each row; the rules are asked once a case."""
        inputs = publication_inputs(self.item)
        cases = rows.select(inputs)
        distinct = cases.unique(maintain_order=True)
        answers = [self._publication(inputs, values) for values in distinct.iter_rows()]
        asked = distinct.with_columns(
            pl.Series("disclosure", [one.disclosure for one in answers], dtype=pl.String),
            pl.Series("publish_from", [_iso(one.start) for one in answers], dtype=pl.String),
            pl.Series("publish_until", [_iso(one.until) for one in answers], dtype=pl.String),
            pl.Series("law", [one.law for one in answers], dtype=pl.String),
        )
        return cases.join(asked, on=list(inputs), how="left", nulls_equal=True, maintain_order="left").select(
            "disclosure", "publish_from", "publish_until", "law"
        )

    def _publication(self, inputs: tuple[str, ...], values: tuple[Any, ...]) -> Publication:
        known = self._publications.get(values)
        if known is None:
            row = dict(zip(inputs, values, strict=True))
            known = publish(self.item, row, date.fromisoformat(row[self.item.date]))
            self._publications[values] = known
        return known

    def _late(self, days: pl.Series) -> pl.Series:
        """Whether each row came later than its source owed it (null where nothing is owed)."""
        if self.item.due is None:
            return pl.Series("late", [None] * len(days), dtype=pl.Boolean)
        for day in days.unique():
            if day not in self._due:
                self._due[day] = self._is_late(date.fromisoformat(day))
        return pl.Series("late", [self._due[day] for day in days], dtype=pl.Boolean)

    def _is_late(self, on: date) -> bool:
        try:
            owed = deadline(self.item.due or "", on)
        except LookupError:
            return False
        return count(on, owed.period).due < self.received_on


def _json_text(code: str) -> pl.Expr:
    """A text column as JSON strings."""
    encoded = pl.struct(pl.col(code).alias("t")).struct.json_encode().str.slice(5)
    return pl.when(pl.col(code).is_not_null()).then(encoded.str.head(-1))


def _or_null(code: str | None) -> pl.Expr:
    return pl.col(code) if code else pl.lit(None, pl.String)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
