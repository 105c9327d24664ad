"""Reading a text from left to right: words, names, values; and saying where it goes wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches

from chengxin.rulebook.qualifying.problems import ParseError, problem_at
from chengxin.rulebook.qualifying.tree import TODAY

_BLANK = " \t\r\n\u3000"
_RUN = re.compile(r"(?:(?!之一)[^\s，,、（）()；;。“”「」])+")
_ASCII = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Reader:
    """A text and how far it was read; whatever reads skips blanks and line breaks before."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    # --- the text -------------------------------------------------------------------------

    def skip(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in _BLANK:
            self.at += 1

    def take(self, *words: str) -> str | None:
        """The longest of these words if it stands here, read past."""
        self.skip()
        for word in sorted(words, key=len, reverse=True):
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return word
        return None

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self.skip()
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def here(self) -> str:
        """What stands here, as a person would name it."""
        self.skip()
        run = _RUN.match(self.text, self.at)
        return run[0][:40] if run else self.text[self.at : self.at + 1]

    def fail(self, expected: tuple[str, str], mend: tuple[str, str], *, at: int | None = None) -> ParseError:
        if at is not None:
            self.at = at
        found = self.here()
        return problem_at(self.text, self.at, found, expected, mend)

    # --- names and values -----------------------------------------------------------------

    def name(self, known: Mapping[str, str], what_zh: str, what_en: str) -> str:
        """The id of the longest known name that stands here."""
        self.skip()
        code = _ASCII.match(self.text, self.at)
        if code and code[0] in known:
            self.at = code.end()
            return known[code[0]]
        found = self.take(*(one for one in known if not _ASCII.fullmatch(one)))
        if found is not None:
            return known[found]
        raise self.fail((what_zh, what_en), self.suggest(known))

    def suggest(self, known: Mapping[str, str] | tuple[str, ...]) -> tuple[str, str]:
        near = get_close_matches(self.here(), list(known), 3, 0.4) or list(known)[:12]
        return f"可用的有：{'、'.join(near)}", f"known are: {', '.join(near)}"

    def choice(self, known: tuple[str, ...], open_choice: str | None) -> str:
        """One of the known values, quoted or not, or one that begins like the open choice."""
        start = self.at
        quoted = self.quoted()
        if quoted is None:
            for one in sorted(known, key=len, reverse=True):
                self.skip()
                after = self.at + len(one)
                if self.text.startswith(one, self.at) and not _RUN.match(self.text, after):
                    self.at = after
                    return one
        found = quoted if quoted is not None else self.run()
        if found in known or (open_choice and found.startswith(open_choice) and found != open_choice):
            return found
        self.at = start
        raise self.fail(("可选值", "one of the choices"), self.suggest(known))

    def free(self) -> str:
        quoted = self.quoted()
        found = quoted if quoted is not None else self.run()
        if not found:
            raise self.fail(
                ("一个值", "a value"),
                ("写明值，含标点的用引号：“…”", "give the value, in quotes “…” where it has punctuation"),
            )
        return found

    def run(self) -> str:
        found = self.match(_RUN)
        return found[0] if found else ""

    def quoted(self) -> str | None:
        opened = self.take("“", "「")
        if opened is None:
            return None
        end = self.text.find({"“": "”", "「": "」"}[opened], self.at)
        if end < 0:
            raise self.fail(("右引号", "a closing quote"), ("补上右引号", "close the quote"), at=self.at - 1)
        found, self.at = self.text[self.at : end], end + 1
        return found.strip(_BLANK)

    def number(self) -> str:
        found = self.match(_NUMBER)
        if found is None:
            raise self.fail(("数字", "a number"), ("用阿拉伯数字，例如 20", "use digits, for example 20"))
        return found[0]

    def day(self) -> str:
        if self.take("当日"):
            return TODAY
        found = self.match(_DATE)
        try:
            return date.fromisoformat(found[0] if found else "").isoformat()
        except ValueError:
            raise self.fail(
                ("日期或“当日”", "a date or 当日 (the day asked for)"),
                ("日期写作 2026-04-01", "write dates as 2026-04-01"),
                at=None if found is None else found.start(),
            ) from None
