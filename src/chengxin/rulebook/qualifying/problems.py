"""What is wrong with the text of a qualifying rule: where, what stands there, what was expected, the mend."""

from __future__ import annotations

from dataclasses import dataclass

from chengxin.kernel.problems import Problem


@dataclass(frozen=True, slots=True)
class ParseProblem:
    """The first place at which a text cannot be read on.

    position is counted in characters from 0, line and column from 1; `found` is what stands
    there, "" at the end.
    """

    position: int
    line: int
    column: int
    found: str
    expected_zh: str
    expected_en: str
    mend_zh: str
    mend_en: str

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        found = f"“{self.found}”" if self.found else "文字结束"
        return f"第{self.line}行第{self.column}字：此处为{found}，应为{self.expected_zh}"

    @property
    def en(self) -> str:
        """The sentence in English."""
        found = f"'{self.found}' stands" if self.found else "the text ends"
        return f"line {self.line}, character {self.column}: {found} where {self.expected_en} was expected"

    def as_problem(self) -> Problem:
        """The same in the shape of everything that is wrong with a value."""
        return Problem("qualifies", self.found, "qualifying", self.zh, self.en, self.mend_zh, self.mend_en)


class ParseError(ValueError):
    """A text that is no qualifying rule; `problem` says why."""

    def __init__(self, problem: ParseProblem) -> None:
        super().__init__(f"{problem.zh}。{problem.mend_zh} / {problem.en}. {problem.mend_en}")
        self.problem = problem


def problem_at(
    text: str, position: int, found: str, expected: tuple[str, str], mend: tuple[str, str]
) -> ParseError:
    """The error for a place in a text; `expected` and `mend` in Chinese and English."""
    before = text[:position]
    line, column = before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1
    return ParseError(ParseProblem(position, line, column, found, *expected, *mend))
