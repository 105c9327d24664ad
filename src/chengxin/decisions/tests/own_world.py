"""A firm with a penalty, listed because of it, and the people who object, answer, decide and repair."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from chengxin.accounts import keys
from chengxin.accounts.actions import note_organisation
from chengxin.accounts.models import Organisation
from chengxin.accounts.permissions import Actor, Grant, at_the_console
from chengxin.archive.tests.kept import PENALTY, Kept, new_uscc
from chengxin.cases.actions import Opening, open_case, take
from chengxin.cases.rules import SYSTEM
from chengxin.ledger.actions import appending
from chengxin.rulebook import catalogue
from chengxin.rulebook.template import example_row
from chengxin.testing.signed import actor, person

BUREAU = "福州市市场监督管理局"


@dataclass
class Firm:
    """One firm of Fuzhou and whoever acts in its cases; `day`: of its penalty and of its publication."""

    subject: int
    code: str
    source: Organisation
    record: int
    day: date
    people: dict[str, Actor] = field(default_factory=dict)

    def someone(self, role: str, number: int = 0) -> Actor:
        """A person with a role, for the firm's side."""
        name = f"{role}{number}"
        if name not in self.people:
            if role == "code_holder":
                self.people[name] = Actor(None, "持查询码人", (Grant(role, subject=self.subject),))
            elif role == "merchant":
                self.people[name] = actor(person(role, subject=self.subject))
            elif role == "department_officer":
                self.people[name] = actor(person(role, organisation=self.source))
            else:
                self.people[name] = actor(person(role))
        return self.people[name]

    @property
    def self(self) -> Actor:
        """Whoever acts for the firm."""
        return self.someone("merchant")


def firm(day: date | None = None, *, kind: str = "罚款", **fields: str) -> Firm:
    """The firm, penalised and shown since `day` (two months ago)."""
    day = day or timezone.localdate() - timedelta(days=60)
    source = note_organisation(code=None, name=BUREAU, role="department", confirmed=True)
    code, until = new_uscc(), date(day.year + 3, day.month, min(day.day, 28))
    row = {"CF_JDRQ": day.isoformat(), "CF_GSJZQ": until.isoformat(), "CF_CFLB": kind, "CF_XDR_SHXYM": code}
    with appending() as log:
        kept = Kept(log)
        subject = kept.subject("福州刷量电子商务有限公司", code)
        record = kept.record(
            subject, source.pk, on=day, start=day, until=until, payload=_row() | row | fields,
        )  # fmt: skip
    return Firm(subject, code, source, record, day)


def _row() -> dict[str, str]:
    """A penalty with everything that must be filled in, without personal numbers."""
    item = catalogue.item("penalty")
    left_out = {one.code for one in item.fields if one.type in ("personal", "phone")}
    return {code: value for code, value in example_row(item).items() if code not in left_out} | PENALTY


def listed(one: Firm, rule: str = "serious_violation", *, day: date | None = None) -> int:
    """The firm in a black list, by every step of the procedure, published on `day`; returns the case."""
    day = day or one.day
    begin = day - timedelta(days=30)
    records = str(one.record)
    case = open_case(
        Opening(
            "listing", f"list:{rule}:S{one.subject}", one.subject, begin, rule=rule, region="350102",
            facts={"reason": "受到较重行政处罚", "records": records}, records=(one.record,),
        ),
        one.someone("department_officer"), begin,
    )  # fmt: skip
    officer, decider = one.someone("department_officer"), one.someone("decision_maker", 7)
    take(case, "review", one.someone("reviewer"), begin, {"opinion": "属实"})
    served = {"service_method": "direct", "service_proof": "回证1号", "served_on": begin.isoformat()}
    take(case, "give_notice", officer, begin, served)
    after = begin + timedelta(days=25)
    take(case, "close_notice", SYSTEM, after, by_system=True)
    take(case, "decide_entry", decider, after, {"reason": "符合列入情形", "weighed": "未提出意见"})
    take(case, "serve_decision", officer, after, served | {"served_on": after.isoformat()})
    take(case, "publish", SYSTEM, day, by_system=True)
    return case


def number(one: Actor) -> int:
    """The number of a person who is signed in."""
    assert one.user is not None
    return one.user


def agency() -> int:
    """A credit agency that receives changes by a key of its own."""
    of = note_organisation(code=None, name="八闽征信", role="agency", confirmed=True)
    keys.make(
        at_the_console("test"), of, "changes", ("change.receive",),
        expires_at=timezone.now() + timedelta(days=30),
    )  # fmt: skip
    return of.pk
