"""A small installation with actors of measures, and entries in lists decided and published lawfully."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.models import Organisation
from chengxin.accounts.permissions import Actor
from chengxin.archive.tests.kept import PENALTY, Kept, new_uscc
from chengxin.cases import queries
from chengxin.cases.actions import Opening, open_case, take
from chengxin.cases.models import Case
from chengxin.cases.rules import SYSTEM
from chengxin.cases.tests.walking import Cast, facts, nothing_follows, paths
from chengxin.ledger.actions import appending
from chengxin.rulebook.procedures import procedure
from chengxin.testing.signed import actor, person

DAY = date(2026, 6, 3)
"""A Wednesday; the day on which cases are opened here."""


@dataclass
class Installation:
    """Two platforms, departments, a payment institution; a merchant with a shop, a carrier."""

    platform: Organisation
    other: Organisation
    market: Organisation
    local: Organisation
    post: Organisation
    payment: Organisation
    office: Organisation
    merchant: int
    merchant_code: str
    carrier: int
    carrier_code: str
    record: int
    carrier_record: int
    cast: Cast
    people: dict[int, Actor] = field(default_factory=dict)

    def officer(self, organisation: Organisation, number: int = 0) -> Actor:
        """Somebody who carries measures out for an organisation."""
        roles = {"platform": "platform_compliance", "institution": "payment_institution"}
        role = roles.get(organisation.role, "department_officer")
        key = organisation.pk * 10 + number
        if key not in self.people:
            self.people[key] = actor(person(role, organisation=organisation))
        return self.people[key]

    def overseer(self) -> Actor:
        """Somebody of the credit office."""
        return actor(person("credit_office", organisation=self.office))


def installation() -> Installation:
    """Write it."""

    def known(name: str, role: str, code: str | None = None) -> Organisation:
        return note_organisation(code=code, name=name, role=role, confirmed=True)

    platform = known("榕城优选电子商务平台", "platform", new_uscc())
    other = known("鹭岛集市电子商务平台", "platform", new_uscc())
    market = known("福建省市场监督管理局", "department")
    local = known("福州市市场监督管理局", "region")
    post = known("福建省邮政管理局", "department")
    payment = known("闽付通支付", "institution")
    office = known("福建省发展和改革委员会", "credit_office")
    merchant_code, carrier_code = new_uscc(), new_uscc()
    with appending() as log:
        kept = Kept(log)
        merchant = kept.subject("福州刷量电子商务有限公司", merchant_code)
        record = kept.record(merchant, market.pk, payload=PENALTY)
        kept.role(merchant, "merchant", DAY, record)
        kept.shop(merchant, "刷量旗舰店", "shua.shop.example", str(platform.code), record)
        carrier = kept.subject("福州慢递物流有限公司", carrier_code)
        carrier_record = kept.record(carrier, post.pk, payload=PENALTY | {"CF_WSH": "闽邮罚〔2026〕7号"})
        kept.role(carrier, "logistics_firm", DAY, carrier_record)
    return Installation(
        platform, other, market, local, post, payment, office, merchant, merchant_code, carrier,
        carrier_code, record, carrier_record, Cast(merchant, market),
    )  # fmt: skip


def served(
    here: Installation, list_id: str, subject: int, record: int, *, measures: str = ""
) -> tuple[int, date]:
    """A case of listing led to the service of its decision; returns it and the day."""
    kind = procedure("red_listing" if list_id in ("honest_merchant", "contract_keeping") else "listing")
    here.cast.subject = subject
    last = "served" if "served" in kind.states else "decided"
    way, today = paths(kind)[last], DAY
    with nothing_follows():
        opening = Opening(
            kind.id, f"list:{list_id}:S{subject}", subject, today, rule=list_id, region="350102",
            facts=facts(way[0], today) | {"records": str(record)}, records=(record,),
        )  # fmt: skip
        case = open_case(opening, here.cast.whoever_may(way[0], 100), today)
        for at, step in enumerate(way[1:]):
            due = stands(case).due_on
            if step.after_due and due is not None:
                today = due + timedelta(days=1)
            said = facts(step, today)
            if step.id == "decide_entry" and measures:
                said["measures"] = measures
            who = here.cast.whoever_may(step, 101 + at)
            take(case, step.id, who, today, said, by_system=who is SYSTEM)
    return case, today


def listed(
    here: Installation, list_id: str, subject: int, record: int, *, measures: str = ""
) -> tuple[int, date]:
    """An entry in a list, published; returns its case and the day."""
    case, today = served(here, list_id, subject, record, measures=measures)
    take(case, "publish", SYSTEM, today, by_system=True)
    return case, today


def stands(case: int) -> Case:
    """A case as it stands."""
    found = queries.case(case)
    assert found is not None
    return found


def tasks(entry: int) -> list[Case]:
    """The tasks of an entry."""
    return list(Case.objects.filter(parent_id=entry, procedure="measure").order_by("pk"))


def taken_over(list_id: str, subject: int, record: int, today: date) -> int:
    """An entry of another authority, taken over from the record that reports it; returns its case."""
    opening = Opening(
        "imported", f"import:{list_id}:R{record}", subject, today, rule=list_id, region="350102",
        facts={"reason": "由认定机关报送"}, records=(record,),
    )  # fmt: skip
    return open_case(opening, SYSTEM, today, by_system=True)
