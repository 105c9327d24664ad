"""How stages, operations and items are said on the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chengxin.design.words import Pair, say
from chengxin.kernel.problems import Problem
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import Item

STAGES: dict[str, Pair] = {
    "received": ("已接收", "received"),
    "checked": ("校验入档中", "being checked and kept"),
    "matched": ("匹配核验中", "being matched and verified"),
    "kept": ("已办结", "finished"),
    "refused": ("已拒收", "refused"),
}
OPERATIONS: dict[str, Pair] = {
    "new": ("新信息", "new"),
    "correction": ("更正", "correction"),
    "withdrawal": ("撤回", "withdrawal"),
}
MEANINGS: dict[str, Pair] = {
    "new": (
        "新信息：首次报送的信息。与已报送的完全相同的行算重复，不再入档；同一事项内容有变化的，自动记为更正",
        "New: information that is sent for the first time. Rows that say again what was sent are duplicates, "
        "not kept twice; a known fact told differently counts as a correction",
    ),
    "correction": (
        "更正：改正本单位报送过的信息。文件只写要改正的行，识别字段须与原报送一致；原内容留存，不再公示",
        "Correction: of what your organisation sent before. Give only the rows to correct, with the same "
        "identifying fields; what was said first stays on file and is no longer public",
    ),
    "withdrawal": (
        "撤回：收回本单位误报的信息。撤回后不再公示，档案中留存撤回记录",
        "Withdrawal: of what your organisation sent by mistake. It is no longer public; that it was "
        "withdrawn stays on file",
    ),
}


def stage(name: str, rejected: int = 0) -> tuple[str, str]:
    """A stage in words, and the badge it bears."""
    if name == "kept" and rejected:
        return say(("已办结，有退回", "finished, some rows rejected")), "warn"
    badge = {"kept": "good", "refused": "bad"}.get(name, "info")
    return say(STAGES[name]), badge


ACCEPTED = ".csv,.tsv,.txt,.xlsx,.xls,.json,.jsonl,.ndjson,.xml"
"""What the browser offers to choose; what a file is, its bytes decide."""


@dataclass(frozen=True)
class Step:
    """A station on a batch's way: `state` is done, current or empty."""

    title: str
    state: str


def steps(name: str) -> list[Step]:
    """The way of a batch that is at this stage."""
    titles = [
        say(("接收", "received")),
        say(("校验", "checked")),
        say(("匹配", "matched")),
        say(("入档办结", "kept")),
    ]
    at = {"received": 1, "checked": 1, "matched": 2, "kept": 4, "refused": 1}[name]
    return [
        Step(title, "done" if place < at else "current" if place == at else "")
        for place, title in enumerate(titles)
    ]


def told(problem: Problem) -> dict[str, str]:
    """What is wrong and how to mend it, in the page's language."""
    return {"said": say((problem.zh, problem.en)), "mend": say((problem.mend_zh, problem.mend_en))}


def item_name(id: str) -> str:
    """The newest name of an item; its id where the catalogue has dropped it."""
    found = [one for one in catalogue.versions() if one.id == id]
    return say((found[-1].name_zh, found[-1].name_en)) if found else id


def item_version(id: str, version: date) -> Item | None:
    """The version of an item that judged a batch."""
    return next((one for one in catalogue.versions() if (one.id, one.version) == (id, version)), None)


def field_name(item: Item | None, code: str) -> str:
    """A field by name; a problem without one is about the whole row."""
    if not code:
        return say(("整行", "the whole row"))
    found = next((one for one in item.fields if one.code == code), None) if item else None
    return say((found.name_zh, found.name_en)) if found else code


def item_choices() -> tuple[tuple[str, str], ...]:
    """Every item that batches may be of, for a filter."""
    names = {one.id: say((one.name_zh, one.name_en)) for one in catalogue.versions()}
    return tuple(names.items())
