"""The structure of a PDF beside its looks (ISO 32000-1, 14.7): what is a heading, a paragraph, a table's row.

Readers for the blind, reflowing viewers and whoever copies text follow it. fpdf2 tags only pictures by
itself; it asks its builder of structures for the objects to write, and this one stands in for it: a tree
whose leaves are stretches of a sheet. What belongs to no element (rules, head and foot) is an artifact.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fpdf.structure_tree import StructElem, StructTreeRoot


class Element(StructElem):
    """An element with what fpdf2's lacks: attributes."""

    __slots__ = ("a",)

    def __init__(
        self, kind: str, parent: Any, *, sheet: int | None = None, alt: str = "", attributes: str = ""
    ) -> None:
        super().__init__(f"/{kind}", parent, [], page_number=sheet, alt=alt or None)
        self.a = attributes or None


class _Leaves:
    """What fpdf2 goes through to name the sheet of each leaf."""

    def __init__(self) -> None:
        self.k: list[Element] = []


class Structure:
    """The tree of a document; takes the place of `FPDF.struct_builder`, whose names it bears."""

    def __init__(self) -> None:
        self.root = StructTreeRoot()
        self.document = Element("Document", self.root)
        self.root.k.append(self.document)
        self.doc_struct_elem = _Leaves()
        self._elements: list[Element] = [self.document]
        self._open: list[Element | None] = []
        self._sheets: dict[int, int] = {}

    # --- building -------------------------------------------------------------------------------------------

    def element(self, kind: str, alt: str = "", attributes: str = "") -> Element:
        """A new element, the last so far inside the one that is open."""
        parent = self.inside or self.document
        made = Element(kind, parent, alt=alt, attributes=attributes)
        parent.k.append(made)
        self._elements.append(made)
        return made

    @contextmanager
    def within(self, element: Element | None) -> Iterator[None]:
        """What is set meanwhile belongs to the element; None: it is an artifact."""
        self._open.append(element)
        yield
        self._open.pop()

    @property
    def inside(self) -> Element | None:
        """The open element, None where whatever is set is an artifact."""
        return self._open[-1] if self._open else None

    def stretch(self, element: Element, sheet: int) -> tuple[int, int]:
        """A stretch of an element on a sheet: its number there, and the sheet's number in the tree."""
        of = self._sheets.setdefault(sheet, len(self._sheets))
        held = self.root.parent_tree.nums[of]
        leaf = next((one for one in element.k[-1:] if isinstance(one, Element)), None)
        if leaf is None or leaf.page_number() != sheet:
            leaf = Element("Span", element, sheet=sheet)
            element.k.append(leaf)
            self._elements.append(leaf)
            self.doc_struct_elem.k.append(leaf)
        number = len(held)
        leaf.k.append(number)
        held.append(leaf)
        return number, of

    # --- what fpdf2 asks ------------------------------------------------------------------------------------

    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self.document.k

    def __iter__(self) -> Iterator[Any]:
        yield self.root
        yield self.root.parent_tree
        yield from self._elements
