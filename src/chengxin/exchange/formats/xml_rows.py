"""XML: elements whose children are fields, wherever in the tree they stand.

Runs in the converter's process only, with expat and no entities: neither a document's own nor anybody
else's file is ever taken in (the attacks that the package defusedxml describes).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from xml.parsers import expat

from chengxin.exchange.formats import limits
from chengxin.exchange.formats.spool import Spool
from chengxin.exchange.formats.unreadable import unreadable

_PIECE = 1 << 16


@dataclass(slots=True)
class _Element:
    """An element that is open: its field if it is one, its text, and the fields found among its children.

    within: it stands inside a field; leaf: it has no children so far; unknown: names of its children that
    are no fields.
    """

    code: str | None
    within: bool = False
    text: str = ""
    values: dict[str, str] = field(default_factory=dict)
    fault: str = ""
    record: bool = False
    leaf: bool = True
    unknown: list[str] = field(default_factory=list)


def read_xml(descriptor: int, start: int, spool: Spool) -> None:
    """Write a row for each element that has children named as fields.

    descriptor: UTF-8 text, whatever its declaration says, its content from `start`. Unreadable where
    entities are declared, tags don't match, or the nesting is too deep.
    """
    reader = _Reader(spool)
    os.lseek(descriptor, start, os.SEEK_SET)
    with os.fdopen(os.dup(descriptor), "rb", buffering=0) as file:
        try:
            while piece := file.read(_PIECE):
                reader.parser.Parse(piece, False)
            reader.parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise unreadable("xml_malformed", line=error.lineno) from None
    if not spool.present:
        spool.ignore(reader.strange)


class _Reader:
    """The handlers of the parser and the elements that are open."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self.open: list[_Element] = []
        self.strange: list[str] = []
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.EntityDeclHandler = self.refuse
        self.parser.UnparsedEntityDeclHandler = self.refuse
        self.parser.ExternalEntityRefHandler = self.refuse
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def refuse(self, *_: object) -> int:
        """Entities are never read."""
        raise unreadable("xml_entities")

    def start(self, name: str, _: dict[str, str]) -> None:
        """An element begins; one inside a field makes the field's value a nested one."""
        if len(self.open) >= limits.XML_DEPTH:
            raise unreadable("nested_too_deep", line=self.parser.CurrentLineNumber)
        inside = self.open[-1] if self.open else None
        if inside is None:
            self.open.append(_Element(None))
            return
        inside.leaf = False
        if inside.code is not None:
            self.open[-2].fault = "nested_value"
        within = inside.within or inside.code is not None
        code = None if within else self.spool.lookup(name.rpartition(":")[2])
        self.open.append(_Element(code, within))

    def text(self, text: str) -> None:
        """Text counts only within a field; what is more than a row may have is cut, and the row refused."""
        element = self.open[-1]
        if element.code is not None and len(element.text) <= limits.RECORD_BYTES:
            element.text += text

    def end(self, name: str) -> None:
        """An element ends: a field goes to its parent, a record to the spool."""
        element = self.open.pop()
        parent = self.open[-1] if self.open else None
        if element.record:
            self.spool.ignore(element.unknown)
            self.spool.add(element.values, element.fault)
        elif len(self.strange) < limits.NAMES:
            self.strange += element.unknown
        if parent is None or parent.code is not None:
            return
        own = name.rpartition(":")[2]
        if element.code is not None:
            self._field(own, element, parent)
        elif element.leaf and len(parent.unknown) < limits.NAMES:
            parent.unknown.append(own)

    def _field(self, name: str, element: _Element, parent: _Element) -> None:
        code = self.spool.code(name)
        parent.record = True
        if code is None or code in parent.values:
            parent.fault = parent.fault or "repeated_field"
        else:
            parent.values[code] = element.text
