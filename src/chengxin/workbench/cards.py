"""What a person's home shows: one table of cards, each for those whose role may do its action.

A later room that has work for people adds a function and a line to `CARDS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import SIGNED_IN
from chengxin.accounts.models import Invitation
from chengxin.accounts.permissions import Actor, roles
from chengxin.audit.models import Access
from chengxin.audit.rules import KINDS
from chengxin.cases import worklist
from chengxin.cases.pages.parts import Due, due
from chengxin.design import words
from chengxin.design.charts import Chart
from chengxin.design.showing import item_of
from chengxin.desk import queries as desk
from chengxin.desk.models import SavedFilter
from chengxin.exchange.models import Batch
from chengxin.measures import queries as measures
from chengxin.registry import stewarding
from chengxin.registry.models import MatchCandidate
from chengxin.registry.verification import reported_until
from chengxin.rulebook.measures import measure
from chengxin.rulebook.procedures import procedure
from chengxin.triage import queries as triage
from chengxin.workbench.identity import queries as identity_queries

LINES = 5
"""Lines of a card; its page shows the rest."""

DAYS = 14
"""Days that the chart of a person's own work looks back."""


@dataclass(frozen=True)
class Line:
    """One thing: where it is done, until when. `id` is that of a saved filter that can be deleted here."""

    text: str
    url: str = ""
    due: Due | None = None
    badge: tuple[str, str] | None = None
    id: int | None = None


@dataclass(frozen=True)
class Content:
    """What a card holds.

    more   title and address of the page with everything
    empty  said when nothing waits
    """

    lines: Sequence[Line] = ()
    figures: Sequence[tuple[str, int]] = ()
    chart: Chart | None = None
    more: tuple[str, str] | None = None
    empty: str = ""


@dataclass(frozen=True)
class Card:
    """A card of the home: its id, its title, the action that shows it, and what fills it (None: no card)."""

    id: str
    title: str
    permission: str
    function: Callable[[Actor, date], Content | None]


# --- what waits ---------------------------------------------------------------------------------------------


def _notices(actor: Actor, today: date) -> Content:
    english = words.english()
    lines = [
        Line(one.en if english else one.zh, one.url, due(one.due, today))
        for one in desk.waiting(actor.user or 0, LINES)
    ]
    return Content(lines, more=(gettext("全部通知"), reverse("notices")), empty=gettext("没有未读通知。"))


def _matching(actor: Actor, today: date) -> Content:
    number = stewarding.waiting()
    first = stewarding.queue(None, LINES).candidates if number else ()
    lines = [
        Line(
            gettext("第%(number)s对，可能性%(share)s%%")
            % {"number": one.id, "share": round(one.probability * 100)},
            reverse("matching-pair", args=[one.id]),
        )
        for one in first
    ]
    return Content(
        lines,
        figures=[(gettext("待复核（对）"), number)],
        more=(gettext("打开待复核队列"), reverse("matching")),
        empty=gettext("没有等待复核的匹配。"),
    )


_STATES = {
    "received": ("info", gettext_noop("已收到")),
    "checked": ("info", gettext_noop("校验中")),
    "matched": ("info", gettext_noop("入库中")),
    "refused": ("bad", gettext_noop("文件被退回")),
    "kept": ("warn", gettext_noop("有退回的行")),
}


def _batches(actor: Actor, today: date) -> Content:
    """Batches that are under way, were refused, or have rejected rows that no later batch mends."""
    reach = actor.reach("batch.send")
    waiting = Batch.objects.filter(
        Q(finished_at=None) | Q(stage="refused") | Q(rejected__gt=0), followed_by=None
    )
    if not reach.everything:
        waiting = waiting.filter(source__in=reach.organisations)
    lines = []
    for one in waiting.filter(received_on__gte=today - timedelta(days=90)).order_by("-pk")[:LINES]:
        item, (badge, state) = item_of(one.item), _STATES[one.stage]
        name = words.say((item.name_zh, item.name_en)) if item else one.item
        text = gettext("第%(number)s批 %(item)s：%(rejected)s行未通过") % {
            "number": one.pk,
            "item": name,
            "rejected": one.rejected,
        }
        lines.append(Line(text, reverse("batch", args=[one.pk]), badge=(badge, gettext(state))))
    return Content(
        lines,
        more=(gettext("全部批次"), reverse("batches")),
        empty=gettext("报送的批次都已办结。"),
    )


def _identity(actor: Actor, today: date) -> Content:
    counts = identity_queries.figures(actor.reach("identity.read")).states
    figures = [(words.say(words.VERIFICATION[state][0]), number) for state, number in counts.items()]
    half = f"{today.year}-{'01' if today.month < 7 else '07'}"
    limit = due(reported_until(half, today), today)
    text = gettext("%s期身份信息的有效期") % half
    return Content(
        [Line(text, reverse("identity"), limit)] if limit and any(counts.values()) else (),
        figures=figures,
        more=(gettext("逐家查看"), reverse("identity")),
        empty=gettext("没有核验不符的网店。"),
    )


def _invitations(actor: Actor, today: date) -> Content:
    reach = actor.reach("user.manage")
    opened = Invitation.objects.filter(user=None, taken_back_at=None, expires_at__gt=timezone.now())
    if not reach.everything:
        opened = opened.filter(organisation__in=reach.organisations)
    known = roles()
    lines = [
        Line(
            f"{one.name} · {words.say((known[one.role].zh, known[one.role].en))}",
            reverse("users"),
            due(timezone.localdate(one.expires_at), today),
        )
        for one in opened.order_by("expires_at")[:LINES]
    ]
    return Content(
        lines,
        more=(gettext("用户和邀请"), reverse("users")),
        empty=gettext("没有等待接受的邀请。"),
    )


def _case_line(one: worklist.Line, today: date) -> Line:
    declared = procedure(one.procedure)
    state = declared.states[one.state]
    name = words.say((declared.name_zh, declared.name_en))
    text = f"{one.name} · {name}" if one.name else f"{name} {one.id}"
    return Line(
        text,
        reverse("case", args=[one.id]),
        due(one.due_on, today),
        badge=("info", words.say((state.zh, state.en))),
    )


def _cases(actor: Actor, today: date) -> Content:
    """The cases that wait for this person, by the last day of their period, and how many in which state."""
    numbers = worklist.counts(actor, today)
    first = worklist.first_due(actor, today, LINES) if numbers else []
    figures = []
    for of, state, number in numbers:
        declared = procedure(of)
        named = declared.states[state]
        figures.append(
            (words.say((f"{declared.name_zh}：{named.zh}", f"{declared.name_en}: {named.en}")), number)
        )
    return Content(
        [_case_line(one, today) for one in first],
        figures=figures,
        more=(gettext("全部待我办理的事项"), f"{reverse('cases')}?waiting=me"),
        empty=gettext("没有等待您办理的事项。"),
    )


def _leads(actor: Actor, today: date) -> Content:
    """How many leads of the supervision models wait, and how many the office can still look at today."""
    waiting = sum(triage.counts(actor.reach("lead.decide")).values())
    office = triage.day(actor, today)
    return Content(
        figures=[(gettext("待办线索"), waiting), (gettext("今日还可办"), min(office.left, waiting))]
        if waiting
        else (),
        more=(gettext("打开今日清单"), reverse("leads")),
        empty="" if waiting else gettext("没有等待办理的线索。"),
    )


def _measures(actor: Actor, today: date) -> Content:
    """The tasks of joint measures whose period ends first, and how many stand in which state."""
    reach = actor.reach("measure.read")
    counts, late = measures.states(reach, today)
    states = procedure("measure").states.values()
    figures = [
        (words.say((one.zh, one.en)), counts[one.id]) for one in states if one.due and counts.get(one.id)
    ]
    if late:
        figures.append((gettext("超期"), late))
    lines = [
        Line(f"{_measure_name(one.measure)} · {one.name}", reverse("measure", args=[one.id]),
             due(one.due_on, today))
        for one in measures.first_due(reach, LINES)
    ]  # fmt: skip
    return Content(
        lines,
        figures=figures,
        more=(gettext("全部任务"), reverse("measures")),
        empty=gettext("没有等待办理的联合奖惩任务。"),
    )


def _measure_name(id: str) -> str:
    found = measure(id)
    return words.say((found.name_zh, found.name_en))


def _own(actor: Actor, today: date) -> Content:
    return Content([Line(gettext("查看归集到的信息，以及谁查询过"), reverse("own"))])


# --- what was done ------------------------------------------------------------------------------------------


def _done(actor: Actor, today: date) -> Content:
    """The last steps, pairs and batches of this person."""
    decided = MatchCandidate.objects.filter(decided_by=actor.name).exclude(state="open").order_by("-pk")
    lines = []
    if actor.may("case.read"):
        for case, of, step, day in worklist.taken(actor, LINES):
            declared = procedure(of).step(step)
            given = {"number": case, "said": words.say((declared.zh, declared.en)), "day": day}
            text = gettext("第%(number)s号事项：%(said)s（%(day)s）") % given
            lines.append(Line(text, reverse("case", args=[case])))
    if actor.may("match.read"):
        for one in decided[:LINES]:
            said = gettext("同一主体") if one.state == "same" else gettext("不同主体")
            text = gettext("第%(number)s对认定为%(said)s") % {"number": one.pk, "said": said}
            lines.append(Line(text, reverse("matching-pair", args=[one.pk])))
    if actor.may("batch.read"):
        for sent in Batch.objects.filter(sent_by_id=actor.user).order_by("-pk")[:LINES]:
            text = gettext("报送第%(number)s批，入库%(kept)s条") % {"number": sent.pk, "kept": sent.kept}
            lines.append(Line(text, reverse("batch", args=[sent.pk])))
    return Content(lines, empty=gettext("还没有办理记录。"))


def _looks(actor: Actor, today: date) -> Content | None:
    """What this person looked up in the last days: a figure a kind, a chart by day."""
    since = today - timedelta(days=DAYS - 1)
    mine = Access.objects.filter(user=actor.user, at__date__gte=since)
    kinds = dict(mine.values_list("what").annotate(n=Count("pk")).order_by("-n"))
    if not kinds:
        return Content(empty=gettext("近两周没有查询不公示的信息。"))
    by_day = dict(mine.annotate(day=TruncDate("at")).values_list("day").annotate(n=Count("pk")))
    days = [since + timedelta(days=number) for number in range(DAYS)]
    chart = Chart(
        id="my-looks",
        title=gettext("近两周我的查询"),
        kind="bar",
        categories=[day.strftime("%m-%d") for day in days],
        series=[(gettext("查询"), [by_day.get(day, 0) for day in days])],
        unit=gettext("次"),
    )
    return Content(figures=[(words.say(KINDS[kind]), n) for kind, n in kinds.items()], chart=chart)


def _filters(actor: Actor, today: date) -> Content | None:
    kept = SavedFilter.objects.filter(user_id=actor.user or 0).order_by("path", "name")
    lines = [Line(one.name, f"{one.path}?{one.query}" if one.query else one.path, id=one.pk) for one in kept]
    return Content(lines) if lines else None


CARDS: tuple[Card, ...] = (
    Card("notices", gettext_noop("未读通知"), SIGNED_IN, _notices),
    Card("cases", gettext_noop("待我办理"), "case.read", _cases),
    Card("leads", gettext_noop("监管线索"), "lead.decide", _leads),
    Card("measures", gettext_noop("联合奖惩任务"), "measure.read", _measures),
    Card("matching", gettext_noop("待复核匹配"), "match.decide", _matching),
    Card("batches", gettext_noop("待处理的报送"), "batch.send", _batches),
    Card("identity", gettext_noop("身份核验不符"), "identity.read", _identity),
    Card("invitations", gettext_noop("待接受的邀请"), "user.manage", _invitations),
    Card("own", gettext_noop("本人信用信息"), "own.read", _own),
    Card("done", gettext_noop("我最近办理的"), SIGNED_IN, _done),
    Card("looks", gettext_noop("我的查询"), SIGNED_IN, _looks),
    Card("filters", gettext_noop("我保存的筛选"), SIGNED_IN, _filters),
)
"""Every card, in the order in which the home shows them."""


@dataclass(frozen=True)
class Shown:
    """A card with what it holds now."""

    id: str
    title: str
    content: Content


def cards(actor: Actor, today: date) -> list[Shown]:
    """The cards of this person."""
    found = []
    for one in CARDS:
        if one.permission == SIGNED_IN or actor.may(one.permission):
            content = one.function(actor, today)
            if content is not None:
                found.append(Shown(one.id, gettext(one.title), content))
    return found
