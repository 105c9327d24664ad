"""The auditor's page: who looked at whom, when and why; what deserves a question. Searches are noted, too."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_noop

from chengxin.accounts.guard import actor_of, requires
from chengxin.accounts.permissions import Actor, roles
from chengxin.archive import held
from chengxin.archive.pages.held import members
from chengxin.audit import queries, unusual
from chengxin.audit.rules import KINDS, purpose_kinds
from chengxin.design.tables import Asked, Cell, Column, Filter, Row, Rows, Table, day_of, table_page
from chengxin.design.tables import asked as sifted
from chengxin.design.words import cited, say
from chengxin.kernel.calendar import is_working_day
from chengxin.kernel.numbers import row_number
from chengxin.ledger.actions import appending
from chengxin.registry.queries import LONGEST, resolve

LOG = Table(
    "access-log",
    gettext_noop("查询日志"),
    (
        Column("id", gettext_noop("编号"), kind="code"),
        Column("at", gettext_noop("时间"), kind="time"),
        Column("person", gettext_noop("查询人")),
        Column("role", gettext_noop("角色")),
        Column("organisation", gettext_noop("单位")),
        Column("subject", gettext_noop("被查询主体")),
        Column("what", gettext_noop("方式")),
        Column("purpose", gettext_noop("目的")),
        Column("words", gettext_noop("事由")),
        Column("law", gettext_noop("法律依据"), hidden=True),
        Column("case", gettext_noop("案件编号"), hidden=True),
        Column("detail", gettext_noop("具体内容"), hidden=True),
    ),
    (
        Filter("person", gettext_noop("查询人")),
        Filter("organisation", gettext_noop("单位")),
        Filter("code", gettext_noop("主体代码")),
        Filter("what", gettext_noop("方式"), "choice"),
        Filter("purpose", gettext_noop("目的"), "choice"),
        Filter("first", gettext_noop("起"), "date"),
        Filter("last", gettext_noop("止"), "date"),
    ),
)
"""Its choices are put in by `_table`, in the page's language."""


@requires("access.read")
def access_log(request: HttpRequest) -> HttpResponse:
    """The log, searched by person, organisation, subject, kind, purpose and time."""
    actor, today = actor_of(request), timezone.localdate()
    on = day_of(request.GET.get("day")) or today
    if request.GET and not request.GET.get("after"):
        _noted(actor, request)
    flags = unusual.unusual(queries.day(on), working_day=is_working_day(on), usual=queries.usual(on))
    values = {
        "day": on,
        "flags": [
            {
                "name": say((one.rule.zh, one.rule.en)),
                "reason": say((one.rule.reason_zh, one.rule.reason_en)),
                "person": one.person,
                "number": len(one.rows),
                "subjects": len({row.subject for row in one.rows}),
                "first": one.rows[0].at,
                "last": one.rows[-1].at,
            }
            for one in flags
        ],
    }
    exported = partial(_exported, actor)
    return table_page(request, "archive/access_log", _table(), _rows, values, exported=exported)


def _table() -> Table:
    choices = {
        "what": tuple((id, say(words)) for id, words in KINDS.items()),
        "purpose": tuple((one.id, say((one.zh, one.en))) for one in purpose_kinds().values()),
    }
    return replace(LOG, filters=tuple(replace(one, choices=choices.get(one.key, ())) for one in LOG.filters))


def _noted(actor: Actor, request: HttpRequest) -> None:
    """Who searches the log is noted as well."""
    asked = dict(sifted(_table(), request.GET).filters)
    if asked.get("code") and resolve(asked["code"]) is None:
        asked["code"] = "?"  # may be a person's number, which no log keeps
    if asked:
        with appending() as log:
            log.event("access_log_searched", {"by": actor.user, "asked": asked})


def _exported(actor: Actor, format: str, rows: int) -> None:
    with appending() as log:
        log.event("access_log_exported", {"by": actor.user, "format": format, "rows": rows})


def _rows(question: Asked, limit: int) -> Rows:
    given = question.filters
    subjects = None
    if code := given.get("code"):
        found = resolve(code) if len(code) <= LONGEST else None
        subjects = members(found) if found is not None else []
    wanted = queries.Wanted(
        subjects=subjects,
        person=given.get("person"),
        organisation=given.get("organisation"),
        what=given.get("what"),
        kind=given.get("purpose"),
        first=day_of(given.get("first")),
        last=day_of(given.get("last")),
    )
    before = row_number(question.after or "")
    found_rows = queries.looks(wanted, before=before, limit=limit + 1)
    listed = found_rows[:limit]
    names = {
        number: (name, code)
        for number, (_, name, code) in held.named(sorted({one.subject for one in listed})).items()
    }
    return Rows(
        [_row(one, names.get(one.subject)) for one in listed],
        str(listed[-1].id) if len(found_rows) > limit else None,
    )


def _row(one: queries.Look, named: tuple[str, str] | None) -> Row:
    role = roles().get(one.role)
    kind = purpose_kinds().get(one.kind)
    name, code = named or (str(one.subject), "")
    return {
        "id": Cell(str(one.id)),
        "at": one.at,
        "person": one.person,
        "role": say((role.zh, role.en)) if role else one.role,
        "organisation": one.organisation,
        "subject": Cell(name, url=f"/work/subjects/S{one.subject}", note=code),
        "what": say(KINDS[one.what]),
        "purpose": say((kind.zh, kind.en)) if kind else one.kind,
        "words": one.words,
        "law": cited(one.law, one.article),
        "case": one.case,
        "detail": one.detail,
    }
