"""Identity checks that found something: the list within a person's reach, and each field by field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import actor_of, requires
from chengxin.accounts.permissions import Target
from chengxin.audit.actions import looked
from chengxin.audit.purposes import needs_purpose
from chengxin.design import words
from chengxin.design.charts import Chart
from chengxin.design.render import not_found, page, reading
from chengxin.design.tables import Asked, Cell, Column, Filter, Rows, Table, day_of, table_page
from chengxin.registry.queries import region
from chengxin.registry.verification import RULES
from chengxin.rulebook.catalogue import SUBJECT_KINDS
from chengxin.workbench.identity import queries
from chengxin.workbench.identity.comparing import beside
from chengxin.workbench.identity.guidance import guided
from chengxin.workbench.identity.queries import Finding, Platform, Wanted
from chengxin.workbench.logged import Looks, purpose
from chengxin.workbench.places import CITIES

BADGES = {"mismatch": "bad", "lapsed": "warn", "unverified": "quiet", "verified": "good"}

_RULE_NAMES = {
    "shop_closed": gettext_noop("网店已停止经营"),
    "kind": gettext_noop("经营者类别不符"),
    "name": gettext_noop("经营者名称不符"),
    "code": gettext_noop("统一社会信用代码不符"),
    "number": gettext_noop("证件号码不符"),
    "legal_person": gettext_noop("法定代表人不符"),
    "region": gettext_noop("区划不符"),
    "address": gettext_noop("实际经营地址不符"),
    "not_found": gettext_noop("通过登记的地址无法联系"),
    "ended": gettext_noop("登记已经终止"),
    "licence_ended": gettext_noop("许可已经失效"),
    "report_overdue": gettext_noop("逾期未再报送"),
    "no_registration": gettext_noop("没有登记信息"),
    "no_licence": gettext_noop("没有许可记录"),
}

TABLE = Table(
    id="identity",
    title=gettext_noop("身份核验不符的网店"),
    columns=(
        Column("state", gettext_noop("核验结果"), kind="badge"),
        Column("name", gettext_noop("经营者")),
        Column("shop", gettext_noop("网店")),
        Column("platform", gettext_noop("平台")),
        Column("region", gettext_noop("区划")),
        Column("reasons", gettext_noop("原因")),
        Column("kind", gettext_noop("主体类别"), hidden=True),
        Column("code", gettext_noop("主体代码"), kind="code", hidden=True),
        Column("checked_on", gettext_noop("核验日期"), kind="date"),
    ),
    filters=(
        Filter(
            "state",
            gettext_noop("核验结果"),
            kind="choice",
            choices=tuple((state, words.VERIFICATION[state][0][0]) for state in queries.STATES),
        ),
        Filter(
            "rule",
            gettext_noop("原因"),
            kind="choice",
            choices=tuple((id, _RULE_NAMES[id]) for id in queries.RULE_IDS),
        ),
        Filter("region", gettext_noop("区划"), kind="choice", choices=CITIES),
        Filter("platform", gettext_noop("平台代码")),
        Filter("since", gettext_noop("核验日期自"), kind="date"),
        Filter("until", gettext_noop("核验日期至"), kind="date"),
    ),
)


@requires("identity.read")
@needs_purpose
@reading
def identity(request: HttpRequest) -> HttpResponse:
    """Shops whose reported identity doesn't agree with the registers, and how each platform stands."""
    actor = actor_of(request)
    reach = actor.reach("identity.read")
    looks = Looks(request, "identity")

    def fetch(asked: Asked, most: int) -> Rows:
        below = (
            int(asked.after) if asked.after and re.fullmatch("[0-9]{1,18}", asked.after, re.ASCII) else None
        )
        found = queries.findings(_wanted(asked), reach, below, most + 1)
        listed = found[:most]
        looks.listed([one.subject for one in listed])
        following = str(listed[-1].id) if len(found) > most else None
        return Rows(tuple(_row(one) for one in listed), following)

    figures = queries.figures(reach)
    standing = figures.platforms
    values = {
        "counts": [
            (words.say(words.VERIFICATION[state][0]), count) for state, count in figures.states.items()
        ],
        "platforms": standing,
        "chart": _chart(standing) if standing else None,
    }
    return table_page(request, "workbench/identity", TABLE, fetch, values, exported=looks.exported)


def _wanted(asked: Asked) -> Wanted:
    given = asked.filters
    return Wanted(
        state=given.get("state", ""),
        platform=given.get("platform", "").strip().upper(),
        region=given.get("region", ""),
        rule=given.get("rule", ""),
        since=day_of(given.get("since", "")),
        until=day_of(given.get("until", "")),
    )


def _row(one: Finding) -> dict[str, Cell | str | date | None]:
    place = region(one.region)
    telling = [each for each in one.reasons if RULES[each["rule"]].effect != "note"] or one.reasons
    return {
        "state": Cell(words.say(words.VERIFICATION[one.state][0]), badge=BADGES[one.state]),
        "name": Cell(one.name, url=reverse("identity-report", args=[one.report]), note=one.code),
        "shop": one.shop or "",
        "platform": one.platform_name or one.platform or "",
        "region": place["name"] if place else "",
        "reasons": words.joined([gettext(_RULE_NAMES.get(each["rule"], each["zh"])) for each in telling]),
        "kind": words.say(SUBJECT_KINDS[one.kind]),
        "code": one.code,
        "checked_on": one.checked_on,
    }


def _chart(standing: Sequence[Platform]) -> Chart:
    return Chart(
        id="identity-platforms",
        title=gettext("各平台身份核验不符的网店"),
        kind="stacked",
        # Names are Chinese, and the words of a drawing can't say their language: in English the codes stand.
        categories=tuple(one.code if words.english() else one.name for one in standing),
        series=tuple(
            (words.say(words.VERIFICATION[state][0]), tuple(one.states.get(state, 0) for one in standing))
            for state in queries.STATES
        ),
        unit=gettext("家"),
    )


@requires("identity.read")
@needs_purpose
@reading
def report(request: HttpRequest, id: int) -> HttpResponse:
    """One shop: what its platform reported beside what the registers say, which rule it fails, what to do."""
    actor = actor_of(request)
    found = queries.finding(id) if id < 2**63 else None
    if found is None:
        return not_found(request, gettext("没有这份身份报告"), gettext("请从身份核验列表中选择。"))
    platforms = (found.platform,) if found.platform else ()
    actor.must("identity.read", Target(region=found.region, platforms=platforms))
    looked(actor, [found.subject], "identity", purpose(request))
    name, meaning = words.VERIFICATION[found.state]
    values = {
        "finding": found,
        "state": words.say(name),
        "meaning": words.say(meaning),
        "badge": BADGES[found.state],
        "reasons": [guided(dict(one)) for one in found.reasons],
        "beside": beside(found.report, found.subject, timezone.localdate()),
        "region": region(found.region),
    }
    return page(request, "workbench/identity_report", values, indexed=False)
