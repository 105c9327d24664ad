"""A decision corrects or withdraws a record: the way its source would, with all that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from chengxin.archive.attributing import attribute
from chengxin.archive.correcting import Changed, correct, withdraw
from chengxin.archive.marking import mark
from chengxin.archive.models import DECIDED
from chengxin.archive.public import public_record, public_subject
from chengxin.archive.restating import Judge, restated
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.archive.tests.test_verifying import registration, report
from chengxin.archive.verifying import verify_subjects
from chengxin.exchange.checks import check
from chengxin.exchange.tests.sending import TODAY, example, rows_of, send
from chengxin.kernel.identifiers import resident_id_check_digit
from chengxin.ledger.actions import appending, raw_cursor
from chengxin.ledger.verify import verify
from chengxin.registry.refusing import Refused
from chengxin.rulebook import catalogue

pytestmark = pytest.mark.usefixtures("database")

CODE = "91350102MA2XAB0130"
WHY: dict[str, Any] = {"on": TODAY, "by": "林审核", "case": 12, "reason": "异议成立：罚款数额录入有误"}


def corrected(record: int, changes: Mapping[str, str | None], judge: Judge | None = None) -> Changed:
    with appending() as log:
        return correct(log, record, changes, **WHY, judge=judge)


def resident(body: str) -> str:
    """A valid resident identity number."""
    return body + resident_id_check_digit(body)


def withdrawn(record: int) -> Changed:
    with appending() as log:
        return withdraw(log, record, **WHY)


def sent(folder: Path, item: str = "penalty", **given: str | None) -> int:
    """A record that came in a file; its number."""
    assert send(folder, item, [example(item, **given)]).kept == 1
    (found,) = raw_cursor().execute("SELECT max(id) FROM archive_record").fetchone() or (0,)
    return int(found)


def payloads(code: str = CODE, today: date = TODAY) -> dict[int, dict[str, str]]:
    view = orjson.loads(public_subject(code, today) or b"{}")
    return {one["id"]: one["payload"] for one in view["records"]}


@pytest.mark.obligation("9.1b")
@pytest.mark.parametrize("judge", [None, check])
def test_amount_and_name_of_a_penalty_are_corrected(tmp_path: Path, judge: Judge | None) -> None:
    record = sent(tmp_path)
    before = payloads()[record]
    name = before["CF_XDR_MC"]
    changed = corrected(record, {"CF_NR_FK": "2", "CF_XDR_MC": f"{name}（分公司）"}, judge)
    assert changed.before == {"CF_NR_FK": before["CF_NR_FK"], "CF_XDR_MC": name}
    assert changed.after == {"CF_NR_FK": "2.000000", "CF_XDR_MC": f"{name}（分公司）"}
    assert changed.followed == ()
    assert payloads() == {changed.record: before | changed.after}
    assert public_record(record, TODAY) is None
    assert rows_of(
        "SELECT r.operation, r.refers_to_id, r.batch_id, r.row, r.source_id = b.source_id, "
        "r.subject_id = b.subject_id, "
        f"r.publish_until = b.publish_until FROM archive_record r JOIN archive_record b ON b.id = {record} "
        f"WHERE r.id = {changed.record}"
    ) == [("correction", record, DECIDED, 0, True, True, True)]
    (event,) = rows_of("SELECT body FROM ledger_event WHERE kind = 'record_decided'")
    assert orjson.loads(str(event[0])) == {
        "record": changed.record, "refers_to": record, "operation": "correction", "on": TODAY.isoformat(),
        "case": 12, "by": WHY["by"], "reason": WHY["reason"],
    }  # fmt: skip
    assert verify().holds


def test_the_old_words_sent_once_more_change_nothing(tmp_path: Path) -> None:
    record = sent(tmp_path)
    changed = corrected(record, {"CF_NR_FK": "2"})
    assert send(tmp_path, "penalty", [example("penalty")]).duplicate == 1
    assert list(payloads()) == [changed.record]
    again = corrected(record, {"CF_NR_FK": "3"})
    assert rows_of(f"SELECT refers_to_id FROM archive_record WHERE id = {again.record}") == [
        (changed.record,)
    ]
    assert list(payloads()) == [again.record]
    assert send(tmp_path, "penalty", [example("penalty", BZ="来源改正")]).kept == 1
    assert len(payloads()) == 1, "the source's correction follows the decision's: one record in force"
    assert verify().holds


def test_publication_is_counted_anew(tmp_path: Path) -> None:
    record = sent(tmp_path)
    (until,) = rows_of(f"SELECT publish_until::text FROM archive_record WHERE id = {record}")[0]
    changed = corrected(record, {"CF_CFLB": "警告", "CF_NR_FK": None}, check)
    assert changed.before["disclosure"] == "public" and changed.before["publish_until"] == until
    assert changed.after["disclosure"] == "shared" and "publish_until" not in changed.after
    assert payloads() == {}, "what is only minor is not published"
    serious = {"CF_CFLB": "吊销许可证件", "CF_NR_ZKDX": "食品经营许可证", "CF_GSJZQ": "2099-12-31"}
    later = corrected(record, serious, check)
    assert later.after["publish_until"] > until, "what is serious is published longer"
    assert list(payloads()) == [later.record]


def test_a_withdrawn_record_is_gone_and_stays_away(tmp_path: Path) -> None:
    record = sent(tmp_path)
    told = payloads()[record]
    changed = withdrawn(record)
    assert changed.after == {} and told.items() <= changed.before.items()
    assert payloads() == {} and public_record(record, TODAY) is None
    assert public_record(changed.record, TODAY) is None
    assert send(tmp_path, "penalty", [example("penalty")]).duplicate == 1
    assert payloads() == {}
    for again in (record, changed.record):
        with pytest.raises(Refused) as refused:
            withdrawn(again)
        assert refused.value.problem.rule == "withdrawn_already"
    with pytest.raises(Refused):
        corrected(record, {"CF_NR_FK": "2"})
    assert verify().holds


def test_a_registration_corrected_renames_its_subject(tmp_path: Path) -> None:
    record = sent(tmp_path, "registration")
    row = example("registration")
    code, name = str(row["ZC_SHXYM"]), str(row["ZC_MC"])
    renamed = sent(tmp_path, "registration", ZC_MC=f"新{name}", ZC_HZRQ="2026-03-02", ZC_CYM=name)
    assert orjson.loads(public_subject(code, TODAY) or b"")["subject"]["name"] == f"新{name}"
    changed = corrected(renamed, {"ZC_MC": f"鑫{name}"})
    assert changed.followed == (
        (f"主体名称由“新{name}”改为“鑫{name}”", f"name: '新{name}' became '鑫{name}'"),
    )
    view = orjson.loads(public_subject(code, TODAY) or b"")["subject"]
    assert [one["name"] for one in view["names"]] == [name, f"鑫{name}"]
    gone = withdrawn(renamed)
    assert gone.followed == ((f"主体名称由“鑫{name}”改为“{name}”", f"name: '鑫{name}' became '{name}'"),)
    assert record not in (changed.record, gone.record)
    assert verify().holds


def test_a_report_corrected_is_verified_anew() -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        office = kept.source()
        firm = kept.subject("福州鼓浪贸易有限公司", code)
        registration(kept, firm, office, code)
        shop = report(kept, firm, office, code, SF_MC="福州古浪贸易有限公司")
    on = date(2026, 6, 1)
    verify_subjects([firm], on)
    with appending() as log:
        changed = correct(
            log, shop, {"SF_MC": "福州鼓浪贸易有限公司", "SF_DPMC": "鼓浪旗舰店"},
            on=on, by="林审核", case=None, reason="平台误报",
        )  # fmt: skip
    assert (
        "身份核验结果由“身份不一致”改为“身份已核验”",
        "identity check: 'Identity mismatch' became 'Identity verified'",
    ) in (changed.followed)
    assert any("鼓浪旗舰店" in zh for zh, _ in changed.followed), changed.followed
    outlets = orjson.loads(public_subject(code, TODAY) or b"")["subject"]["outlets"]
    assert [one["name"] for one in outlets] == ["鼓浪旗舰店"]


def test_a_record_moved_before_is_corrected_where_it_belongs(tmp_path: Path) -> None:
    record, other = sent(tmp_path), new_uscc()
    with appending() as log:
        target = Kept(log).subject("福州另一家贸易有限公司", other)
    attribute([record], target, by="林审核", reason="误归", on=TODAY)
    changed = corrected(record, {"CF_NR_FK": "2"})
    assert list(payloads(other)) == [changed.record] and payloads() == {}
    assert verify().holds


def test_what_is_contested_stays_so_until_its_case_is_settled(tmp_path: Path) -> None:
    record = sent(tmp_path)
    given: dict[str, Any] = {
        "on": TODAY,
        "because": "objection",
        "case": 12,
        "by": "林审核",
        "reason": "异议",
    }
    with appending() as log:
        mark(log, [record], "contested", **given)
        changed = correct(log, record, {"CF_NR_FK": "2"}, **WHY)
    assert orjson.loads(public_record(changed.record, TODAY) or b"")["record"]["state"] == "contested"
    with appending() as log:
        mark(log, [record], "settled", **given)
    assert orjson.loads(public_record(changed.record, TODAY) or b"")["record"]["state"] == "in_force"
    assert verify().holds


def test_a_personal_number_is_told_masked_and_kept_sealed(tmp_path: Path) -> None:
    record = sent(tmp_path, CF_FR_ZJLX="身份证", CF_FR_ZJHM=resident("35010219900307123"))
    changed = corrected(record, {"CF_FR_ZJHM": resident("35010219900307567")})
    assert changed.before.keys() == changed.after.keys() == {"CF_FR_ZJHM"}
    assert not [text for text in (*changed.before.values(), *changed.after.values()) if "19900307" in text]
    (personal, payload) = rows_of(
        f"SELECT personal IS NOT NULL, payload FROM archive_record WHERE id = {changed.record}"
    )[0]
    assert personal and "35010219900307" not in str(payload)


@pytest.mark.parametrize(
    ("changes", "rule", "field"),
    [
        ({"CF_NIX": "1"}, "no_such_field", "CF_NIX"),
        ({"CF_JDRQ": "去年"}, "not_of_its_type", "CF_JDRQ"),
        ({"CF_NR_FK": "二十万"}, "not_of_its_type", "CF_NR_FK"),
        ({"CF_NR_FK": "-1"}, "not_of_its_type", "CF_NR_FK"),
        ({"CF_CFLB": "口头批评"}, "not_of_its_type", "CF_CFLB"),
        ({"CF_XDR_MC": ""}, "required", "CF_XDR_MC"),
        ({"CF_NR_FK": None}, "required", "CF_NR_FK"),
        ({"CF_XDR_SHXYM": "91350102MA2XAB0131"}, "not_of_its_type", "CF_XDR_SHXYM"),
        ({"CF_XDR_SHXYM": "11350100003551027Y"}, "another_subject", ""),
        ({}, "nothing_changes", ""),
        ({"CF_NR_FK": "20.0"}, "nothing_changes", ""),
    ],
)
def test_what_cannot_be_corrected_is_refused_in_both_languages(
    tmp_path: Path, changes: dict[str, str | None], rule: str, field: str
) -> None:
    record = sent(tmp_path, CF_NR_FK="20")
    with pytest.raises(Refused) as refused:
        corrected(record, changes)
    problem = refused.value.problem
    assert (problem.rule, problem.field) == (rule, field)
    assert problem.zh and problem.en and problem.mend_zh and problem.mend_en
    assert list(payloads()) == [record]


def test_unknown_records_unsigned_decisions_and_what_the_exchange_refuses(tmp_path: Path) -> None:
    record = sent(tmp_path)
    with pytest.raises(Refused) as refused:
        corrected(10**9, {"CF_NR_FK": "2"})
    assert refused.value.problem.rule == "no_record"
    with pytest.raises(Refused), appending() as log:
        withdraw(log, record, on=TODAY, by="", case=12, reason="理由")
    with pytest.raises(Refused):
        corrected(record, {"CF_JDRQ": "2030-01-01"}, check)  # no decision lies in the future
    assert list(payloads()) == [record]


@pytest.mark.parametrize("item", [one.id for one in catalogue.items(TODAY)])
def test_the_example_row_of_every_item_holds_when_a_field_of_it_is_written_again(item: str) -> None:
    known = catalogue.item(item, TODAY)
    row = {code: text for code, text in example(item).items() if text}
    spelled = check_of(item, row)
    changed = next(one.code for one in known.fields if one.type == "text" and one.code in spelled)
    assert restated(known, spelled, {**spelled, changed: "另一内容"}, TODAY) == spelled | {
        changed: "另一内容"
    }


def check_of(item: str, row: dict[str, str]) -> dict[str, str]:
    """The row as the exchange keeps it."""
    known = catalogue.item(item, TODAY)
    return restated(known, {}, row, TODAY, check)
