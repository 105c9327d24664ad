"""JSON and JSON Lines, record by record, with numbers as they were written.

Runs in the converter's process only. The standard library's parser is used on a window of the text that
grows until a record is whole: that needs no other parser and keeps every digit.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from typing import Any

from chengxin.exchange.formats import limits
from chengxin.exchange.formats.spool import Spool
from chengxin.exchange.formats.unreadable import Unreadable, unreadable

_WRAPPERS = ("records", "data")
_BLANK = " \t\r\n"
_STEP = 1 << 18
_LITERAL = 16  # a parser that fails so near the end of the window may just need the rest


class _Object(list[tuple[str, Any]]):
    """The members of an object in their order, repeated ones too; arrays stay plain lists."""


def _no_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Object, parse_float=str, parse_int=str, parse_constant=_no_constant, strict=False
)


def read_json(descriptor: int, start: int, spool: Spool, *, lines: bool) -> str:
    """Write the records to the spool; the format that it was, "json" or "jsonl".

    descriptor: UTF-8 text, its content from `start`; lines: its sender calls it JSON Lines. Unreadable where
    the text is no JSON, nests too deep, or a record is too long.
    """
    os.lseek(descriptor, start, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "r", encoding="utf-8", newline="", buffering=limits.MIB) as file:
        if lines or _one_object_a_line(file):
            file.seek(start)
            _read_lines(file, spool)
            return "jsonl"
        file.seek(start)
        for members in _Window(file).records():
            _add(members, spool)
        return "json"


def _one_object_a_line(file: io.TextIOWrapper) -> bool:
    """Whether the first line is a whole object that is not an envelope of records."""
    line = file.readline(limits.JSON_RECORD_CHARACTERS)
    while line and not line.strip(_BLANK):
        line = file.readline(limits.JSON_RECORD_CHARACTERS)
    try:
        value = _DECODER.decode(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, _Object) and not any(
        name in _WRAPPERS and isinstance(member, list) for name, member in value
    )


def _read_lines(file: io.TextIOWrapper, spool: Spool) -> None:
    number = 0
    while line := file.readline(limits.JSON_RECORD_CHARACTERS + 1):
        number += 1
        if len(line) > limits.JSON_RECORD_CHARACTERS:
            raise _too_long(number)
        if not line.strip(_BLANK):
            continue
        try:
            value = _DECODER.decode(line)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, _Object):
            _add(value, spool)
        else:
            spool.add({}, "broken_json")


def _add(members: _Object, spool: Spool) -> None:
    """One record: known members become text."""
    values: dict[str, str] = {}
    fault = ""
    for name, value in members:
        code = spool.code(name)
        if code is None:
            continue
        if isinstance(value, list):
            fault = fault or "nested_value"
            continue
        if code in values:
            fault = fault or "repeated_field"
        if value is not None:
            values[code] = value if isinstance(value, str) else "是" if value else "否"
    spool.add(values, fault)


class _Window:
    """A piece of the text that moves forward, and where in the text it is."""

    def __init__(self, file: io.TextIOWrapper) -> None:
        self.file = file
        self.text = ""
        self.at = 0
        self.line = 1
        self.ended = False

    def records(self) -> Iterator[_Object]:
        """The records of an array of objects, of an envelope with one, or the one object that there is."""
        found = self.peek()
        if found == "[":
            yield from self.array()
        elif found == "{":
            yield from self.envelope()
        else:
            raise self.malformed()
        if self.peek():
            raise self.malformed()

    def array(self) -> Iterator[_Object]:
        """The objects of an array, which begins here."""
        self.at += 1
        if self.peek() == "]":
            self.at += 1
            return
        while True:
            if self.peek() != "{":
                raise self.malformed()
            yield self.value()
            mark = self.peek()
            self.at += 1
            if mark == "]":
                return
            if mark != ",":
                self.at -= 1
                raise self.malformed()

    def envelope(self) -> Iterator[_Object]:
        """The records in an object's member "records" or "data", else the object itself as one record."""
        self.at += 1
        members, wrapped = _Object(), False
        more = self.peek() != "}"
        while more:
            if self.peek() != '"':
                raise self.malformed()
            name = self.value()
            if self.peek() != ":":
                raise self.malformed()
            self.at += 1
            if name in _WRAPPERS and self.peek() == "[":
                wrapped = True
                yield from self.array()
            else:
                members.append((name, self.value()))
            more = self.peek() == ","
            self.at += more
        if self.peek() != "}":
            raise self.malformed()
        self.at += 1
        if not wrapped:
            yield members

    def peek(self) -> str:
        """The next character that is not blank; "" at the end."""
        while True:
            while self.at < len(self.text):
                if self.text[self.at] not in _BLANK:
                    return self.text[self.at]
                self.at += 1
            if not self.more(_STEP):
                return ""

    def value(self) -> Any:
        """The value that begins here, whatever it is; the window grows until it is whole."""
        self.peek()
        step = _STEP
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except RecursionError:
                raise unreadable("nested_too_deep", line=self.here()) from None
            except json.JSONDecodeError as error:
                begun = error.msg.startswith("Unterminated string")
                if self.ended or not (begun or error.pos >= len(self.text) - _LITERAL):
                    raise self.malformed(error.pos) from None
            except ValueError:
                raise self.malformed() from None
            else:
                closed = self.text[end - 1] in '"]}' or len(self.text) - end >= _LITERAL
                if closed or self.ended:  # a number could go on
                    self.at = end
                    return value
            if len(self.text) - self.at > limits.JSON_RECORD_CHARACTERS:
                raise _too_long(self.here())
            self.more(step)
            step = 2 * step

    def more(self, length: int) -> bool:
        """Drop what was read and take in more; whether there was more."""
        self.line += self.text.count("\n", 0, self.at)
        piece = self.file.read(length)
        self.text, self.at = self.text[self.at :] + piece, 0
        self.ended = self.ended or not piece
        return bool(piece)

    def here(self, at: int | None = None) -> int:
        """The line of a position in the window."""
        return self.line + self.text.count("\n", 0, self.at if at is None else at)

    def malformed(self, at: int | None = None) -> Unreadable:
        """The error for a text that is no JSON from here on."""
        return unreadable("json_malformed", line=self.here(at))


def _too_long(line: int) -> Unreadable:
    return unreadable("record_too_long", line=line, most=limits.JSON_RECORD_CHARACTERS // limits.MIB)
