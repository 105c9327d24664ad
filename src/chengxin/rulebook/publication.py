"""How long the public may see a record: the item's publication rules applied to one row.

Pure: the same row and date always give the same answer, so callers that handle many rows evaluate once for
each distinct combination of `publication_inputs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chengxin.kernel.calendar import publication_end
from chengxin.rulebook.catalogue import Disclosure, Item, PublicationRule, Severity, holds
from chengxin.rulebook.deadlines import Deadline, deadline, history
from chengxin.rulebook.laws import law

WITHOUT_END = date(2099, 12, 31)  # how the two-publicity files write 'without end'


@dataclass(frozen=True)
class Publication:
    """What the rulebook says of one record's publication, and by which law.

    disclosure   public, shared between departments, or on authorisation only
    start, until first and last day on which the public may see it; both None where it is not public,
                 until alone None where it is public without end
    deadline_id  the period that was counted, None where only the source's own end counts
    verified     whether every fact this rests on was confirmed by somebody who has the text
    """

    disclosure: Disclosure
    start: date | None
    until: date | None
    deadline_id: str | None
    law: str
    article: str
    class_: Severity | None
    verified: bool


def publication_inputs(item: Item) -> tuple[str, ...]:
    """The fields that decide a publication: the item's date first, then those of conditions and ends."""
    codes = [item.date]
    for rule in item.publication:
        codes += [condition.field for condition in rule.when]
        codes += [rule.until_field] if rule.until_field else []
    return tuple(dict.fromkeys(codes))


def publish(item: Item, row: Mapping[str, str | None], on: date) -> Publication:
    """Apply the first rule that holds.

    item  the catalogue item
    row   field code → text as kept in the archive (dates in ISO); a missing code counts as empty
    on    the record's date, the value of `item.date`: start of the publication and the day whose law decides

    The end is the earlier of the rule's longest period and the source's own end. Where no known row of the
    period was in force on the record's date, only the source's own end publishes, and no longer than the
    earliest known row allows: the facts do not reach back further, and doubt must not lengthen a publication.
    Without an own end such a record is shared, not public; so is one whose own end lies before its date.
    ValueError: the row's end is no ISO date. LookupError: no rule holds (the rulebook check finds that).
    """
    rule = next((one for one in item.publication if holds(item, one.when, row)), None)
    if rule is None:
        raise LookupError(
            f"项目{item.id}没有适用的公示规则 / no publication rule of item {item.id} holds for the row"
        )
    counted = _counted(rule, on)
    cited, article, verified = _ground(item, rule, counted, on)

    def answer(disclosure: Disclosure, start: date | None, until: date | None) -> Publication:
        id = counted.id if counted is not None else None
        if until is not None and start is not None and until < start:
            disclosure, start, until = "shared", None, None
        return Publication(disclosure, start, until, id, cited, article, rule.class_, verified)

    if rule.disclosure != "public":
        return answer(rule.disclosure, None, None)
    own = _own_end(rule, row)
    if rule.deadline is None:
        return answer("public", on, own)
    if counted is not None:
        return answer("public", on, _earlier(publication_end(on, counted.period), own))
    if own is None:
        return answer("shared", None, None)
    earliest = history(rule.fallback or rule.deadline)[0]
    return answer("public", on, _earlier(publication_end(on, earliest.period), own))


def _counted(rule: PublicationRule, on: date) -> Deadline | None:
    """The longest period in force on the day: of the rule's deadline, else of its fallback."""
    for id in (rule.deadline, rule.fallback):
        if id is None:
            continue
        try:
            return deadline(id, on)
        except LookupError:
            continue
    return None


def _ground(item: Item, rule: PublicationRule, counted: Deadline | None, on: date) -> tuple[str, str, bool]:
    """Law, article and whether all of it is verified: the deadline's, else the rule's law in force on the day
    (the first named where none was: older records are published today, under today's catalogue), else the
    item's."""
    if counted is not None:
        return counted.law, counted.article, item.verified and counted.verified and law(counted.law).verified
    for ref in rule.laws:
        if law(ref.law).holds_on(on):
            return ref.law, ref.article, item.verified and law(ref.law).verified
    if rule.laws:
        return rule.laws[0].law, rule.laws[0].article, item.verified and law(rule.laws[0].law).verified
    return item.law, item.article, item.verified and law(item.law).verified


def _own_end(rule: PublicationRule, row: Mapping[str, str | None]) -> date | None:
    """The source's own end; None where it has none or says 'without end'."""
    text = row.get(rule.until_field) if rule.until_field else None
    end = date.fromisoformat(text) if text else None
    return None if end is not None and end >= WITHOUT_END else end


def _earlier(law_end: date, own: date | None) -> date:
    return law_end if own is None else min(law_end, own)
