"""A small world for tests of the whole: somebody in every role, and one of everything that addresses name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import orjson
from django.db import transaction
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from chengxin.accounts import invitations, keys
from chengxin.accounts.actions import note_organisation
from chengxin.accounts.guard import acting
from chengxin.accounts.models import ApiKey, GivenRole, Invitation, Organisation, User
from chengxin.accounts.permissions import at_the_console, roles
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.audit.purposes import remember
from chengxin.audit.rules import Purpose, purpose_kinds
from chengxin.cases.actions import Opening, open_case, take
from chengxin.cases.queries import documents
from chengxin.cases.rules import SYSTEM
from chengxin.decisions.objections import object_to
from chengxin.exchange.tests.sending import example, send
from chengxin.ledger.actions import appending, raw_cursor
from chengxin.portal.tests.small import PLATFORM, SHOP, Small, small_archive
from chengxin.publicity.tests.published import defaulter
from chengxin.registry.models import Identifier
from chengxin.rulebook import catalogue
from chengxin.rulebook.template import example_row
from chengxin.testing.signed import browser_of, person
from chengxin.triage.acting import act
from chengxin.triage.contract import checked
from chengxin.triage.evidence import Seen, Shop
from chengxin.triage.taking import Facts, take_leads
from chengxin.triage.tests import sample

BUREAU, OTHER_BUREAU = "福建省市场监督管理局", "厦门市市场监督管理局"
OTHER_PLATFORM = "鹭岛集市电子商务平台"
SELF = ("merchant", "carrier", "courier")
"""Roles that are held for a subject."""


@dataclass
class World:
    """What there is. `subject` has a shop on `platform`; `xiamen` lies elsewhere, with one on another."""

    small: Small
    platform: Organisation
    other_platform: Organisation
    bureau: Organisation
    other_bureau: Organisation
    subject: int
    xiamen: int
    xiamen_code: str
    batch: int
    other_batch: int
    pair: int
    report: int
    people: dict[str, User] = field(default_factory=dict)
    managed: int = 0
    given: int = 0
    invitation: int = 0
    token: str = ""
    key: int = 0
    key_text: str = ""
    case: int = 0
    own_case: int = 0
    own_paper: int = 0
    task: int = 0
    decision: int = 0
    notice: int = 0
    lead: int = 0

    def browser(self, who: str, *, second_factor: bool = True) -> Client:
        """A browser in which somebody with this role is signed in; "nobody": in which nobody is."""
        if who == "nobody":
            return Client(raise_request_exception=False)
        if who == "code_holder":
            return browser_of(subject=self.subject)
        browser = browser_of(self.people[who], second_factor=second_factor)
        if second_factor:
            state_purpose(browser, who)
        return browser


def state_purpose(browser: Client, role: str) -> None:
    """Let the browser's session have a purpose, as the page for it does, where the role has any."""
    kind = next((one for one in purpose_kinds().values() if role in one.roles), None)
    if kind is not None:
        request = HttpRequest()
        request.session = browser.session
        remember(request, Purpose(kind.id, "核对测试中的信息", kind.law, kind.article))
        request.session.save()


def new_world(folder: Path) -> World:
    """Write it; files are put into `folder` on their way."""
    small = small_archive()
    subject = Identifier.objects.get(scheme="uscc", value=small.code).subject_id
    platform = note_organisation(code=small.platform, name=PLATFORM, role="platform", confirmed=True)
    elsewhere = note_organisation(code=new_uscc(), name=OTHER_PLATFORM, role="platform", confirmed=True)
    bureau = note_organisation(code=None, name=BUREAU, role="department", confirmed=True)
    other = note_organisation(code=None, name=OTHER_BUREAU, role="department", confirmed=True)
    xiamen_code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        xiamen = kept.subject("厦门鹭岛茶叶贸易有限公司", xiamen_code, region="350203")
        first = kept.record(xiamen, bureau.pk)
        kept.shop(xiamen, "鹭岛茶叶店", "ludao.shop.example", str(elsewhere.code), first)
        report = _identity_report(kept, subject, platform)
        twin = kept.subject("福州榕味海产电子商务公司", None, region="350102")
    world = World(
        small, platform, elsewhere, bureau, other, subject, xiamen, xiamen_code,
        batch=_batch(folder, BUREAU, "1"), other_batch=_batch(folder, OTHER_BUREAU, "2"),
        pair=_pair(subject, twin), report=report,
    )  # fmt: skip
    _people(world)
    _notice(world)
    _objection(world)
    _task(world)
    _public(world)
    _lead(world)
    return world


def _identity_report(kept: Kept, subject: int, platform: Organisation) -> int:
    """What the platform reported on its shop, and that it agrees with the registers."""
    item, today = catalogue.item("identity_report"), timezone.localdate()
    personal = {one.code for one in item.fields if one.type in ("personal", "phone")}
    payload = {code: value for code, value in example_row(item).items() if code not in personal}
    payload |= {"SF_PTDM": str(platform.code)}
    report = kept.record(
        subject,
        platform.pk,
        item=item.id,
        version=item.version.isoformat(),
        on=today,
        disclosure="shared",
        law=item.law,
        payload=payload,
    )
    kept.verification(subject, report, "verified", today)
    return report


def _batch(folder: Path, source: str, number: str) -> int:
    """A batch with a good row and a faulty one."""
    rows = [
        example("penalty", CF_WSH=f"榕市监罚〔2026〕9{number}1号"),
        example("penalty", CF_WSH=f"榕市监罚〔2026〕9{number}2号", CF_JDRQ="2026-02-31"),
    ]
    return send(folder, "penalty", rows, source=source).batch


def _pair(one: int, other: int) -> int:
    evidence = [{"comparison": "name", "zh": "名称", "en": "Name", "level": "same_core", "weight": 5.31}]
    found = raw_cursor().execute(
        "INSERT INTO registry_matchcandidate (subject_id, other_id, probability, evidence, state) "
        "VALUES (%s, %s, %s, %s, 'open') RETURNING id",
        [one, other, 0.7, orjson.dumps(evidence).decode()],
    )
    row = found.fetchone()
    return int(row[0]) if row else 0


def _objection(world: World) -> None:
    """An objection of the subject that was not taken up: a case of its own, with a letter."""
    today = timezone.localdate()
    merchant, office = (
        acting(world.people[role], second_factor=True) for role in ("merchant", "credit_office")
    )
    world.own_case = object_to(f"record:{world.small.latest}", "金额写错", merchant, today)
    take(world.own_case, "refuse_to_hear", office, today, {"reason": "没有写明哪里不对"})
    world.own_paper = documents(world.own_case)[0].id


def _task(world: World) -> None:
    """A joint measure that the platform has to carry out on the subject."""
    opening = Opening(
        "measure", "measure:world", world.subject, timezone.localdate(), rule="platform_no_entry",
        region="350102", organisation=world.platform.pk,
    )  # fmt: skip
    world.task = open_case(opening, SYSTEM, timezone.localdate(), by_system=True)


def _notice(world: World) -> None:
    """A case of staff: a notice on the subject, drafted and waiting for whoever signs."""
    today = timezone.localdate()
    until = (today + timedelta(days=30)).isoformat()
    given = {"title": "谨防刷单", "body": "近期多发。", "show_until": until}
    office = acting(world.people["credit_office"], second_factor=True)
    opening = Opening(
        "notice", "notice:world", world.subject, today, rule="risk_notice", region="350102", facts=given
    )
    world.case = open_case(opening, office, today)


def _public(world: World) -> None:
    """What everybody may see: a firm on a court's list, and a notice that was signed."""
    today = timezone.localdate()
    _, _, world.decision = defaulter()
    office, decider = (
        acting(world.people[role], second_factor=True) for role in ("credit_office", "decision_maker")
    )
    facts = {
        "title": "谨防假冒",
        "body": "近期多发。",
        "show_until": (today + timedelta(days=30)).isoformat(),
    }
    opening = Opening(
        "notice", "notice:public", None, today, rule="risk_notice", region="350000", facts=facts
    )
    world.notice = open_case(opening, office, today)
    take(world.notice, "approve", decider, today)


def _lead(world: World) -> None:
    """A lead about the subject's shop, of whose merchant an explanation is asked."""
    today = timezone.localdate()
    lines = checked(
        [(1, sample.lead("brushing", ("seller", SHOP), str(world.platform.code), 0.9, [sample.BACK]))]
    )
    facts = Facts(b"world", "test", today)
    seen = [Seen(shops=(Shop(str(world.platform.code), SHOP, SHOP, world.small.code, None, "350102"),))]
    world.lead = take_leads(at_the_console("test"), facts, lines, seen=seen).leads[0]
    office = acting(world.people["credit_office"], second_factor=True)
    until = (today + timedelta(days=20)).isoformat()
    act(world.lead, "ask", office, today, {"words": "请说明这些订单的来源", "until": until})


def _people(world: World) -> None:
    own = {
        "department_officer": world.bureau,
        "platform_compliance": world.platform,
        "organisation_administrator": world.platform,
    }
    for role in roles():
        if role != "code_holder":
            subject = world.subject if role in SELF else None
            world.people[role] = person(role, organisation=own.get(role), subject=subject)
    carrier = note_organisation(code=None, name="闽江速运", role="carrier", confirmed=True)
    GivenRole.objects.filter(user=world.people["carrier"]).update(organisation=carrier)
    managed = person("platform_compliance", organisation=world.platform, name="平台合规人员乙")
    world.managed, world.given = managed.pk, GivenRole.objects.get(user=managed).pk
    console = at_the_console("test")
    world.token = invitations.invite(
        console,
        invitations.Invited(
            sign_in_name="new.one", name="新人", role="platform_compliance", organisation=world.platform,
            region="350000",
        ),
    )  # fmt: skip
    world.invitation = Invitation.objects.get().pk
    until = timezone.now() + timedelta(days=30)
    world.key_text = keys.make(
        console,
        world.platform,
        "shops",
        ("batch.send", "batch.read", "quality.read"),
        expires_at=until,
        per_minute=6000,
    )
    world.key = ApiKey.objects.get().pk


@contextmanager
def undone() -> Iterator[None]:
    """What a request changes in the database is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
