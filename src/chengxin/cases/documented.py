"""docs/procedures.md, made from the declarations: `python -m chengxin.cases.documented`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chengxin.accounts.permissions import action, roles
from chengxin.cases.names import condition_name, document_name
from chengxin.cases.wording import who_takes
from chengxin.rulebook import laws
from chengxin.rulebook.deadlines import history
from chengxin.rulebook.procedures import Procedure, State, Step, procedures

PAGE = Path(__file__).parents[3] / "docs" / "procedures.md"


def text() -> str:
    """The page."""
    lines = [
        "# Procedures",
        "",
        "Made from [the declarations](../src/chengxin/rulebook/data/procedures), which the engine, the pages",
        "and the tests walk; a test holds the two side by side. The site draws each at `/procedures`. What",
        "does not stand here can't be done.",
        "",
        *(f"- [{one.name_zh} {one.name_en}](#{one.id})" for one in procedures().values()),
        "",
    ]
    for one in procedures().values():
        lines += [*_procedure(one), ""]
    return "\n".join(lines)


def _cited(law: str, article: str) -> str:
    name = laws.law(law).name_zh
    return f"《{name}》第{article}条" if article else f"《{name}》"


def _procedure(one: Procedure) -> Iterator[str]:
    yield from (f'<a id="{one.id}"></a>', "", f"## {one.name_zh} · {one.name_en}", "")
    yield from (f"`{one.id}`, {_cited(one.law, one.article)}", "", "### States", "")
    yield from ("| state | period | |", "|---|---|---|")
    yield from (f"| {_named(state)} | {_period(state)} | {_marks(state)} |" for state in one.states.values())
    yield from (
        "",
        "### Steps",
        "",
        "| step | from | to | by | only if | documents |",
        "|---|---|---|---|---|---|",
    )
    yield from (_step(one, step) for step in one.steps)
    yield from ("", "### Who may do what where", "")
    yield from _matrix(one)


def _named(one: State | Step) -> str:
    return f"{one.zh} {one.en} (`{one.id}`)"


def _period(state: State) -> str:
    """The periods of a state, each by its law and dates in force."""
    if state.due is None:
        return ""
    found = []
    for row in history(state.due):
        until = f" until {row.until}" if row.until else ""
        unit = row.unit.replace("_", " ") + ("s" if row.length != 1 else "")
        found.append(f"{row.length} {unit}, {_cited(row.law, row.article)}, from {row.in_force}{until}")
    counted = f"; counted from `{state.due_from}`" if state.due_from else ""
    return f"{'; '.join(found)} (`{state.due}`){counted}"


def _marks(state: State) -> str:
    return ", ".join([*(["public"] if state.shown else []), *(["final"] if state.final else [])])


def _step(one: Procedure, step: Step) -> str:
    origin = ", ".join(f"`{id}`" for id in step.from_) or "opens the case"
    to = f"`{step.to}`" if step.to else "stays"
    papers = "; ".join(" ".join(document_name(kind)) for kind in step.documents)
    return (
        f"| {_named(step)} | {origin} | {to} | {who_takes(step, english=True)} | "
        f"{'; '.join(_conditions(one, step))} | {papers} |"
    )


def _conditions(one: Procedure, step: Step) -> Iterator[str]:
    if step.until_due:
        yield "within the period"
    if step.after_due:
        yield "after the period"
    if step.once:
        yield "once"
    if step.decides:
        yield f"signed, not by whoever did `{one.opening.id}`"
    if others := [id for id in step.not_by if not (step.decides and id == one.opening.id)]:
        yield f"not by whoever did {', '.join(f'`{id}`' for id in others)}"
    yield from (condition_name(id)[1] for id in step.conditions)


def _matrix(one: Procedure) -> Iterator[str]:
    """Role by state: the steps that the role takes there."""
    taking = [(role.id, role.zh, role.en) for role in roles().values() if _any(one, role.id)]
    running = [f"`{id}`" for id, state in one.states.items() if not state.final]
    yield f"| role | opening | {' | '.join(running)} |"
    yield f"|---|---|{'---|' * len(running)}"
    for id, zh, en in taking:
        yield f"| {zh} {en} | {_cells(one, id)} |"
    yield f"| 系统 system | {_cells(one, None)} |"


def _cells(one: Procedure, role: str | None) -> str:
    states = [None, *(id for id, state in one.states.items() if not state.final)]
    return " | ".join(
        ", ".join(f"`{step.id}`" for step in one.from_state(state) if _takes(step, role)) for state in states
    )


def _takes(step: Step, role: str | None) -> bool:
    if role is None:
        return step.system
    return step.permission is not None and role in action(step.permission).roles


def _any(one: Procedure, role: str) -> bool:
    return any(_takes(step, role) for step in one.steps)


def main() -> None:
    """Write it."""
    PAGE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
