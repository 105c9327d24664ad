"""The steward's queue and each of its pairs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST

from chengxin.accounts.guard import actor_of, requires
from chengxin.archive import joining
from chengxin.audit.actions import looked
from chengxin.audit.purposes import needs_purpose
from chengxin.database import reading
from chengxin.design import words
from chengxin.design.render import not_found, page
from chengxin.design.tables import Asked, Cell, Column, Filter, Rows, Table, table_page
from chengxin.kernel.problems import Problem
from chengxin.registry import stewarding
from chengxin.registry.queries import BadCursor
from chengxin.registry.refusing import Refused
from chengxin.registry.stewarding import Candidate, Pair, Wanted
from chengxin.rulebook.catalogue import SUBJECT_KINDS
from chengxin.workbench.logged import Looks, purpose
from chengxin.workbench.matching import comparing
from chengxin.workbench.places import CITIES

LONGEST_REASON = 300

REASONS_SAME = (
    gettext_noop("营业执照一致"),
    gettext_noop("法定代表人和地址一致"),
    gettext_noop("同一主体更名"),
)
REASONS_DIFFERENT = (
    gettext_noop("同名不同主体"),
    gettext_noop("总部与分支机构"),
    gettext_noop("关联企业，登记不同"),
)
"""What stewards mostly give as reason."""

TABLE = Table(
    id="matching",
    title=gettext_noop("待复核匹配"),
    columns=(
        Column("probability", gettext_noop("可能性"), kind="share"),
        Column("one", gettext_noop("主体一")),
        Column("other", gettext_noop("主体二")),
        Column("kind", gettext_noop("主体类别")),
        Column("region", gettext_noop("区划")),
        Column("evidence", gettext_noop("主要依据")),
    ),
    filters=(
        Filter(
            "least",
            gettext_noop("可能性不低于"),
            kind="choice",
            choices=(("0.9", "90%"), ("0.7", "70%"), ("0.5", "50%")),
        ),
        Filter(
            "kind",
            gettext_noop("主体类别"),
            kind="choice",
            choices=tuple((id, names[0]) for id, names in SUBJECT_KINDS.items()),
        ),
        Filter("region", gettext_noop("区划"), kind="choice", choices=CITIES),
    ),
)


@requires("match.read")
@needs_purpose
def matching(request: HttpRequest) -> HttpResponse:
    """The pairs that wait, the most probable first."""

    looks = Looks(request, "matching")

    def fetch(asked: Asked, most: int) -> Rows:
        filters = asked.filters
        wanted = Wanted(_share(filters.get("least", "")), filters.get("kind", ""), filters.get("region", ""))
        try:
            found = _pairs(asked.after or None, most, wanted)
        except BadCursor:
            found = _pairs(None, most, wanted)
        looks.listed(_subjects(found.candidates))
        return Rows(tuple(_row(one) for one in found.candidates), found.next)

    values = {"waiting": stewarding.waiting(), **just_decided(request)}
    return table_page(request, "workbench/matching", TABLE, fetch, values, exported=looks.exported)


def _pairs(after: str | None, most: int, wanted: Wanted) -> stewarding.Page:
    """A page of the queue; for an export as many pages as it takes."""
    found: list[Candidate] = []
    while True:
        part = stewarding.queue(after, min(most - len(found), stewarding.MOST), wanted)
        found += part.candidates
        after = part.next
        if after is None or len(found) >= most:
            return stewarding.Page(tuple(found), after)


def _share(text: str) -> float:
    return float(text) if re.fullmatch(r"0\.\d", text, re.ASCII) else 0.0


def _row(one: Candidate) -> dict[str, Cell | str | float]:
    url = reverse("matching-pair", args=[one.id])
    best = comparing.evidence(one)[:2]
    return {
        "probability": one.probability,
        "one": Cell(one.one.name, url=url, note=one.one.code),
        "other": Cell(one.other.name, note=one.other.code),
        "kind": words.say(SUBJECT_KINDS[one.one.kind]),
        "region": one.one.region["name"] if one.one.region else "",
        "evidence": words.joined([f"{each.name} {each.level}" for each in best]),
    }


def _subjects(candidates: Sequence[Candidate]) -> list[int]:
    return [side.id for one in candidates for side in (one.one, one.other)]


# --- one pair -----------------------------------------------------------------------------------------------


@requires("match.read")
@needs_purpose
def pair(request: HttpRequest, id: int) -> HttpResponse:
    """Both sides of a pair, what speaks for and against it, and (POST) the decision."""
    if request.method == "POST":
        return _decide(request, id)
    return _shown(request, id)


def _decide(request: HttpRequest, id: int) -> HttpResponse:
    actor, post = actor_of(request), request.POST
    actor.must("match.decide")
    said = post.get("do", "")
    found = stewarding.pair(id) if id < 2**63 else None
    if found is None:
        return _no_pair(request)
    if said not in ("same", "different"):
        return _shown(request, id, _unclear())
    reason = _plain(post.get("reason") or post.get("preset") or "")
    going_on = stewarding.following(found.candidate) or stewarding.preceding(found.candidate)
    try:
        merge = joining.decide(id, said == "same", by=actor, on=timezone.localdate(), reason=reason)
    except Refused as refused:
        return _shown(request, id, refused.problem, 409)
    told = urlencode({"decided": id} | ({"merge": merge} if merge is not None else {}))
    where = reverse("matching-pair", args=[going_on]) if going_on is not None else reverse("matching")
    return HttpResponseRedirect(f"{where}?{told}")


def _plain(reason: str) -> str:
    """A reason without signs that can't be seen; some of them no table keeps."""
    return "".join(sign for sign in " ".join(reason.split()) if sign.isprintable())[:LONGEST_REASON]


def _shown(request: HttpRequest, id: int, problem: Problem | None = None, status: int = 400) -> HttpResponse:
    found = stewarding.pair(id) if id < 2**63 else None
    if found is None:
        return _no_pair(request)
    candidate = found.candidate
    looked(actor_of(request), _subjects([candidate]), "match", purpose(request))
    values: dict[str, Any] = {
        "pair": found,
        "candidate": candidate,
        "percent": round(candidate.probability * 100),
        "fields": comparing.fields(candidate),
        "evidence": comparing.evidence(candidate),
        "sides": [(side, comparing.records(side)) for side in (candidate.one, candidate.other)],
        "following": stewarding.following(candidate),
        "preceding": stewarding.preceding(candidate),
        "waiting": stewarding.waiting(),
        "may_decide": _may_decide(request, found),
        "presets": [gettext(one) for one in (*REASONS_SAME, *REASONS_DIFFERENT)],
        "longest": LONGEST_REASON,
        "problem": _said(problem),
        **just_decided(request),
    }
    return page(request, "workbench/pair", values, status if problem else 200, indexed=False)


def _may_decide(request: HttpRequest, found: Pair) -> bool:
    return found.state == "open" and not found.settled and actor_of(request).may("match.decide")


def _said(problem: Problem | None) -> dict[str, str] | None:
    if problem is None:
        return None
    return {
        "what": words.say((problem.zh, problem.en)),
        "mend": words.say((problem.mend_zh, problem.mend_en)),
    }


def _unclear() -> Problem:
    return Problem(
        "do", None, "decision",
        "没有选择认定结果", "no decision was chosen",
        "请选择“同一主体”或“不同主体”", "choose one subject or two",
    )  # fmt: skip


def _no_pair(request: HttpRequest) -> HttpResponse:
    return not_found(request, gettext("没有这一对待复核匹配"), gettext("请从待复核队列中选择。"))


_MINE = """
SELECT m.id, m.made_on FROM registry_merge m WHERE m.id = %s::bigint AND m.by = %s::text
    AND m.undoes_id IS NULL AND NOT EXISTS (SELECT FROM registry_merge u WHERE u.undoes_id = m.id)"""


def just_decided(request: HttpRequest) -> dict[str, Any]:
    """The pair that this person has just decided, for the page after it, and the merge to undo."""
    named, merge = request.GET.get("decided", ""), request.GET.get("merge", "")
    if not re.fullmatch("[1-9][0-9]{0,17}", named, re.ASCII):
        return {}
    found = stewarding.pair(int(named))
    if found is None or found.state == "open":
        return {}
    made: tuple[int, date] | None = None
    if re.fullmatch("[1-9][0-9]{0,17}", merge, re.ASCII):
        made = reading.row(_MINE, [int(merge), actor_of(request).name])
    return {"decided": found, "undoable": made[0] if made else None}


@requires("merge.undo")
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take a merge back that was a mistake; the pair is shown again as it was decided."""
    merge, back = request.POST.get("merge", ""), request.POST.get("pair", "")
    if not re.fullmatch("[1-9][0-9]{0,17}", merge, re.ASCII):
        return _no_pair(request)
    reason = _plain(request.POST.get("reason", ""))
    try:
        joining.undo_merge(
            int(merge), by=actor_of(request), reason=reason or "复核认定有误", on=timezone.localdate()
        )
    except Refused as refused:
        problem = refused.problem
        return not_found(
            request, words.say((problem.zh, problem.en)), words.say((problem.mend_zh, problem.mend_en))
        )
    known = re.fullmatch("[1-9][0-9]{0,17}", back, re.ASCII)
    where = reverse("matching-pair", args=[int(back)]) if known else reverse("matching")
    return HttpResponseRedirect(f"{where}?undone=1")
