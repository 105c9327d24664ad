"""What can be wrong with a file as a whole, or with the make of one row (words: unreadable.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chengxin.kernel.problems import Problem


@dataclass(frozen=True)
class Words:
    """What is wrong and how to mend it; `{name}` stands for a detail."""

    zh: str
    en: str
    mend_zh: str
    mend_en: str


class Unreadable(ValueError):
    """The file can't be read as a table of the item; `problem` says why and how to mend it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.zh}{problem.mend_zh} / {problem.en} {problem.mend_en}")
        self.problem = problem


def _words(table: Mapping[str, Mapping[str, str]]) -> dict[str, Words]:
    return {rule: Words(**words) for rule, words in table.items()}


_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
FILE_RULES: Mapping[str, Words] = _words(_TABLES["file"])
FAULTS: Mapping[str, Words] = _words(_TABLES["row"])
"""The rule ids of a chunk's `_fault`: what is wrong with the make of one row, while the others are read."""


def unreadable(rule: str, **details: object) -> Unreadable:
    """The error of a rule of FILE_RULES; `details` fill its words (never values of a row)."""
    words = FILE_RULES[rule]
    zh, en, mend_zh, mend_en = (
        text.format(**details) for text in (words.zh, words.en, words.mend_zh, words.mend_en)
    )
    return Unreadable(
        Problem(field="", value=None, rule=rule, zh=zh, en=en, mend_zh=mend_zh, mend_en=mend_en)
    )
