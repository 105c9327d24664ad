"""What of the likenesses to marks is held against one who shows a site under a name: not those to marks of
his own, nor a domain that is his own name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from math import log2

import polars as pl

from chengxin.detection.names.domains import split
from chengxin.detection.names.likenesses import Like
from chengxin.detection.names.own_names import beside_own_name, own_name
from chengxin.detection.names.shop_names import forms


@dataclass(frozen=True)
class HeldAgainst:
    """The names of marks by their owners, and the likenesses of domains and of shops' names as written, for
    the signals in `able`.
    """

    owned: dict[str, set[str]]
    sites: dict[str, list[Like]]
    shops: dict[str, list[Like]]
    able: frozenset[str]
    choice: float
    """Bits of choosing a mark."""

    rests: Counter[str]
    """How often labels have something beside their shop's name."""

    def of(self, written: str | None, name: str | None, subjects: set[str | None]) -> list[Like]:
        """What is like a mark about one who shows this site under this name, marks of its own left out.

        A domain that is the shop's own name in letters goes with the name; what it has besides may still be
        a mark's.
        """
        # Who holds a mark may go by its names, whoever else's they resemble.
        own = {one for subject in subjects if subject for one in self.owned.get(subject, ())}
        likes = [] if name and own & set(forms(name)) else list(self.shops.get(name or "", ()))
        if written and own_name(written, name or ""):
            likes += self._beside(written, likes)
            likes += [like for like in self.sites.get(written, ()) if _despite_own_name(like)]
        elif written:
            likes += self.sites.get(written, ())
        parts = split(written) if written and not subjects - {None} else None
        return [
            like
            for like in likes
            if like.way in self.able
            and like.mark.owner not in subjects
            # Whose subject isn't known and who shows the certified site is taken for its owner.
            and not (parts and like.mark.domain and parts.registered == like.mark.domain.registered)
        ]

    def _beside(self, written: str, likes: list[Like]) -> list[Like]:
        """What a domain says beyond the name, where the name is a mark's too: the mark's label whole, with
        what its owner put beside his name.
        """
        named, parts = {like.mark.shown for like in likes}, split(written)
        found = []
        for like in self.sites.get(written, ()):
            label = like.mark.domain.label if like.mark.domain else ""
            if parts and like.mark.shown in named and label and label in parts.label:
                rest = self.rests[beside_own_name(label, like.mark.title)]
                rare = log2(max(self.rests.total(), 1) / max(rest, 1)) - 1
                found.append(replace(like, bits=min(max(rare, 0.0) - self.choice, like.bits)))
        return found


def _despite_own_name(like: Like) -> bool:
    """Whether a domain tells something though it is its shop's own name: nobody writes a letter of his name
    as a figure, and of a mark whose name isn't known the domain is all that a name can be compared with.
    """
    return like.way == "site_confusable" or like.mark.title == like.mark.shown


def rests_of(uses: pl.DataFrame) -> Counter[str]:
    """How often labels have each rest beside their shop's name; `uses` are `sites.uses`."""
    pairs = uses.select("written", "shop_name").drop_nulls().unique().iter_rows()
    return Counter(beside_own_name(parts.label, name) for written, name in pairs if (parts := split(written)))
