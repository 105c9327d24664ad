"""Two texts side by side, marked where they differ, character by character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Piece:
    """A run of characters; `differs`: the other side has something else there, or nothing."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Compared:
    """One thing of two sides. `state`: same, differs, or unknown where a side says nothing."""

    name: str
    one: tuple[Piece, ...]
    other: tuple[Piece, ...]
    state: str


def compared(name: str, one: str | None, other: str | None, *, same: bool | None = None) -> Compared:
    """Two values beside each other. `same` overrides what is equal (a field with its own rule)."""
    if not one or not other:
        return Compared(name, _whole(one), _whole(other), "unknown")
    if same if same is not None else one == other:
        return Compared(name, _whole(one), _whole(other), "same")
    first, second = marked(one, other)
    return Compared(name, first, second, "differs")


def marked(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces. Texts with nothing much in common are marked whole, which reads better."""
    found = SequenceMatcher(None, one, other, autojunk=False)
    if found.ratio() < 0.3:
        return (Piece(one, differs=True),), (Piece(other, differs=True),)
    blocks = found.get_opcodes()
    left = [(one[start:end], kind != "equal") for kind, start, end, _, _ in blocks]
    right = [(other[start:end], kind != "equal") for kind, _, _, start, end in blocks]
    return _pieces(left), _pieces(right)


def _pieces(parts: Sequence[tuple[str, bool]]) -> tuple[Piece, ...]:
    return tuple(Piece(text, differs) for text, differs in parts if text)


def _whole(text: str | None) -> tuple[Piece, ...]:
    return (Piece(text, differs=False),) if text else ()
