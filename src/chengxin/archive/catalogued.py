"""What the rulebook says of a kept record: its article, and the fields that are not for the public."""

from __future__ import annotations

from functools import cache

from chengxin.rulebook import catalogue, deadlines
from chengxin.rulebook.catalogue import Item


@cache
def withheld(item: str, version: str) -> frozenset[str]:
    """The fields of an item's version that the public never sees.

    Those that the version itself or the newest one does not mark public: a stricter catalogue binds what is
    shown from then on, a laxer one opens nothing that was collected under a promise.
    """
    same = [one for one in catalogue.versions() if one.id == item]
    deciding = [one for one in same if one.version.isoformat() == version] + same[-1:]
    return frozenset(field.code for one in deciding for field in one.fields if field.disclosure != "public")


def article(item: Item, law: str) -> str:
    """The article of `law` that a record of the item rests on; "" where there is none or several."""
    named = {ref.article for rule in item.publication for ref in rule.laws if ref.law == law}
    for rule in item.publication:
        for id in filter(None, (rule.deadline, rule.fallback)):
            named |= {one.article for one in deadlines.history(id) if one.law == law}
    if item.law == law:
        named.add(item.article)
    named.discard("")
    return named.pop() if len(named) == 1 else ""
