"""What papers say of measures: which a decision brings, by which law, and which of them repair ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from chengxin.cases.models import Case
from chengxin.cases.queries import citing
from chengxin.decisions.lasting import last_day, outlives
from chengxin.decisions.matters import LISTED, DecisionMatter, Matter, RecordMatter, list_of
from chengxin.decisions.models import Entry
from chengxin.decisions.papers_common import Pair, day_words, law_words
from chengxin.rulebook.measures import Measure, measure

_REMOVED = "removed"
"""The state in which repair ends an entry."""


@dataclass(frozen=True)
class Ending:
    """The measures of an entry when repair ends it: those that end, those that the law lets go on."""

    ends: tuple[Measure, ...]
    stays: tuple[Measure, ...]


def ending_of(entry: Entry, today: date) -> Ending:
    """What becomes of the measures that actors have to carry out because of an entry."""
    tasks = Case.objects.filter(parent_id=entry.pk, procedure="measure", closed_on=None)
    ids = tasks.exclude(state="lifting").order_by("rule").values_list("rule", flat=True).distinct()
    known = [measure(id) for id in ids]
    stays = tuple(one for one in known if outlives(one, entry.published_on, _REMOVED, today))
    return Ending(tuple(one for one in known if one not in stays), stays)


def listed(measures: Sequence[Measure], list_id: str, today: date) -> list[Pair]:
    """A paragraph each: measure, who acts, law and article; the last one ends the list."""
    found = []
    for at, one in enumerate(measures, 1):
        zh, en = law_of(one, list_id, today)
        stop = ("；", ";") if at < len(measures) else ("。", ".")
        found.append(
            (
                f"（{at}）{one.name_zh}（{'，'.join(filter(None, (one.actor_zh, zh)))}）{stop[0]}",
                f"({at}) {one.name_en} ({'; '.join(filter(None, (one.actor_en, en)))}){stop[1]}",
            )
        )
    return found


def law_of(one: Measure, list_id: str, today: date) -> Pair:
    """The law that carries a measure for an entry in the list, with its article; "" where none does."""
    ground = next(iter(one.grounds(today, list_id)), None)
    return law_words(ground.law, ground.article) if ground else ("", "")


def after_repair(found: Matter | None, today: date) -> list[Pair]:
    """What repair ends on the day, and what goes on by which law until when: a paragraph each."""
    if isinstance(found, DecisionMatter):
        return _of_entry(found, today)
    return _of_record(found, today) if isinstance(found, RecordMatter) else []


def _of_entry(found: DecisionMatter, today: date) -> list[Pair]:
    said = [
        (
            f"自{day_words(today)[0]}起移出该名单，不再公示、共享和使用。",
            f"From {today} the entry has ended: it is no longer published, shared or used.",
        )
    ]
    if found.entry is None:
        return said
    ending = ending_of(found.entry, today)
    if not ending.ends and not ending.stays:
        said.append(("没有据此采取的措施。", "No measure rested on it."))
    if ending.ends:
        zh, en = _names(ending.ends)
        said.append(
            (
                f"据此采取的下列措施同时终止，执行单位应当解除并确认：{zh}。",
                f"These measures that rested on it end with it; whoever carried them out lifts them and "
                f"confirms: {en}.",
            )
        )
    said += [_stays(one, found.entry, today) for one in ending.stays]
    return said


def _stays(one: Measure, entry: Entry, today: date) -> Pair:
    zh, en = law_of(one, entry.list, today)
    last = last_day(one, entry.published_on)
    if last is not None:
        zh_until, en_until = f"至{day_words(last)[0]}止", f"until {last}"
    else:
        zh_until, en_until = "由作出决定的机关解除", "until whoever ordered it lifts it"
    by = (f"依照{zh}，", f" by the {en}") if zh else ("", "")
    return (
        f"{one.name_zh}不因修复终止：{by[0]}{zh_until}。",
        f"Not ended by the repair: {one.name_en}; it goes on{by[1]} {en_until}.",
    )


def _of_record(found: RecordMatter, today: date) -> list[Pair]:
    said = [
        (
            f"自{day_words(today)[0]}起不再公示、共享和使用。",
            f"From {today} it is no longer published, shared or used.",
        )
    ]
    numbers = {case for cases in citing(list(found.chain)).values() for case in cases}
    resting = list(Case.objects.filter(pk__in=numbers, procedure__in=LISTED, closed_on=None).order_by("pk"))
    entries = {one.pk: one for one in Entry.objects.filter(pk__in=numbers, ended_on=None)}
    if not resting:
        said.append(("没有以其为依据的名单和措施。", "No list and no measure rests on it."))
    for case in resting:
        rule = list_of(case)
        zh, en = (rule.name_zh, rule.name_en) if rule else (case.rule, case.rule)
        if case.procedure == "imported":
            tasks = Case.objects.filter(parent_id=case.pk, procedure="measure", closed_on=None)
            names = _names(measure(id) for id in sorted(set(tasks.values_list("rule", flat=True))))
            zh_with, en_with = (f"，随之采取的措施同时终止：{names[0]}", f", with its measures: {names[1]}")
            said.append(
                (
                    f"据此转载的“{zh}”名单记录（第{case.pk}号）同时移出{zh_with if names[0] else ''}。",
                    f"The entry in “{en}” that was taken over from it (no. {case.pk}) ends"
                    f"{en_with if names[1] else ''}.",
                )
            )
        elif case.pk in entries:
            said.append(
                (
                    f"据此作出的列入“{zh}”的决定（第{case.pk}号）由作出决定的机关复核；复核结束前，该决定和所附措施"
                    "仍然有效，可以另行申请修复。",
                    f"The decision to enter it in “{en}” (no. {case.pk}) is looked at again; "
                    "until then it and its measures stand, and their repair may be applied for.",
                )
            )
        else:
            said.append(
                (
                    f"据此提出的列入“{zh}”事项（第{case.pk}号）尚未公示，由办理机关复核。",
                    f"The case for “{en}” (no. {case.pk}), not published yet, is looked at again.",
                )
            )
    return said


def _names(measures: Iterable[Measure]) -> Pair:
    found = list(measures)
    return "、".join(one.name_zh for one in found), ", ".join(one.name_en for one in found)
