"""One batch: how far it is, then its receipt, what was wrong, and how to go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from chengxin.accounts.guard import actor_of, requires
from chengxin.accounts.permissions import Actor, Target
from chengxin.design.forms import Field
from chengxin.design.render import not_found, page, reading
from chengxin.design.words import say
from chengxin.exchange import batches, queries
from chengxin.exchange.checking.telling import shown
from chengxin.exchange.models import Batch
from chengxin.exchange.pages import wording
from chengxin.exchange.pages.wording import ACCEPTED
from chengxin.exchange.worker import worker
from chengxin.kernel.problems import Problem
from chengxin.rulebook.catalogue import Item

ROWS = 50
"""Rejected rows that the page shows; all are in the workbook."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def visible(actor: Actor, id: int) -> Batch | None:
    """The batch, if this person may see it."""
    found = Batch.objects.select_related("source", "sent_by").filter(pk=id).first() if id < 2**31 else None
    if found is None or not actor.may("batch.read", Target(organisation=found.source_id)):
        return None
    return found


@requires("batch.read")
@reading
def batch(request: HttpRequest, id: int) -> HttpResponse:
    """How far it is; when it has ended, its receipt."""
    actor = actor_of(request)
    found = visible(actor, id)
    if found is None:
        return _no_batch(request)
    own = actor.may("batch.send", Target(organisation=found.source_id))
    if found.finished_at is None:
        worker.wake()
    elif not found.receipt_given and own:
        batches.receipt_given(found.pk)
    return page(request, "exchange/batch", _values(found, actor, own=own), indexed=False)


@requires("batch.read")
@reading
def progress(request: HttpRequest, id: int) -> HttpResponse:
    """The part of the page that tells how far a batch is; the whole page anew once it has ended."""
    found = visible(actor_of(request), id)
    if found is None:
        return _no_batch(request)
    response = page(request, "exchange/parts/progress", _progress(found), indexed=False)
    if found.finished_at is not None:
        response["HX-Refresh"] = "true"
    return response


@requires("batch.read")
@require_safe
def workbook(request: HttpRequest, id: int) -> HttpResponse:
    """The rejected rows as they were sent, faults marked: for their sender alone."""
    actor = actor_of(request)
    found = visible(actor, id)
    path = settings.HOME.rejects / f"{id}.xlsx"
    if found is None or not found.rejected or not path.exists():
        return _no_batch(request)
    actor.must("batch.send", Target(organisation=found.source_id))
    file = FileResponse(path.open("rb"), as_attachment=True, filename=f"rejects-{id}.xlsx", content_type=XLSX)
    return cast("HttpResponse", file)  # the guards look at nothing but headers


def _no_batch(request: HttpRequest) -> HttpResponse:
    return not_found(
        request, gettext("没有这个批次，或不在您的查看范围"), gettext("请从“报送与回执”中选择。")
    )


def _progress(found: Batch) -> dict[str, Any]:
    stage, badge = wording.stage(found.stage, found.rejected)
    return {
        "batch": found,
        "stage": stage,
        "badge": badge,
        "steps": wording.steps(found.stage),
        "percent": round(100 * found.share),
        "share": f"{found.share:.0%}",
        "ended": found.finished_at is not None,
    }


def _values(found: Batch, actor: Actor, *, own: bool) -> dict[str, Any]:
    item = wording.item_version(found.item, found.item_version)
    ended = found.finished_at is not None
    rejected = ended and found.rejected > 0
    links = queries.chain(found.pk)
    stored = settings.HOME.inbox / bytes(found.sha256).hex()
    return _progress(found) | {
        "item_name": wording.item_name(found.item),
        "operation": say(wording.OPERATIONS[found.operation]),
        "sha256": bytes(found.sha256).hex(),
        "size": stored.stat().st_size if stored.exists() else None,
        "own": own,
        "refusal": wording.told(Problem(**found.refusal)) if found.refusal else None,
        "faults": [_fault(item, one) for one in found.faults],
        "rows": [_row(item, one) for one in queries.rejected(found.pk, ROWS)] if rejected else [],
        "has_workbook": rejected and (settings.HOME.rejects / f"{found.pk}.xlsx").exists(),
        "chain": links if len(links) > 1 else [],
        "earlier": [one for one in links if one.id == found.follows_id],
        "later": Batch.objects.filter(follows=found).order_by("pk")[:20],
        "mended": _mended(),
        "matching": _address("matching") if actor.may("match.read") else "",
    }


def _mended() -> Field:
    return Field(
        "file",
        gettext("改正后的文件"),
        "file",
        hint=gettext("下载的Excel文件改正后原样上传即可；行号和问题两列不影响报送"),
        attributes={"accept": ACCEPTED, "data-drop": ""},
    )


def _address(route: str) -> str:
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""


def _fault(item: Item | None, one: dict[str, Any]) -> dict[str, Any]:
    words = {name: one[name] for name in ("field", "rule", "zh", "en", "mend_zh", "mend_en")}
    field = wording.field_name(item, one["field"])
    return wording.told(Problem(value=None, **words)) | {"field": field, "count": one["count"]}


def _row(item: Item | None, row: queries.RejectedRow) -> dict[str, Any]:
    return {
        "row": row.row,
        "about": _about(item, row),
        "problems": [
            wording.told(one) | {"field": wording.field_name(item, one.field), "value": one.value}
            for one in row.problems
        ],
    }


_TOLD_APART = 2  # fields of the key; the sender knows the row by its number and these


def _about(item: Item | None, row: queries.RejectedRow) -> Sequence[str]:
    """By what its sender recognises the row: the filled fields of its key, personal ones masked."""
    if item is None:
        return []
    return [
        shown(item.field(code), row.values[code])
        for code in [code for code in item.key if row.values.get(code)][:_TOLD_APART]
    ]
