"""Leads as the models and platforms write them, a JSON object a line: read, checked, told what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

import orjson

from chengxin.kernel.problems import Problem
from chengxin.triage.detectors import Pair, detectors

ENTITIES = ("seller", "buyer", "rating", "order", "waybill", "courier", "domain", "product", "account")
LONGEST_ID, LONGEST_WORDS = 200, 600
MOST_SIGNALS, MOST_EVIDENCE = 40, 5_000
KINDS_OF_EVIDENCE = ("orders", "waybills", "accounts")


@dataclass(frozen=True)
class Signal:
    """One thing that was measured: its value, what is usual, and why it matters, in two languages."""

    name: str
    value: float
    baseline: float
    why_zh: str
    why_en: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "name": self.name, "value": self.value, "baseline": self.baseline,
            "why_zh": self.why_zh, "why_en": self.why_en,
        }  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One lead as it was reported. `ring`: shared by members of one scheme, "" for none."""

    detector: str
    entity: str
    entity_id: str
    platform: str
    score: float
    since: date
    until: date
    ring: str
    signals: tuple[Signal, ...]
    evidence: Mapping[str, tuple[str, ...]]


class BadLines(ValueError):
    """Lines that don't keep to the contract; nothing was taken. `problems` say which and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(f"{first.field}：{first.zh} / {first.field}: {first.en}")
        self.problems = tuple(problems)


MOST_PROBLEMS = 50


def read(content: bytes) -> list[Line]:
    """The leads of a file of JSON Lines; BadLines tells every line that doesn't fit (the first fifty)."""
    values: list[Any] = []
    problems: list[Problem] = []
    for number, text in enumerate(content.splitlines(), 1):
        if not text.strip():
            continue
        try:
            values.append((number, orjson.loads(text)))
        except ValueError:
            problems.append(
                Problem(
                    f"{number}", None, "lead.json",
                    f"第{number}行不是JSON", f"line {number} is no JSON",
                    "每行写一个JSON对象", "write one JSON object a line",
                )
            )  # fmt: skip
    return checked(values, problems)


def checked(values: Iterable[tuple[int, Any]], problems: Sequence[Problem] = ()) -> list[Line]:
    """Values (number of the line, what it says) as leads; BadLines for all that don't fit."""
    found: list[Line] = []
    wrong = list(problems)
    for number, value in values:
        line = _line(number, value)
        if isinstance(line, Line):
            found.append(line)
        else:
            wrong += line
        if len(wrong) >= MOST_PROBLEMS:
            break
    if wrong:
        raise BadLines(wrong[:MOST_PROBLEMS])
    return found


_DETECTORS, _ENTITIES = "、".join(detectors()), "、".join(ENTITIES)
_ID = (
    ("缺少或者过长", "is missing or too long"),
    ("填写1至200个可见字符", "give 1 to 200 visible characters"),
)

_FAULTS: Mapping[str, tuple[Pair, Pair]] = {
    "": (("不是对象", "is no object"), ("写成JSON对象", "write an object")),
    "detector": (
        ("不是已知的模型", "is no known detector"),
        (f"应为：{_DETECTORS}", f"one of: {_DETECTORS}"),
    ),
    "entity": (
        ("不是已知的对象", "is no known kind of entity"),
        (f"应为：{_ENTITIES}", f"one of: {_ENTITIES}"),
    ),
    "entity_id": _ID,
    "platform": _ID,
    "score": (("不在0至1之间", "is not within 0 and 1"), ("填写0至1的数", "give a number from 0 to 1")),
    "window": (
        ("不是起止两个日期", "is not two days, first and last"),
        ('例如["2026-03-01", "2026-03-31"]', 'such as ["2026-03-01", "2026-03-31"]'),
    ),
    "ring": (("不是编号", "is no id"), ("填写编号或者省略", "give an id, or leave it out")),
    "signals": (
        ("不符合约定", "don't keep to the contract"),
        ("每项写name、value、baseline、why_zh、why_en", "each with name, value, baseline, why_zh, why_en"),
    ),
    "evidence": (
        ("不符合约定", "doesn't keep to the contract"),
        ("orders、waybills、accounts各为编号的列表", "orders, waybills and accounts are lists of ids"),
    ),
}
"""What can be wrong with each part of a line, and how to mend it."""


def _line(number: int, value: Any) -> Line | list[Problem]:
    if not isinstance(value, dict):
        return [_wrong(number, "")]
    window = _window(value.get("window"))
    signals, evidence = _signals(value.get("signals")), _evidence(value.get("evidence"))
    score, ring = value.get("score"), value.get("ring")
    holds = {
        "detector": isinstance(value.get("detector"), str) and value["detector"] in detectors(),
        "entity": value.get("entity") in ENTITIES,
        "entity_id": _text(value.get("entity_id"), LONGEST_ID),
        "platform": _text(value.get("platform"), LONGEST_ID),
        "score": _number(score) and 0 <= float(score or 0) <= 1,
        "window": window is not None,
        "ring": ring is None or _text(ring, LONGEST_ID),
        "signals": signals is not None,
        "evidence": evidence is not None,
    }
    if not all(holds.values()) or window is None or signals is None or evidence is None:
        return [_wrong(number, name) for name, good in holds.items() if not good]
    return Line(
        value["detector"], value["entity"], value["entity_id"], value["platform"],
        round(float(value["score"]), 6), *window, ring or "", signals, evidence,
    )  # fmt: skip


def _text(value: Any, most: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= most and value.isprintable()


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _window(value: Any) -> tuple[date, date] | None:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    try:
        since, until = (date.fromisoformat(one[:10]) for one in value)
    except (TypeError, ValueError):
        return None
    return (since, until) if since <= until else None


def _signals(value: Any) -> tuple[Signal, ...] | None:
    if not isinstance(value, list) or len(value) > MOST_SIGNALS:
        return None
    found = []
    for one in value:
        if not (
            isinstance(one, dict)
            and _text(one.get("name"), LONGEST_ID)
            and all(_number(one.get(name)) for name in ("value", "baseline"))
            and all(_text(one.get(name), LONGEST_WORDS) for name in ("why_zh", "why_en"))
        ):
            return None
        found.append(
            Signal(one["name"], float(one["value"]), float(one["baseline"]), one["why_zh"], one["why_en"])
        )
    return tuple(found)


def _evidence(value: Any) -> dict[str, tuple[str, ...]] | None:
    if value is None:
        value = {}
    if not isinstance(value, dict):
        return None
    found = {}
    for kind in KINDS_OF_EVIDENCE:
        ids = value.get(kind, [])
        if not isinstance(ids, list) or len(ids) > MOST_EVIDENCE:
            return None
        if not all(_text(one, LONGEST_ID) for one in ids):
            return None
        found[kind] = tuple(dict.fromkeys(ids))
    return found


def _wrong(number: int, name: str) -> Problem:
    (zh, en), mend = _FAULTS[name]
    return Problem(
        f"{number}.{name}" if name else f"{number}", None, f"lead.{name or 'object'}",
        f"第{number}条的{name}{zh}", f"{name or 'the line'} of lead {number} {en}", *mend,
    )  # fmt: skip
