"""The text into which workbooks and trees are converted: `_fault` and all fields, comma separated."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping

from chengxin.exchange.formats import limits
from chengxin.exchange.formats.headings import Fields


class Spool:
    """Rows on their way to a descriptor; remembers which fields and unknown headings occurred."""

    def __init__(self, descriptor: int, fields: Fields) -> None:
        self.fields = fields
        self.rows = 0
        self.present: set[str] = set()
        self._ignored: dict[str, None] = {}
        self._seen: dict[str, str | None] = {}
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", newline="", buffering=limits.MIB)
        self._writer = csv.writer(self._file, lineterminator="\r\n")  # so that both are quoted in a value

    def code(self, heading: str) -> str | None:
        """The field that a member or element names; either is noted."""
        code = self.lookup(heading)
        if code is None:
            self.ignore([heading])
        else:
            self.present.add(code)
        return code

    def lookup(self, heading: str) -> str | None:
        """The field that a member or element names; remembered, since the same names come in every row."""
        if heading not in self._seen:
            if len(self._seen) > limits.COLUMNS:
                self._seen.clear()
            self._seen[heading] = self.fields.code(heading)
        return self._seen[heading]

    @property
    def ignored(self) -> tuple[str, ...]:
        """The unknown headings."""
        return tuple(self._ignored)

    def ignore(self, headings: Iterable[str]) -> None:
        """Note unknown headings, each once, trimmed and cut; not too many of them."""
        for heading in headings:
            if len(self._ignored) >= limits.NAMES:
                return
            text = _clean(heading).strip(limits.BLANKS)[: limits.NAME_LENGTH]
            if text:
                self._ignored[text] = None

    def add(self, values: Mapping[str, str], fault: str = "") -> None:
        """Write a row (field code → text) unless it is blank."""
        if not fault and not any(value.strip(limits.BLANKS) for value in values.values()):
            return
        row = [values.get(code, "") for code in self.fields.codes]
        whole = "".join(row)
        cleaned = _clean(whole)
        if cleaned != whole:
            row, fault = [_clean(value) for value in row], fault or "bad_character"
        if len(cleaned.encode("utf-8")) > limits.VALUE_BYTES:
            row, fault = [""] * len(row), "row_too_long"
        self._writer.writerow([fault, *row])
        self.rows += 1

    def close(self) -> None:
        """Write out what is kept."""
        self._file.close()


def _clean(text: str) -> str:
    """Without NUL and halves of surrogate pairs, which no text can hold."""
    if "\0" not in text and text.isprintable():  # a quick yes for nearly every value
        return text
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")
