"""The documents of the list procedures: notice, decision, how to repair, and those of red lists.

Their words are data (rulebook/data/documents); here stands what fills them, by the law of the day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, partial

import orjson

from chengxin.cases.effects import DOCUMENTS, Made, Turn
from chengxin.cases.rules import due_of, several
from chengxin.decisions.conditions import grounds
from chengxin.decisions.entries import stands_until
from chengxin.decisions.papers_common import (
    UNITS,
    Pair,
    Paper,
    day_words,
    law_words,
    made,
    number_of,
    remedies,
)
from chengxin.decisions.papers_measures import listed
from chengxin.ledger.actions import raw_cursor
from chengxin.rulebook import catalogue
from chengxin.rulebook.deadlines import deadline
from chengxin.rulebook.lists import UNTIL, Listing, listing
from chengxin.rulebook.measures import attachable
from chengxin.rulebook.tables import DATA_FOLDER

FOLDER = DATA_FOLDER / "documents"
BLOCKS = ("records", "measures", "statements", "conditions")


@dataclass(frozen=True)
class Template:
    """A kind of document: how its number begins, its title, its paragraphs; a word alone is a block."""

    prefix: str
    title: Pair
    paragraphs: tuple[Pair | str, ...]


@cache
def templates() -> Mapping[str, Template]:
    """Every kind of document whose words are data."""
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        parts = tuple(one if isinstance(one, str) else (one[0], one[1]) for one in table["paragraphs"])
        found[path.stem] = Template(table["prefix"], (table["title"][0], table["title"][1]), parts)
    return found


def make(kind: str, turn: Turn) -> Made:
    """The document of a kind that a step makes, with its number: prefix, year, number of the case."""
    template = templates()[kind]
    rule = listing(turn.case.rule, turn.today)
    case = _Case(turn, rule)
    values, blocks = case.values(), case.blocks()
    paper = Paper(_fill(template.title, values))
    for part in template.paragraphs:
        for zh, en in blocks[part] if isinstance(part, str) else [_fill(part, values)]:
            paper.says(zh, en)
    body = dict(made(turn, template.prefix, paper).body)
    body |= {"list": rule.id, "records": [one.as_dict() for one in case.records], "keeper": rule.keeper.zh}
    return Made(f"{template.prefix}〔{turn.today.year}〕{turn.case.id}号", body)


def _fill(pair: Pair, values: Mapping[str, Pair]) -> Pair:
    return tuple(  # type: ignore[return-value]  # two in, two out
        text.format_map({name: value[at] for name, value in values.items()}) for at, text in enumerate(pair)
    )


@dataclass(frozen=True)
class Evidence:
    """A record that a document names: what it is, by whom, under which number, of which day."""

    id: int
    item: Pair
    source: str
    number: str
    on: date

    @property
    def named(self) -> Pair:
        """The number of its document, else its own."""
        return (self.number,) * 2 if self.number else (f"编号{self.id}", f"record {self.id}")

    def as_dict(self) -> dict[str, object]:
        """For the page of the document."""
        return {
            "id": self.id, "item": self.item[0], "source": self.source, "number": self.number,
            "date": self.on.isoformat(),
        }  # fmt: skip


class _Case:
    """What a document may say of a case, by the law of the day of the step."""

    def __init__(self, turn: Turn, rule: Listing) -> None:
        self.turn, self.rule, self.today = turn, rule, turn.today
        self.records = evidence(turn.case.id)
        self.said = _said(turn.case.id)

    def values(self) -> dict[str, Pair]:
        rule, facts = self.rule, self.turn.facts
        carried = grounds(rule, self.today)
        laws = [law_words(one.law, one.article) for one in carried]
        reason = (
            facts.get("reason") or self._told("decide_entry", "reason") or self._told("nominate", "reason")
        )
        values = {
            "list": (rule.name_zh, rule.name_en),
            "keeper": (rule.keeper.zh, rule.keeper.en),
            "law": ("、".join(zh for zh, _ in laws), ", ".join(en for _, en in laws)),
            "reason": (reason, reason),
            "weighed": (facts.get("weighed", ""),) * 2,
            "period": self._period(),
            "earliest": self._earliest(),
            "ends_when": (rule.ends_when_zh, rule.ends_when_en),
            "remedies": remedies(self.today),
            "today": day_words(self.today),
        }
        return values | self._notice()

    def _told(self, step: str, field: str) -> str:
        return next((facts.get(field, "") for name, facts in reversed(self.said) if name == step), "")

    def _notice(self) -> dict[str, Pair]:
        """The right to a statement: when it ends, counted in working days from the service."""
        state = self.turn.procedure.states.get(self.turn.step.to or "")
        served = self.turn.facts.get("served_on")
        if state is None or state.due is None or served is None:
            return {}
        start = date.fromisoformat(served)
        length = str(deadline(state.due, start).length)
        last = due_of(state.due, start).due
        return {"served": day_words(start), "last_day": day_words(last), "notice_length": (length, length)}

    def _period(self) -> Pair:
        shown = self.rule.publication
        if shown.longest is None:
            return UNTIL[shown.until] if shown.until else ("", "")
        longest = deadline(shown.longest, self.today)
        until, _ = stands_until(self.rule, self.today, self.today)
        zh, en = UNITS[longest.unit]
        last = day_words(until) if until else ("", "")
        return (
            f"公示期为{longest.length}{zh}，自公示之日起算；如于本日公示，至{last[0]}止",
            f"it is published for {longest.length} {en} from its first day; if today, until {last[1]}",
        )

    def _earliest(self) -> Pair:
        _, earliest = stands_until(self.rule, self.today, self.today)
        if earliest is None:
            return "本名单不适用依申请提前移出", "this list isn't left on application"
        if self.rule.removal.earliest is None:
            return "公示之后随时可以申请", "at any time after publication"
        period = deadline(self.rule.removal.earliest, self.today)
        zh, en = UNITS[period.unit]
        day = day_words(earliest)
        return (
            f"公示满{period.length}{zh}的次日；如于本日公示，为{day[0]}",
            f"the day after {period.length} {en} of publication; if that begins today, {day[1]}",
        )

    def blocks(self) -> dict[str, list[Pair]]:
        return {
            "records": [
                (
                    f"（{at}）{one.item[0]}：{one.named[0]}，{one.source}，{day_words(one.on)[0]}",
                    f"({at}) {one.item[1]}: {one.named[1]}, {one.source}, {one.on}",
                )
                for at, one in enumerate(self.records, 1)
            ],
            "measures": self._measures(),
            "statements": self._statements(),
            "conditions": self._conditions(),
        }

    def _measures(self) -> list[Pair]:
        kind, roles = _subject(self.turn.case.subject_id)
        named = several(self.turn.facts.get("measures", ""))
        found = attachable(self.rule, kind, roles, self.today, ordered=named)
        ordered = [one for one in found if one.id in named]
        following = [one for one in found if one.id not in named]
        lines: list[Pair] = []
        if ordered:
            head = ("本决定载明采取下列措施：", "This decision orders these measures:")
            lines += [head, *listed(ordered, self.rule.id, self.today)]
        if following:
            head = (
                ("同时依法适用下列守信激励措施：", "These incentives follow by law:")
                if self.rule.kind == "red"
                else ("公示期间依法采取下列措施：", "While it stands, these measures follow by law:")
            )
            lines += [head, *listed(following, self.rule.id, self.today)]
        return lines

    def _conditions(self) -> list[Pair]:
        asked = self.rule.removal.conditions
        stops = [("；", ";")] * (len(asked) - 1) + [("。", ".")]
        return [
            (f"（{at}）{one.zh}{stop[0]}", f"({at}) {one.en}{stop[1]}")
            for at, (one, stop) in enumerate(zip(asked, stops, strict=False), 1)
        ]

    def _statements(self) -> list[Pair]:
        told = [facts["statement"] for _, facts in self.said if facts.get("statement")]
        heard = [facts["hearing_record"] for _, facts in self.said if facts.get("hearing_record")]
        found = [(f"陈述、申辩意见：{one}", f"Your statement: {one}") for one in told]
        found += [(f"听证情况：{one}", f"The hearing: {one}") for one in heard]
        return found or [
            ("你（单位）在规定期限内未提出陈述、申辩意见。", "No statement was made within the time given.")
        ]


def evidence(case: int) -> list[Evidence]:
    """The records on which a case rests, with source and document number, as documents name them."""
    rows = raw_cursor().execute(
        "SELECT r.id, r.item, r.item_version, r.date, o.name, r.payload FROM cases_cited c "
        "JOIN archive_record r ON r.id = c.record JOIN accounts_organisation o ON o.id = r.source_id "
        "WHERE c.case_id = %s ORDER BY r.date, r.id",
        [case],
    )
    return [
        _evidence(id, (item, version), on, source, orjson.loads(payload))
        for id, item, version, on, source, payload in rows.fetchall()
    ]


def _evidence(
    id: int, told_by: tuple[str, date], on: date, source: str, payload: Mapping[str, str]
) -> Evidence:
    item = next(one for one in catalogue.versions() if (one.id, one.version) == told_by)
    return Evidence(id, (item.name_zh, item.name_en), source, number_of(item, payload), on)


def _said(case: int) -> list[tuple[str, dict[str, str]]]:
    rows = raw_cursor().execute(
        "SELECT step, facts FROM cases_step WHERE case_id = %s ORDER BY number", [case]
    )
    return [(step, orjson.loads(facts)) for step, facts in rows.fetchall()]


def _subject(subject: int | None) -> tuple[str, Sequence[str]]:
    rows = raw_cursor().execute(
        "SELECT s.kind, r.role FROM registry_subject s LEFT JOIN registry_role r ON r.subject_id = s.id "
        "WHERE s.id = %s",
        [subject],
    ).fetchall()  # fmt: skip
    return (rows[0][0] if rows else "natural_person"), sorted({role for _, role in rows if role})


def register(kinds: Iterable[str]) -> None:
    """Let the engine make these kinds of document."""
    for kind in kinds:
        DOCUMENTS.setdefault(kind, partial(make, kind))


register(templates())
