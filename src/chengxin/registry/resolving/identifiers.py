"""Subjects by their identifiers, for many rows in few statements.

A token stands for one identifier: `(scheme, value)`, where the value of a personal one is its keyed hash in
hexadecimal, so that no number is held longer than needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from psycopg import Cursor

from chengxin.kernel.crypto import Keyring
from chengxin.kernel.identifiers import SCHEMES
from chengxin.ledger.actions import Appending
from chengxin.registry.models import IDENTIFIER

Token = tuple[str, str]

PRIORITY = (
    "uscc", "resident_id", "passport", "travel_permit", "foreign_resident_id", "regno", "orgcode", "tax_no",
    "institution_no", "social_org_no",
)  # fmt: skip
"""The scheme that decides first whose row it is."""

IDENTIFIER_PURPOSE = b"identifier"


@dataclass
class Identified:
    """Subjects already found, by token: within a batch the same codes come again and again."""

    subjects: dict[Token, int] = field(default_factory=dict)

    def look_up(self, cursor: Cursor[Any], scheme: str, values: Iterable[str]) -> None:
        """Learn the subjects of these values of a scheme from the registry."""
        unknown = [value for value in values if (scheme, value) not in self.subjects]
        if not unknown:
            return
        if SCHEMES[scheme].personal:
            statement = (
                "SELECT encode(fingerprint, 'hex'), subject_id FROM registry_identifier "
                "WHERE scheme = %s AND fingerprint = ANY(%s)"
            )
            given: list[Any] = [bytes.fromhex(value) for value in unknown]
        else:
            statement = (
                "SELECT value, subject_id FROM registry_identifier "
                "WHERE scheme = %s AND value = ANY(%s::text[])"
            )
            given = unknown
        for value, subject in cursor.execute(statement.encode(), [scheme, given]):
            self.subjects[scheme, value] = subject

    def look_up_derived(self, cursor: Cursor[Any], organisation_codes: Iterable[str]) -> dict[str, int]:
        """Subjects whose unified code holds one of these organisation codes (GB 32100: its places 9 to 17).

        An organisation code that stands in the unified codes of several subjects names none.
        """
        wanted = list(organisation_codes)
        if not wanted:
            return {}
        found = cursor.execute(
            "SELECT substr(value, 9, 9), min(subject_id) FROM registry_identifier "
            "WHERE scheme = 'uscc' AND substr(value, 9, 9) = ANY(%s::text[]) "
            "GROUP BY 1 HAVING count(DISTINCT subject_id) = 1",
            [wanted],
        )
        return dict(found.fetchall())


def tokens(rows: pl.DataFrame, keyring: Keyring) -> dict[str, list[str | None]]:
    """For each scheme that occurs: the value of each row (keyed hash of a person's number), in `PRIORITY`."""
    columns: dict[str, list[str | None]] = {}
    for scheme in PRIORITY:
        if SCHEMES[scheme].personal:
            continue
        if f"id_{scheme}" in rows.columns and rows[f"id_{scheme}"].null_count() < rows.height:
            columns[scheme] = rows[f"id_{scheme}"].to_list()
    if "person_number" in rows.columns and rows["person_number"].null_count() < rows.height:
        pairs = zip(rows["person_scheme"], rows["person_number"], strict=True)
        for at, (scheme, number) in enumerate(pairs):
            if number is not None:
                column = columns.setdefault(scheme, [None] * rows.height)
                column[at] = keyring.fingerprint(scheme, number).hex()
    return {scheme: columns[scheme] for scheme in PRIORITY if scheme in columns}


def keep_identifiers(
    log: Appending, attached: Sequence[tuple[int, str, str]], numbers: dict[Token, str], keyring: Keyring
) -> None:
    """Write identifiers (subject, scheme, value or keyed hash); `numbers`: the persons' numbers to seal."""
    if not attached:
        return
    schema = {"subject_id": pl.Int64, "scheme": pl.String, "value": pl.String, "fingerprint": pl.String}
    rows: list[tuple[int, str, str | None, str | None, str | None]] = []
    for subject, scheme, value in attached:
        if SCHEMES[scheme].personal:
            sealed = keyring.encrypt(numbers[scheme, value].encode(), IDENTIFIER_PURPOSE).hex()
            rows.append((subject, scheme, None, value, sealed))
        else:
            rows.append((subject, scheme, value, None, None))
    log.keep_frame(IDENTIFIER, pl.DataFrame(rows, schema=schema | {"cipher": pl.String}, orient="row"))
