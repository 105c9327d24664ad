"""A firm in a black list, a natural person in one of a court, and a notice: each by its own procedure."""

from __future__ import annotations

from datetime import date, timedelta

from chengxin.accounts.actions import note_organisation
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.cases.actions import Opening, open_case, take
from chengxin.cases.rules import SYSTEM
from chengxin.decisions.tests.own_world import Firm
from chengxin.ledger.actions import appending
from chengxin.rulebook import catalogue
from chengxin.rulebook.template import example_row

TITLE = "谨防刷单返利"
BODY = "近期刷单返利类违法行为多发，请消费者注意。\n有疑问的拨打12315。"


def defaulter(
    name: str = "福州示例商贸有限公司",
    until: date | None = None,
    *,
    kind: str = "legal_person",
    number: str = "（2026）闽0102执1号",
    on: date = date(2026, 5, 4),
) -> tuple[int, int, int]:
    """A judgment defaulter as a court reports one: its subject, the record, the case of its entry."""
    court = note_organisation(code=None, name="福州市鼓楼区人民法院", role="court", confirmed=True)
    item = catalogue.item("enforcement")
    left_out = {field.code for field in item.fields if field.type in ("personal", "phone")}
    row = {code: value for code, value in example_row(item).items() if code not in left_out}
    row |= {"SX_AH": number, "SX_FBRQ": on.isoformat(), "SX_JZRQ": until.isoformat() if until else ""}
    with appending() as log:
        kept = Kept(log)
        subject = kept.subject(name, new_uscc() if kind != "natural_person" else None, kind)
        record = kept.record(
            subject, court.pk, item="enforcement", version=item.version.isoformat(), on=on, start=on,
            until=until, law="defaulter17", payload={code: value for code, value in row.items() if value},
            disclosure="public" if kind != "natural_person" else "shared",
        )  # fmt: skip
    opening = Opening(
        "imported", f"import:judgment_defaulter:R{record}", subject, on, rule="judgment_defaulter",
        region="350102", facts={"reason": "法院公布", "records": str(record)}, records=(record,),
    )  # fmt: skip
    case = open_case(opening, SYSTEM, max(on, date(2026, 5, 5)), by_system=True)
    return subject, record, case


def withdrawn(one: Firm, record: int, item: str = "penalty", version: str = "2026-01-01") -> None:
    """The source takes a record back."""
    with appending() as log:
        Kept(log).record(
            one.subject, one.source.pk, item=item, version=version, operation="withdrawal", refers_to=record,
            payload={},
        )  # fmt: skip


def drafted(
    one: Firm, today: date, *, kind: str = "risk_notice", records: tuple[int, ...] = (), **facts: str
) -> int:
    """A notice that waits for whoever signs it."""
    said = {"title": TITLE, "body": BODY, "show_until": (today + timedelta(days=30)).isoformat()} | facts
    opening = Opening(
        "notice", f"notice:{kind}:{said['title']}:{today}:{records}", None, today, rule=kind,
        region="350000",
        facts=said, records=records,
    )  # fmt: skip
    return open_case(opening, one.someone("credit_office"), today)


def signed(one: Firm, today: date, **facts: str) -> int:
    """A notice that was signed today; `records` as text."""
    records = tuple(map(int, facts.pop("records", "").split()))
    kind = facts.pop("kind", "risk_notice")
    case = drafted(one, today, kind=kind, records=records, **facts)
    take(case, "approve", one.someone("decision_maker"), today)
    return case
