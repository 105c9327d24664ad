"""What can be done with a lead, from where, and what it then is: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import log10

from chengxin.kernel.problems import Problem
from chengxin.triage.detectors import Detector, detectors, reasons

Pair = tuple[str, str]

STATES: Mapping[str, Pair] = {
    "open": ("待办", "to be looked at"),
    "answered": ("已说明", "answered"),
    "asked": ("等待说明", "explanation asked for"),
    "watching": ("观察中", "watched"),
    "case": ("核查中", "under inspection"),
    "confirmed": ("查实", "found true"),
    "unfounded": ("未查实", "not found true"),
    "false_alarm": ("误报", "false alarm"),
    "joined": ("并入其他线索", "joined to another"),
}
"""Where a lead can stand."""

WAITING = ("open", "answered")
"""States in which a lead waits for somebody to decide."""

HIT = {"case": True, "confirmed": True, "unfounded": False, "false_alarm": False}
"""What a state says of the model that found the lead; others say nothing yet."""

UNDECIDED = ("open", "answered", "asked", "watching")
"""States in which nothing is decided yet."""


@dataclass(frozen=True)
class Kind:
    """Something that is done with a lead: from which states, to which (None: it stays), by which permission.

    `fields` must be filled in, `optional` may be.
    """

    id: str
    zh: str
    en: str
    from_: tuple[str, ...]
    to: str | None
    permission: str | None
    fields: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


DECIDE, REPORT, STATE = "lead.decide", "lead.report", "own.state"

KINDS: Mapping[str, Kind] = {
    one.id: one
    for one in (
        Kind("case", "立案前核查", "open an inspection", UNDECIDED, "case", DECIDE, ("words",),
        ("subject",)),
        Kind("ask", "请商家说明", "ask the merchant", ("open", "answered", "watching"), "asked", DECIDE,
             ("words", "until"), ("subject",)),
        Kind("watch", "继续观察", "watch", ("open", "answered", "asked"), "watching", DECIDE, ("until",),
        ("words",)),
        Kind("false_alarm", "误报", "false alarm", UNDECIDED, "false_alarm", DECIDE, ("reason",),
        ("words",)),
        Kind("warn", "预警商家", "warn the merchant", UNDECIDED, None, DECIDE, (), ("subject",)),
        Kind("reopen", "重新打开", "open again", ("false_alarm",), "open", DECIDE, ("words",)),
        Kind("answer", "商家说明", "the merchant's explanation", ("asked",), "answered", STATE, ("words",)),
        Kind("feedback", "平台反馈", "the platform's feedback", tuple(STATES), None, REPORT,
        ("finding",), ("words",)),
        Kind("due", "期限已到", "its day has come", ("asked", "watching"), "open", None),
        Kind("confirm", "核查后立案", "inspection confirmed it", ("case",), "confirmed", None),
        Kind("dismiss", "核查后不立案", "inspection did not confirm it", ("case",), "unfounded", None),
    )
}  # fmt: skip
"""Everything that can be done; what has no permission follows from the day or from the case."""

OFFERED = ("case", "ask", "watch", "false_alarm", "warn", "reopen")
"""What a page offers to officers, in this order."""

FINDINGS: Mapping[str, Pair] = {
    "confirmed": ("平台核实属实", "the platform found it true"),
    "unfounded": ("平台核实不属实", "the platform found it untrue"),
    "acted": ("平台已采取措施", "the platform has acted"),
    "unclear": ("平台无法判断", "the platform can't tell"),
}

LONGEST_WORDS = 2_000
LONGEST_WATCH = timedelta(days=180)
SHORTEST_ASKED = 3
"""Days that a merchant has at least."""


def possible(state: str, detector: str) -> list[Kind]:
    """What officers may choose from in a state."""
    may_warn = detectors()[detector].warn is not None
    return [
        kind
        for kind in (KINDS[id] for id in OFFERED)
        if state in kind.from_ and (kind.id != "warn" or may_warn)
    ]


def filled(kind: Kind, facts: Mapping[str, str], today: date) -> tuple[dict[str, str], list[Problem]]:
    """The fields of an act as they are kept, and everything that is wrong with them."""
    kept: dict[str, str] = {}
    wrong: list[Problem] = []
    for name in (*kind.fields, *kind.optional):
        value = facts.get(name, "").strip()
        if not value:
            if name in kind.fields:
                wrong.append(_MISSING[name])
            continue
        problem = _fault(kind, name, value, today)
        if problem is not None:
            wrong.append(problem)
        kept[name] = value
    if kept.get("reason") == "other" and not kept.get("words"):
        wrong.append(_MISSING["words"])
    return kept, wrong


def _fault(kind: Kind, name: str, value: str, today: date) -> Problem | None:
    if name == "words" and len(value) > LONGEST_WORDS:
        return _problem("words", f"超过{LONGEST_WORDS}字", f"longer than {LONGEST_WORDS} characters",
                        "请缩短", "shorten it")  # fmt: skip
    if name == "reason" and value not in reasons():
        return _MISSING["reason"]
    if name == "finding" and value not in FINDINGS:
        return _MISSING["finding"]
    if name == "until":
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return _MISSING["until"]
        least = today + timedelta(days=SHORTEST_ASKED if kind.id == "ask" else 1)
        if not least <= day <= today + LONGEST_WATCH:
            return _problem(
                "until", f"日期应在{least}至{today + LONGEST_WATCH}之间",
                f"the day must lie between {least} and {today + LONGEST_WATCH}",
                "请改选日期", "choose another day",
            )  # fmt: skip
    return None


def _problem(field: str, zh: str, en: str, mend_zh: str, mend_en: str) -> Problem:
    return Problem(field, None, f"lead.{field}", zh, en, mend_zh, mend_en)


_MISSING: Mapping[str, Problem] = {
    "words": _problem("words", "没有写明理由或者说明", "no words are given", "请写明", "say it in words"),
    "until": _problem("until", "没有选择日期", "no day is chosen", "请选择日期", "choose a day"),
    "reason": _problem("reason", "没有选择误报的理由", "no reason is chosen", "请选择一项", "choose one"),
    "finding": _problem("finding", "没有写明核实结果", "no finding is given",
                        f"应为：{'、'.join(FINDINGS)}", f"one of: {', '.join(FINDINGS)}"),
}  # fmt: skip


def barred(kind: Kind, state: str, detector: str) -> Problem | None:
    """What keeps something from being done with a lead as it stands."""
    if kind.id == "warn" and detectors()[detector].warn is None:
        return Problem(
            "", None, "lead.warn",
            "这类线索不预警：预警会惊动行为人",
            "no warning is given of this kind of lead: it would alert whoever did it",
            "请选择其他办理方式", "choose another way",
        )  # fmt: skip
    if state in kind.from_:
        return None
    zh, en = STATES[state]
    return Problem(
        "", None, "lead.state",
        f"线索现为“{zh}”，不能“{kind.zh}”", f"the lead is '{en}': '{kind.en}' can't be done",
        "请查看线索的最新情况", "look at the lead as it stands now",
    )  # fmt: skip


def value(probability: float, detector: Detector, amount: int | None) -> float:
    """The expected value of looking at a lead: probability times harm, more where much money is concerned.

    amount: in fen, None where not known; each tenfold above 1,000 yuan counts once more.
    """
    weight = 1.0 + max(0.0, log10(amount / 100_000)) if amount else 1.0
    return round(probability * detector.harm * weight, 6)


def in_months(decided: Sequence[tuple[date, bool]], today: date, months: int) -> list[tuple[str, int, int]]:
    """How many leads were decided in each of the last months, and how many were hits: (month, hits, all)."""
    names: list[str] = []
    year, month = today.year, today.month
    for _ in range(months):
        names.append(f"{year:04}-{month:02}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    counted = dict.fromkeys(reversed(names), (0, 0))
    for day, hit in decided:
        if (name := f"{day.year:04}-{day.month:02}") in counted:
            hits, all_ = counted[name]
            counted[name] = (hits + hit, all_ + 1)
    return [(name, hits, all_) for name, (hits, all_) in counted.items()]
