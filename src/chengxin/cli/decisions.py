"""Commands of the lists: the nightly run, and what a changed rule would bring about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chengxin.cli.terminal import (
    HomeOption,
    JsonOption,
    command,
    open_home,
    print_json,
    progress_bar,
    say,
    stop,
    today,
)

if TYPE_CHECKING:
    from chengxin.decisions.nightly import Report
    from chengxin.decisions.simulation import Moves, Simulation

FAULTY = 1

_PARTS = {
    "expired": "期满移出 expired", "notices_closed": "告知期满 notices closed",
    "candidates": "新候选 new candidates", "imported": "转载 taken over",
    "withdrawn": "原机关移出 withdrawn by their authority", "questioned": "提请复核 put in question",
    "published": "公示 published", "red_removed": "移出红名单 off red lists", "reminded": "提醒 reminded of",
    "leads_due": "线索到期 leads due", "models_judged": "准确率过低的模型 models below their bar",
}  # fmt: skip
_NOW = {
    "entry": "在名单中 on the list",
    "qualifies": "现符合 qualifies now",
    "neither": "现不符合 doesn't now",
}
_KINDS = {
    "legal_person": "企业 firms", "organisation": "其他组织 organisations",
    "individual_business": "个体工商户 individual businesses", "natural_person": "自然人 natural persons",
}  # fmt: skip


@command
def nightly(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """夜间运行 What the day and the archive's news bring about: candidates, expiry, publication, reminders.

    The service does it after midnight by itself. Run twice on a day it changes nothing; killed in the middle,
    it goes on from there the next time.

    Example: chengxin nightly --home /srv/chengxin --json
    """
    with open_home(home):
        from chengxin.decisions.nightly import nightly as run

        with progress_bar("夜间运行 nightly") as progress:
            report = run(today(), progress)
        if as_json:
            print_json(report.as_dict())
        else:
            say(_report_text(report))


def _report_text(report: Report) -> str:
    lines = [f"{report.day}：{report.seconds:.1f} 秒 seconds"]
    lines += [f"  {_PARTS.get(one.part, one.part)}: {one.count:,}" for one in report.parts]
    return "\n".join(lines)


@command
def simulate(
    rule: Annotated[
        Path, typer.Argument(metavar="RULE.toml", help="名单规则草案 / a drafted list", show_default=False)
    ],
    home: HomeOption = None,
    limit: Annotated[
        int, typer.Option("--limit", min=0, max=1_000_000, help="列出多少主体 / subjects that are named")
    ] = 20,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="另存为CSV / write them to this file", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """规则试算 Who would enter and who would leave a list if this rule were enacted. Nothing is written.

    The draft is a file as rulebook/data/lists has them; a faulty one is refused with what to mend (exit 1).

    Example: chengxin simulate brushing.toml --home /srv/chengxin --limit 50 --csv movers.csv
    """
    from chengxin.rulebook.list_checks import load
    from chengxin.rulebook.lists import ListError

    try:
        draft = load(rule)
    except ListError as faulty:
        stop(
            f"{rule.name} 不能试算，请更正 / can't be tried, please mend:\n"
            + "\n".join(f"  {one}" for one in faulty.faults),
            FAULTY,
        )
    except OSError as unreadable:
        stop(f"{rule} 不能读取：{unreadable.strerror} / can't be read: {unreadable.strerror}", FAULTY)
    with open_home(home):
        from chengxin.decisions.simulation import simulate as run

        with progress_bar(draft.name_zh) as progress:
            found = run(draft, today(), limit=limit, progress=progress)
        if csv is not None:
            csv.write_text(found.as_csv(), encoding="utf-8-sig", newline="")
        if as_json:
            print_json(found.as_dict())
        else:
            say(_simulation_text(found))


def _simulation_text(found: Simulation) -> str:
    told = found.as_dict()
    lines = [
        f"{found.draft.name_zh} {found.draft.name_en} · {found.on}",
        f"  {told['rule_zh']}",
        f"  {told['rule_en']}",
        f"  现符合 qualify now {found.now:,}，改后符合 would qualify {found.then:,}，"
        f"在名单中 on the list {found.entries:,}",
    ]
    if found.open_ended:
        lines.append("  没有任何记录的主体也符合，未计入 / whoever has no record qualifies, too; not counted")
    lines += _moves_text("将列入 would enter", found.enter)
    lines += _moves_text("将移出 would leave", found.leave)
    return "\n".join(lines)


def _moves_text(title: str, moves: Moves) -> list[str]:
    from chengxin.rulebook.places import full_name, is_region

    lines = [f"{title}: {moves.count:,}"]
    places = [
        f"{full_name(code) if is_region(code) else '区划不详 region unknown'} {count:,}"
        for code, count in moves.by_region.items()
    ]
    kinds = [f"{_KINDS.get(kind, kind)} {count:,}" for kind, count in moves.by_kind.items()]
    lines += [f"  {'，'.join(some)}" for some in (places, kinds) if some]
    for one in moves.subjects:
        records = "，".join(f"{record.id}（{record.source}，{record.on}）" for record in one.records)
        lines.append(f"  {one.name} {one.code} · {_NOW[one.now]} · {records or '—'}")
        lines += [f"    {said}" for why in one.why for said in why]
    if moves.count > len(moves.subjects):
        lines.append(f"  … {moves.count - len(moves.subjects):,} 未列出 more; --limit")
    return lines


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(nightly)
    app.command()(simulate)
