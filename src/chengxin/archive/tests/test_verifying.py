"""Operators are verified as reports, registrations and licences come, change and run out."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest
from django.conf import settings

from chengxin.accounts.permissions import at_the_console
from chengxin.archive import identity
from chengxin.archive.attributing import attribute
from chengxin.archive.joining import merge, undo_merge
from chengxin.archive.queries import public_subject
from chengxin.archive.tests.kept import Kept, new_uscc, scalar
from chengxin.archive.verifying import due_for_recheck, verify_subjects
from chengxin.ledger.actions import appending, raw_cursor
from chengxin.rulebook import catalogue

TODAY = date(2026, 6, 1)
NAME = "福州鼓浪贸易有限公司"
PLATFORM = "91350200MA2XAB03XT"


def report(kept: Kept, subject: int, source: int, code: str | None, **changed: str) -> int:
    """A platform's report of one shop."""
    payload = {
        "SF_MC": NAME,
        "SF_LB": "法人及非法人组织",
        "SF_SHXYM": code or "",
        "SF_FRDB": "林示例",
        "SF_XZQH": "350102",
        "SF_DZ": "福建省福州市鼓楼区示例路1号",
        "SF_LXR": "林示例",
        "SF_PTMC": "示例平台",
        "SF_PTDM": PLATFORM,
        "SF_DPMC": "示例店",
        "SF_DPLX": "网店",
        "SF_WZ": "https://shop.example.com/1",
        "SF_KSRQ": "2020-03-01",
        "SF_BSQ": "2026-01",
        "SF_BSRQ": "2026-01-10",
    } | changed
    return kept.record(
        subject,
        source,
        item="identity_report",
        version="2021-05-01",
        disclosure="shared",
        law="ntsm",
        on=date.fromisoformat(payload["SF_BSRQ"]),
        payload={field: value for field, value in payload.items() if value},
    )


def registration(kept: Kept, subject: int, source: int, code: str, **changed: str) -> int:
    """An entry of the register."""
    payload = {
        "ZC_MC": NAME,
        "ZC_LB": "法人",
        "ZC_SHXYM": code,
        "ZC_FRDB": "林示例",
        "ZC_ZS": "福建省福州市鼓楼区示例路1号",
        "ZC_XZQH": "350102",
        "ZC_CLRQ": "2019-06-18",
        "ZC_HZRQ": "2024-05-20",
        "ZC_ZT": "存续",
        "ZC_DJJG": "示例市监局",
        "ZC_DJJGDM": "11350100003551027Y",
    } | changed
    return kept.record(
        subject,
        source,
        item="registration",
        version="2022-03-01",
        law="entity746",
        on=date.fromisoformat(payload["ZC_HZRQ"]),
        payload=payload,
    )


def licence(kept: Kept, subject: int, source: int, until: str, **changed: Any) -> int:
    """A licence."""
    personal = changed.pop("personal", None)
    payload = {
        "XK_XDR_MC": NAME,
        "XK_XDR_LB": "法人及非法人组织",
        "XK_XKWS": "准予行政许可决定书",
        "XK_WSH": "1号",
        "XK_XKLB": "核准",
        "XK_XKZS": "食品经营许可证",
        "XK_NR": "食品销售",
        "XK_JDRQ": "2024-01-01",
        "XK_YXQZ": "2024-01-01",
        "XK_YXQZI": until,
        "XK_ZT": "1",
    } | changed
    return kept.record(
        subject,
        source,
        item="licence",
        version="2019-01-01",
        law="licensing",
        on=date.fromisoformat(payload["XK_JDRQ"]),
        payload=payload,
        personal=personal,
    )


def sealed(**fields: str) -> bytes:
    return settings.KEYRING.encrypt(orjson.dumps(fields), b"record")


def results() -> list[tuple[int, int, str, list[str]]]:
    """Every result kept: (report, subject, state, rules)."""
    found = raw_cursor().execute(
        "SELECT report_id, subject_id, state, reasons FROM registry_verification ORDER BY id"
    )
    return [(r, s, state, [one["rule"] for one in orjson.loads(reasons)]) for r, s, state, reasons in found]


def state_of(reported: int) -> str:
    """The last result for a report."""
    return [state for one, _, state, _ in results() if one == reported][-1]


@pytest.mark.obligation("4.1b")
def test_an_operator_is_verified_when_its_registration_comes_in(database: str) -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        office = kept.source()
        firm = kept.subject(NAME, code)
        shop = report(kept, firm, office, code)
    assert verify_subjects([firm], TODAY) == 1
    assert results() == [(shop, firm, "unverified", ["no_registration"])]
    with appending() as log:
        registration(Kept(log), firm, office, code)
    assert verify_subjects([firm], TODAY) == 1
    assert results()[1:] == [(shop, firm, "verified", ["agrees"])]


def test_a_second_run_keeps_nothing_and_leaves_the_ledger_alone(database: str) -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        office, firm, other = kept.source(), kept.subject(NAME, code), kept.subject("另一公司")
        report(kept, firm, office, code)
        registration(kept, firm, office, code)
    assert verify_subjects([firm, other, firm], TODAY) == 1
    heads = scalar("SELECT count(*) FROM ledger_treehead")
    assert verify_subjects([firm, other], TODAY) == 0
    assert verify_subjects([other], TODAY) == 0
    assert verify_subjects([], TODAY) == 0
    assert scalar("SELECT count(*) FROM ledger_treehead") == heads


@pytest.mark.obligation("4.1c")
def test_a_change_of_the_register_is_followed(database: str) -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        office, firm = kept.source(), kept.subject(NAME, code)
        shop = report(kept, firm, office, code)
        first = registration(kept, firm, office, code)
    verify_subjects([firm], TODAY)
    with appending() as log:
        renamed = registration(
            Kept(log), firm, office, code, ZC_MC="福州海天实业有限公司", ZC_CYM=NAME, ZC_HZRQ="2026-02-01"
        )
    verify_subjects([firm], TODAY)
    with appending() as log:
        registration(
            Kept(log),
            firm,
            office,
            code,
            ZC_MC="福州海天实业有限公司",
            ZC_FRDB="陈示例",
            ZC_HZRQ="2026-03-01",
        )
    verify_subjects([firm], TODAY)
    with appending() as log:
        registration(Kept(log), firm, office, code, ZC_ZT="注销", ZC_HZRQ="2026-04-01", ZC_ZTRQ="2026-04-01")
    verify_subjects([firm], TODAY)
    assert [(state, rules) for _, _, state, rules in results()] == [
        ("verified", ["agrees"]),
        ("verified", ["agrees", "former_name"]),
        ("mismatch", ["former_name", "legal_person"]),
        ("lapsed", ["ended"]),
    ]
    assert first and renamed and shop


def test_records_that_were_corrected_or_withdrawn_count_no_more(database: str) -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        office, firm = kept.source(), kept.subject(NAME, code)
        wrong = report(kept, firm, office, code, SF_MC="福州海天贸易有限公司")
        registered = registration(kept, firm, office, code)
    verify_subjects([firm], TODAY)
    with appending() as log:
        kept = Kept(log)
        payload = orjson.loads(str(scalar(f"SELECT payload FROM archive_record WHERE id = {wrong}")))
        right = kept.record(
            firm, office, item="identity_report", version="2021-05-01", disclosure="shared", law="ntsm",
            operation="correction", refers_to=wrong, payload=payload | {"SF_MC": NAME},
        )  # fmt: skip
    verify_subjects([firm], TODAY)
    with appending() as log:
        Kept(log).record(
            firm, office, item="registration", version="2022-03-01", law="entity746",
            operation="withdrawal", refers_to=registered, payload={},
        )  # fmt: skip
    verify_subjects([firm], TODAY)
    assert results() == [
        (wrong, firm, "mismatch", ["name"]),
        (right, firm, "verified", ["agrees"]),
        (right, firm, "unverified", ["no_registration"]),
    ]


@pytest.mark.obligation("4.1c")
def test_the_newest_report_of_each_shop_counts(database: str) -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        office, firm = kept.source(), kept.subject(NAME, code)
        registration(kept, firm, office, code)
        july = report(kept, firm, office, code, SF_BSQ="2025-07", SF_BSRQ="2025-07-08", SF_MC="错误名称公司")
        other = report(kept, firm, office, code, SF_WZ="https://shop.example.com/2")
        january = report(kept, firm, office, code)
    verify_subjects([firm], TODAY)
    assert {(one, state, *rules) for one, _, state, rules in results()} == {
        (july, "lapsed", "superseded"),
        (other, "verified", "agrees"),
        (january, "verified", "agrees"),
    }


@pytest.mark.obligation("4.1a")
def test_the_public_sees_the_state_of_the_shops_that_run(database: str) -> None:
    code = new_uscc()

    def shown() -> str | None:
        found = public_subject(code, TODAY)
        assert found is not None
        verification = orjson.loads(found)["subject"]["verification"]
        return verification and str(verification["state"])

    with appending() as log:
        kept = Kept(log)
        office, firm = kept.source(), kept.subject(NAME, code)
        registration(kept, firm, office, code)
        closed = report(kept, firm, office, code, SF_WZ="https://a.example.com", SF_ZZRQ="2026-03-01")
    assert shown() is None
    verify_subjects([firm], TODAY)
    assert shown() == state_of(closed) == "lapsed"
    with appending() as log:
        report(Kept(log), firm, office, code, SF_BSQ="2025-07", SF_BSRQ="2025-07-03", SF_MC="错误名称公司")
    verify_subjects([firm], date(2025, 12, 1))
    assert shown() == "mismatch"
    with appending() as log:
        report(Kept(log), firm, office, code)
    verify_subjects([firm], TODAY)
    assert shown() == "verified"


def test_the_fields_that_are_read_are_those_of_the_catalogue() -> None:
    read = {
        "identity_report": (identity.PERIOD, identity.CLOSED),
        identity.REGISTRATION: ("ZC_ZT", "ZC_CYM", "ZC_CLRQ", "ZC_ZTRQ"),
        identity.LICENCE: ("XK_XKWS", "XK_XKZS", "XK_ZT", identity.STARTS, identity.ENDS),
        identity.LISTING: ("JY_LRYY", "JY_LRRQ", "JY_YCRQ"),
    }
    assert set(read) == {*identity.reports(), *identity.registers()}
    for item, fields in read.items():
        for version in (one for one in catalogue.versions() if one.id == item):
            for field in fields:
                version.field(field)


def test_a_natural_person_is_verified_by_a_licence_to_the_same_number(database: str) -> None:
    number = "350102199003071234"
    with appending() as log:
        kept = Kept(log)
        office = kept.source()
        person = kept.subject("陈小云", kind="natural_person")
        payload = {
            "SF_MC": "陈小云", "SF_LB": "自然人", "SF_ZJLX": "身份证", "SF_DZ": "福州", "SF_PTDM": PLATFORM,
            "SF_WZ": "https://shop.example.com/9", "SF_BSQ": "2026-01",
        }  # fmt: skip
        kept.record(
            person, office, item="identity_report", version="2021-05-01", disclosure="shared", law="ntsm",
            payload=payload, personal=sealed(SF_ZJHM=number, SF_DH="13900000000"),
        )  # fmt: skip
        licence(
            kept, person, office, "2030-01-01", XK_XDR_MC="陈小云", XK_XDR_LB="自然人", XK_XDR_ZJLX="身份证",
            personal=sealed(XK_XDR_ZJHM="350102 19900307 1234"),
        )  # fmt: skip
    verify_subjects([person], TODAY)
    with appending() as log:
        licence(
            Kept(log),
            person,
            office,
            "2030-01-01",
            XK_XDR_MC="陈大云",
            XK_XDR_LB="自然人",
            XK_XDR_ZJLX="身份证",
            personal=b"broken",
        )
    verify_subjects([person], TODAY)
    assert [(state, rules) for _, _, state, rules in results()] == [("verified", ["agrees_licence"])]
    assert "陈小云" not in str(scalar("SELECT string_agg(reasons, '') FROM registry_verification"))


def test_merged_subjects_are_verified_as_one_and_apart_again_after(database: str) -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        office = kept.source()
        firm, without_code = kept.subject(NAME, code), kept.subject("福州鼓浪贸易公司")
        registration(kept, firm, office, code)
        shop = report(kept, without_code, office, None)
    verify_subjects([firm, without_code], TODAY)
    assert state_of(shop) == "unverified"
    made = merge(firm, without_code, by=at_the_console("审核员甲"), reason="同一营业执照", on=TODAY)
    assert results()[-1] == (shop, without_code, "verified", ["agrees"])
    undo_merge(made, by=at_the_console("审核员甲"), reason="误认", on=TODAY)
    assert results()[-1] == (shop, without_code, "unverified", ["no_registration"])


def test_a_report_that_moves_to_another_subject_is_verified_there(database: str) -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        office = kept.source()
        firm, stranger = kept.subject(NAME, code), kept.subject("福州另一家贸易有限公司", new_uscc())
        registration(kept, firm, office, code)
        shop = report(kept, stranger, office, code)
    verify_subjects([firm, stranger], TODAY)
    attribute([shop], firm, by="审核员甲", reason="代码属于该公司", on=TODAY)
    assert results() == [
        (shop, stranger, "unverified", ["no_registration"]),
        (shop, firm, "verified", ["agrees"]),
    ]


# --- what time does -----------------------------------------------------------------------------------------


@pytest.mark.obligation("4.1c")
def test_time_alone_makes_operators_due_once(database: str) -> None:
    with appending() as log:
        kept = Kept(log)
        office = kept.source()
        codes = [new_uscc() for _ in range(5)]
        steady, closing, licensed, renewing, silent = (kept.subject(NAME, code) for code in codes)
        for firm, code in zip((steady, closing, licensed, renewing, silent), codes, strict=True):
            registration(kept, firm, office, code)
        for number, (firm, code) in enumerate(
            zip((steady, closing, licensed, renewing), codes, strict=False)
        ):
            report(
                kept, firm, office, code, SF_WZ=f"https://shop.example.com/{number}", SF_BSQ="2026-07",
                SF_BSRQ="2026-07-05", SF_ZZRQ="2026-08-31" if firm == closing else "",
            )  # fmt: skip
        report(kept, silent, office, codes[4], SF_WZ="https://shop.example.com/5")
        licence(kept, licensed, office, "2026-09-10")
        licence(kept, renewing, office, "2026-07-15")
        licence(kept, renewing, office, "2031-09-30", XK_YXQZ="2026-10-01")
    everybody = [steady, closing, licensed, renewing, silent]
    verify_subjects(everybody, date(2026, 7, 10))

    def due(month: int, day: int) -> set[int]:
        today = date(2026, month, day)
        found = due_for_recheck(today)
        # Whoever is due is found; whoever is not changes by no check.
        kept_now = verify_subjects(found, today)
        assert verify_subjects(everybody, today) == 0
        assert kept_now <= len(found)
        return set(found)

    assert due(7, 10) == set()
    assert due(7, 16) == {renewing}  # its licence has run out
    assert due(7, 31) == set()
    assert due(8, 1) == {silent}  # not reported in July
    assert due(8, 2) == set()
    assert due(8, 31) == set()
    assert due(9, 1) == {closing}
    assert due(9, 11) == {licensed}
    assert due(10, 1) == {renewing}  # the new licence begins
    assert due(10, 2) == set()
    assert due(2 + 9, 1) == set()
    assert {state for one, _, state, _ in results() if one} == {"verified", "lapsed"}
