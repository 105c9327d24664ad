"""The form by which a person sends a file, and what happens when it is filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import BinaryIO, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of, requires
from chengxin.accounts.models import Organisation
from chengxin.archive.keeping import Operation
from chengxin.design import flash
from chengxin.design.forms import Field, filled
from chengxin.design.render import page
from chengxin.design.words import say
from chengxin.exchange import sending
from chengxin.exchange.actions import Refused
from chengxin.exchange.models import Batch
from chengxin.exchange.pages import wording
from chengxin.exchange.pages.wording import ACCEPTED
from chengxin.exchange.receiving import NotReceived
from chengxin.kernel.problems import Problem
from chengxin.rulebook.catalogue import FREQUENCIES, Item


@requires("batch.send")
def new(request: HttpRequest) -> HttpResponse:
    """Choose an item, what the file is for, and the file; after it, the batch."""
    own = sending.senders(actor_of(request))
    items = sending.items_of(own, timezone.localdate())
    if request.method != "POST":
        fields = [
            replace(one, value=request.GET[one.name]) if request.GET.get(one.name) else one
            for one in _fields(own, items)
        ]
        return _form(request, fields, own, items, _followed(request, request.GET.get("follows", "")))
    try:
        sent = _send(request, own, items)
    except (Refused, NotReceived) as failed:
        fields = filled(_fields(own, items), request.POST, [failed.problem])
        followed = _followed(request, request.POST.get("follows", ""))
        return _form(request, fields, own, items, followed, problem=failed.problem)
    if sent.again:
        flash.say(
            request,
            f"这个文件此前已经收到，即第{sent.batch.pk}批，未重复接收",
            f"this file is here already, as batch {sent.batch.pk}; it was not taken in twice",
            kind="info",
        )
    else:
        flash.say(
            request,
            f"文件已接收，批次编号{sent.batch.pk}",
            f"the file was taken in as batch {sent.batch.pk}",
        )
    return HttpResponseRedirect(reverse("batch", args=[sent.batch.pk]), status=303)


def _send(request: HttpRequest, own: Sequence[Organisation], items: Sequence[Item]) -> sending.Sent:
    post = request.POST
    item = next((one for one in items if one.id == post.get("item")), None)
    if item is None:
        raise Refused(_choose("item", "请选择报送项目", "choose an item"))
    if post.get("operation") not in wording.OPERATIONS:
        raise Refused(_choose("operation", "请选择报送类型", "choose what the file is for"))
    organisation = next((one.pk for one in own if str(one.pk) == post.get("organisation")), None)
    if organisation is None and len(own) == 1 and not post.get("organisation"):
        organisation = own[0].pk
    if organisation is None:
        raise Refused(_choose("organisation", "请选择报送单位", "choose the organisation for which you send"))
    files = request.FILES.getlist("file")
    if len(files) != 1:
        raise Refused(
            _choose("file", "请选择一个文件", "choose a file")
            if not files
            else _choose("file", "一次只能报送一个文件", "send one file at a time")
        )
    file, follows = files[0], post.get("follows", "")
    return sending.send(
        actor_of(request),
        cast("BinaryIO", file),
        file.size or 0,
        name=file.name or "",
        organisation=organisation,
        item=item,
        operation=cast("Operation", post["operation"]),
        today=timezone.localdate(),
        follows=int(follows) if follows.isdecimal() and len(follows) < 10 else None,
    )


def _choose(field: str, zh: str, en: str) -> Problem:
    return Problem(field, None, "required", zh, en)


def _followed(request: HttpRequest, number: str) -> Batch | None:
    """The batch that the file is to mend, when it is one of the person's own."""
    if not number.isdecimal() or len(number) > 9:
        return None
    reach = actor_of(request).reach(sending.ACTION)
    return Batch.objects.filter(pk=int(number), source_id__in=reach.organisations).first()


def _fields(own: Sequence[Organisation], items: Sequence[Item]) -> list[Field]:
    """The form. Whoever sends for one organisation isn't asked for which."""
    fields = []
    if len(own) > 1:
        fields.append(
            Field(
                "organisation",
                gettext("报送单位"),
                "select",
                choices=(("", gettext("请选择")), *((str(one.pk), one.name) for one in own)),
            )
        )
    fields += [
        Field(
            "item",
            gettext("报送项目"),
            "select",
            choices=(
                ("", gettext("请选择")),
                *((one.id, say((one.name_zh, one.name_en))) for one in items),
            ),
            hint=gettext("只列出征集目录规定由本单位报送的项目"),
        ),
        Field(
            "operation",
            gettext("报送类型"),
            "radio",
            value="new",
            choices=tuple((id, say(pair)) for id, pair in wording.MEANINGS.items()),
        ),
        Field(
            "file",
            gettext("报送的文件"),
            "file",
            hint=gettext("CSV、XLSX、XLS、JSON、JSON Lines或XML，不超过8 GiB；首行为列名，含全部必填列"),
            attributes={"accept": ACCEPTED, "data-drop": ""},
        ),
    ]
    return fields


def _form(
    request: HttpRequest,
    fields: Sequence[Field],
    own: Sequence[Organisation],
    items: Sequence[Item],
    followed: Batch | None,
    *,
    problem: Problem | None = None,
) -> HttpResponse:
    shown = {field.name for field in fields}
    general = wording.told(problem) if problem and problem.field not in shown else None
    return page(
        request,
        "exchange/new",
        {
            "fields": fields,
            "senders": own,
            "items": [
                {
                    "id": one.id,
                    "name": say((one.name_zh, one.name_en)),
                    "about": say((one.about_zh, one.about_en)),
                    "frequency": say(FREQUENCIES[one.frequency]),
                    "required": sum(field.required for field in one.fields),
                    "fields": len(one.fields),
                }
                for one in items
            ],
            "followed": followed,
            "general": general,
        },
        status=422 if problem else 200,
        indexed=False,
    )
