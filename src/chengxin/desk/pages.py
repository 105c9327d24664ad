"""The pages of a person's desk: notices, and where saved filters are kept, renamed and deleted."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from chengxin.accounts.guard import actor_of, signed_in
from chengxin.design import words
from chengxin.design.render import failure, page
from chengxin.desk import actions, queries
from chengxin.desk.models import Notice

_PAGE = re.compile("[1-9][0-9]{0,3}", re.ASCII)
_NUMBER = re.compile("[1-9][0-9]{0,17}", re.ASCII)


@signed_in
def notices(request: HttpRequest) -> HttpResponse:
    """A person's notices, the unread first; a POST marks one read, or all."""
    actor = actor_of(request)
    if request.method == "POST":
        return _marked(request)
    asked = request.GET.get("page", "1")
    number = int(asked) if _PAGE.fullmatch(asked) else 1
    found = queries.notices(actor.user or 0, number)
    values = {
        "notices": found.listed,
        "previous": number - 1,
        "next": number + 1 if found.more else None,
        "today": timezone.localdate(),
        "english": words.english(),
    }
    return page(request, "desk/notices", values, indexed=False)


def _marked(request: HttpRequest) -> HttpResponse:
    """Mark read what was named; whoever opens a notice goes on to its page."""
    actor, named = actor_of(request), request.POST.get("id", "")
    if not named and request.POST.get("do") == "all":
        actions.mark_read(actor)
    elif _NUMBER.fullmatch(named):
        actions.mark_read(actor, int(named))
        if request.POST.get("do") == "open":
            one = Notice.objects.filter(pk=int(named), user_id=actor.user or 0).first()
            if one is not None:
                return HttpResponseRedirect(one.url)
    return HttpResponseRedirect(reverse("notices"))


@signed_in
@require_POST
def filters(request: HttpRequest) -> HttpResponse:
    """Keep a filter (`name`, `query`, `path`); `do` may be rename or delete, of the own one named by `id`."""
    actor, post = actor_of(request), request.POST
    do = post.get("do") or "save"
    try:
        if do == "save":
            kept = actions.save_filter(
                actor, path=post.get("path", ""), name=post.get("name", ""), query=post.get("query", "")
            )
            return HttpResponseRedirect(f"{kept.path}?{kept.query}" if kept.query else kept.path)
        named = post.get("id", "")
        id = int(named) if _NUMBER.fullmatch(named) else 0
        if do == "rename":
            kept = actions.rename_filter(actor, id, post.get("name", ""))
            return HttpResponseRedirect(f"{kept.path}?{kept.query}" if kept.query else kept.path)
        if do == "delete":
            return HttpResponseRedirect(actions.delete_filter(actor, id))
    except actions.NotSaved as refused:
        problem = refused.problem
        title, mend = (words.say((problem.zh, problem.en)), words.say((problem.mend_zh, problem.mend_en)))
        return failure(request, 400, title, mend)
    return failure(request, 400, gettext("不知道要对筛选做什么"), gettext("请在列表页面上操作。"))
