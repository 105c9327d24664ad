"""Domains that are their shop's own name: what they resemble besides, they resemble by accident."""

from __future__ import annotations

from chengxin.detection.names import imitation
from chengxin.detection.names.domains import split
from chengxin.detection.names.shop_names import forms, has_han, reading


def own_name(written: str, name: str) -> bool:
    """Whether a domain is the shop's own Chinese name in letters, or its initials, decorations and figures
    aside.
    """
    parts = split(written)
    return parts is not None and any(
        imitation.decorated(parts.label, spelling)
        for own in forms(name)
        if has_han(own)
        for spelling in _spellings(reading(own))
    )


def beside_own_name(label: str, name: str) -> str:
    """What a label has beside the longest spelling of the shop's name; the whole label if there is none."""
    spelt = {one for own in forms(name) if has_han(own) for one in _spellings(reading(own)) if one in label}
    longest = max(spelt, key=lambda one: (len(one), one), default="")
    return label.replace(longest, "-", 1) if longest else label


def _spellings(sounds: tuple[str, ...]) -> set[str]:
    """A name in letters: its first syllables, two or more, with the initials of those behind, or initials
    alone.
    """
    letters = ["".join(sound[0] for sound in sounds[:length]) for length in range(len(sounds) + 1)]
    whole = {
        "".join(sounds[:length]) + letters[end][length:]
        for length in range(2, len(sounds) + 1)
        for end in range(length, len(sounds) + 1)
    }
    return whole | {one for one in letters if len(one) > 1}
