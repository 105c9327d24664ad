"""One shape for everything that is wrong with a value, in Chinese and English, with the way to mend it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value was not accepted, and what its sender should do about it.

    `field` is the code of the field (empty when the whole row or file is meant), `value` what was found there
    (None when nothing was; personal values must be masked before they come here), `rule` the id of the rule
    that was broken. `zh` and `en` say what is wrong, `mend_zh` and `mend_en` how to put it right.
    """

    field: str
    value: str | None
    rule: str
    zh: str
    en: str
    mend_zh: str = ""
    mend_en: str = ""

    def as_dict(self) -> dict[str, str | None]:
        """Return the problem as a flat dictionary for JSON, every key present and in the order declared."""
        return {
            "field": self.field,
            "value": self.value,
            "rule": self.rule,
            "zh": self.zh,
            "en": self.en,
            "mend_zh": self.mend_zh,
            "mend_en": self.mend_en,
        }
