"""Classes of dishonest information (轻微、一般、严重): why, how long shown, from when it may be repaired.

Pure: the same record and days always give the same answer. The class comes from the catalogue's publication
rules, the periods from deadlines.csv, what joins them from data/severity.toml, each with its dates in force.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, get_args

from chengxin.kernel.calendar import publication_end
from chengxin.rulebook import deadlines, laws
from chengxin.rulebook.catalogue import KNOWN_FROM, Item, Severity, holds, is_verified, items, split_values
from chengxin.rulebook.publication import Publication, publish
from chengxin.rulebook.tables import DATA_FOLDER, in_force

Row = Mapping[str, str | None]

UNKNOWN = (
    "记录之日的公示期没有已知规定，公示以来源单位载明的截止期为限",
    "no rule of the record's day is known; it is shown to the day that its source set, at most",
)

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Terms:
    """Ids of deadlines.csv; None: no shortest is asked for, or no longest is set."""

    shortest: str | None = None
    longest: str | None = None


@dataclass(frozen=True)
class Special:
    """Another shortest publication where one of the words stands in one of the fields."""

    shortest: str
    fields: tuple[str, ...]
    words: tuple[str, ...]

    def holds(self, row: Row) -> bool:
        """Whether the record is of this kind."""
        return any(word in (row.get(code) or "") for code in self.fields for word in self.words)


@dataclass(frozen=True)
class Regime:
    """The rules of one law for the records of one item. `until`: the first day on which they no longer hold.

    terms       by class; a class that isn't there is unknown to the law
    requires_*  what repair asks for; not_here_*: why there is none, "" where there is
    """

    item: str
    law: str
    article: str
    in_force: date
    until: date | None
    known_from: str
    terms: Mapping[str, Terms] = field(hash=False)
    special: Special | None = None
    requires_zh: str = ""
    requires_en: str = ""
    not_here_zh: str = ""
    not_here_en: str = ""
    note: str = ""

    def shortest(self, class_: str, row: Row) -> str | None:
        """The id of the shortest publication of a record; None where none is asked for."""
        plain = self.terms[class_].shortest
        return self.special.shortest if plain and self.special and self.special.holds(row) else plain


@dataclass(frozen=True)
class Transition:
    """Which rules govern a record from before a change of law: see data/severity.toml."""

    shortest: str
    longest: str
    known_from: str
    zh: str
    en: str


@dataclass(frozen=True)
class Class:
    """One class in words."""

    id: Severity
    zh: str
    en: str
    about_zh: str
    about_en: str


@dataclass(frozen=True)
class Assessment:
    """What a record's class comes to on a day.

    law, article     by which its publication is counted (of the record's own day)
    published        whether the public sees it on the day, by the rules alone
    shortest         last day of the shortest publication; None: none is asked for, or unknown
    longest          last day of the longest publication; None: not public, without end, or unknown
    repairable       whether repair may end it before `longest`; earliest_repair: the first day to ask for it
    repair_law       by which repair is asked for; "" where no rule is known; `requires_*`: what it asks for
    why_not_*        why it can't be repaired, "" where it can
    note_*           where rules of several laws met and the transition decided, or the rule of the record's
                     day isn't known: what was assumed; else ""
    verified         whether every fact this rests on was confirmed by somebody who has the text
    """

    class_: Severity
    reason_zh: str
    reason_en: str
    law: str
    article: str
    published: bool
    shortest: date | None
    longest: date | None
    repairable: bool
    earliest_repair: date | None
    repair_law: str
    repair_article: str
    requires_zh: str
    requires_en: str
    why_not_zh: str
    why_not_en: str
    note_zh: str
    note_en: str
    verified: bool

    def open_on(self, day: date) -> bool:
        """Whether repair may be asked for on the day, as far as the days go."""
        return self.repairable and self.earliest_repair is not None and self.earliest_repair <= day


def assess(
    item: Item, row: Row, on: date, published_from: date | None, today: date, *, ends: date | None = None
) -> Assessment | None:
    """The class of a record, and what follows from it; None where the catalogue gives it no class.

    item            the version of the catalogue by which it was sent
    row             field code → text as kept in the archive (dates in ISO)
    on              the record's date
    published_from  the first day of its publication, None where it isn't published: periods count from `on`
    today           the day of asking, whose rules of repair apply
    ends            the last day on which the archive shows it, where that is earlier than the rules' own
    """
    try:
        published = publish(item, row, on)
    except (LookupError, ValueError):
        return None
    if published.class_ is None:
        return None
    class_, start = published.class_, published_from or on
    known = [one for one in regimes(item.id) if class_ in one.terms]
    own = _in_force(known, on)
    met = [one for one in known if one.in_force <= today and (one.until is None or one.until > on)]
    now = _in_force(known, today)
    longest = min(filter(None, (_longest(published, own, now, start), ends)), default=None)
    counting = met if transition().shortest == "shorter" or own is None else [own]
    shortest = _shortest(counting, class_, row, on, start)
    if shortest is not None and longest is not None:
        shortest = min(shortest, longest)
    zh, en = _reason(item, row, class_)
    earliest = start if shortest is None else shortest + _DAY
    why = _why_not(now, longest, earliest, today)
    note = UNKNOWN if own is None else (transition().zh, transition().en) if len(met) > 1 else ("", "")
    return Assessment(
        class_=class_,
        reason_zh=zh,
        reason_en=en,
        law=published.law,
        article=published.article,
        published=_shown(published, longest, start, today),
        shortest=shortest,
        longest=longest,
        repairable=why is None,
        earliest_repair=earliest if why is None else None,
        repair_law=now.law if now else "",
        repair_article=now.article if now else "",
        requires_zh=now.requires_zh if now else "",
        requires_en=now.requires_en if now else "",
        why_not_zh=why[0] if why else "",
        why_not_en=why[1] if why else "",
        note_zh=note[0],
        note_en=note[1],
        verified=published.verified and own is not None and met == [own] and is_verified(own.known_from),
    )


def _in_force(known: list[Regime], on: date) -> Regime | None:
    return next((one for one in known if in_force(one.in_force, one.until, on)), None)


def _end(id: str, start: date, law_date: date) -> date:
    return publication_end(start, deadlines.deadline(id, law_date).period)


def _shortest(regimes: list[Regime], class_: str, row: Row, on: date, start: date) -> date | None:
    """The earliest end of the shortest publications; None where one of the regimes asks for none."""
    ids = [(one, one.shortest(class_, row)) for one in regimes]
    ends = [_end(id, start, max(on, one.in_force)) for one, id in ids if id is not None]
    return min(ends) if ends and len(ends) == len(ids) else None


def _longest(published: Publication, own: Regime | None, now: Regime | None, start: date) -> date | None:
    """The last day by the law of the record's day and its source, and by today's where that counts, too.

    A law that shortens a publication ends none before it is in force itself.
    """
    if published.disclosure != "public":
        return None
    class_ = published.class_ or ""
    ends = [published.until] if published.until else []
    if own is not None and (id := own.terms[class_].longest):
        ends.append(_end(id, start, own.in_force))
    later = now if transition().longest == "shorter" and now is not own else None
    if later is not None and (id := later.terms[class_].longest):
        ends.append(max(_end(id, start, later.in_force), later.in_force - _DAY))
    return min(ends, default=None)


def _shown(published: Publication, longest: date | None, start: date, today: date) -> bool:
    return published.disclosure == "public" and start <= today and (longest is None or today <= longest)


def _why_not(now: Regime | None, longest: date | None, earliest: date, today: date) -> tuple[str, str] | None:
    """Why repair can't end the record, in both languages; None where it can."""
    if now is None:
        return f"{today}没有已知的修复规定", f"no rule on repair is known to have held on {today}"
    if now.not_here_zh:
        return now.not_here_zh, now.not_here_en
    if longest is not None and longest < today:
        return (
            f"公示期已于{longest}届满，无需修复",
            f"its publication ended on {longest}: nothing is left to repair",
        )
    if longest is not None and earliest > longest:
        return (
            f"公示期至{longest}自行届满，此前不能修复",
            f"its publication ends by itself on {longest}, before it may be repaired",
        )
    return None


def _reason(item: Item, row: Row, class_: str) -> tuple[str, str]:
    """Why the record has its class: the words of data/severity.toml with the values that decided."""
    found = _data()["reason"].get(item.id, {})
    words = found.get(class_)
    if words is None:
        return "", ""
    if "by" not in found:
        return words["zh"], words["en"]
    by = item.field(found["by"])
    values = split_values(by, row.get(by.code))
    rule = next(one for one in item.publication if one.class_ == class_ and holds(item, one.when, row))
    deciding = {value for one in rule.when if one.field == by.code for value in one.any_of or one.only or ()}
    named = [value for value in values if value in deciding] or list(values)
    zh = "、".join(by.labels_zh.get(value, value) for value in named)
    en = ", ".join(by.labels_en.get(value, value) for value in named)
    return words["zh"].format(values=zh), words["en"].format(values=en)


# --- the data ---------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads((DATA_FOLDER / "severity.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def classes() -> Mapping[str, Class]:
    """The three classes in words, the least first."""
    return {id: Class(id=id, **words) for id, words in _data()["class"].items()}


@lru_cache(maxsize=1)
def transition() -> Transition:
    """What governs a record from before a change of law."""
    return Transition(**_data()["transition"])


@lru_cache(maxsize=32)
def regimes(item: str) -> tuple[Regime, ...]:
    """The regimes for the records of an item, the earliest first; none where it has no classes."""
    found = [_regime(table) for table in _data()["regime"] if table["item"] == item]
    return tuple(sorted(found, key=lambda one: one.in_force))


def _regime(table: Mapping[str, Any]) -> Regime:
    rest = dict(table)
    terms = {id: Terms(**rest.pop(id)) for id in get_args(Severity) if id in rest}
    special = rest.pop("special", None)
    if special is not None:
        special = Special(special["shortest"], tuple(special["fields"]), tuple(special["words"]))
    given = {"article": "", "until": None} | rest
    return Regime(terms=terms, special=special, **given)


def severity_faults() -> Iterator[str]:
    """Everything wrong with data/severity.toml, a sentence each."""
    known = {one.id: one for one in items()}
    named = {table["item"] for table in _data()["regime"]}
    for id in sorted((named | set(_data()["reason"])) - set(known)):
        yield f"项目未知 / unknown item: {id}"
    for item in known.values():
        used = {one.class_ for one in item.publication if one.class_}
        if used and not regimes(item.id):
            yield f"{item.id}: 有分类而没有公示期规则 / it has classes and no regime"
        for class_ in sorted(used - set(_data()["reason"].get(item.id, {}))):
            yield f"{item.id}: “{class_}”没有理由 / no reason is worded for '{class_}'"
        for one in regimes(item.id):
            yield from (f"{item.id} {one.law}: {fault}" for fault in _regime_faults(item, one))
    if {transition().shortest, transition().longest} - {"shorter", "of_record"}:
        yield "过渡规则只能是shorter或of_record / a transition is shorter or of_record"


def _regime_faults(item: Item, one: Regime) -> Iterator[str]:
    if one.law not in {law.id for law in laws.laws()}:
        yield "法规未知 / unknown law"
    elif not laws.law(one.law).holds_on(one.in_force):
        yield "法规当时没有施行 / the law wasn't in force then"
    if one.known_from not in KNOWN_FROM:
        yield "出处未知 / unknown known_from"
    if not one.not_here_zh and not (one.requires_zh and one.requires_en):
        yield "没有修复条件 / it doesn't say what repair asks for"
    codes = {field.code for field in item.fields}
    for code in one.special.fields if one.special else ():
        if code not in codes:
            yield f"字段未知 / unknown field: {code}"
    for class_, terms in one.terms.items():
        named = [terms.shortest, terms.longest, one.special.shortest if one.special else None]
        for id in filter(None, named):
            try:
                if deadlines.deadline(id, one.in_force).end != "fixed":
                    yield f"{id}: 公示期不顺延 / a publication isn't moved by a holiday"
            except LookupError:
                yield f"{class_}: 期限当时没有规定 / no such period in force then: {id}"
