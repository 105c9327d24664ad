"""The front door: what becomes of the rows that are sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from chengxin.archive.queries import full_subject
from chengxin.exchange.actions import Refused, ingest_file
from chengxin.exchange.tests.sending import SOURCE, TODAY, example, rows_of, send
from chengxin.kernel.identifiers import orgcode_check_digit, resident_id_check_digit, uscc_check_digit
from chengxin.rulebook import catalogue

pytestmark = pytest.mark.usefixtures("database")

CODE = "91350102MA2XAB0130"


def code(number: int) -> str:
    """A valid code of a firm in Gulou, Fuzhou."""
    organisation = f"DM{number:06d}"
    body = "91350102" + organisation + orgcode_check_digit(organisation)
    return body + uscc_check_digit(body)


def states(subject: str, today: date = TODAY) -> list[tuple[str, str, str | None]]:
    found = full_subject(subject, today)
    assert found is not None
    return [(one["operation"], one["state"], one["payload"].get("BZ")) for one in found["records"]][::-1]


@pytest.mark.obligation("9.1c")
@pytest.mark.parametrize("item", [one.id for one in catalogue.items(TODAY)])
def test_the_example_row_of_every_item_is_kept(tmp_path: Path, item: str) -> None:
    receipt = send(tmp_path, item, [example(item)], source="演示报送单位")
    assert (receipt.rows, receipt.kept, receipt.stage) == (1, 1, "kept")


@pytest.mark.obligation("9.1d")
def test_every_row_ends_as_kept_duplicate_or_rejected(tmp_path: Path) -> None:
    good = [example("penalty", CF_WSH=f"榕市监罚〔2026〕{number}号") for number in range(3)]
    faulty = example("penalty", CF_WSH="榕市监罚〔2026〕9号", CF_XDR_SHXYM=CODE[:17] + "1")
    receipt = send(tmp_path, "penalty", [*good, good[0], faulty])
    assert (receipt.rows, receipt.kept, receipt.duplicate, receipt.rejected) == (5, 3, 1, 1)
    assert receipt.rejects_file is not None and Path(receipt.rejects_file).exists()


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    rows = [example("penalty", CF_WSH=f"榕市监罚〔2026〕{number}号") for number in range(3)]
    first = send(tmp_path, "penalty", rows)
    leaves = rows_of("SELECT max(size) FROM ledger_treehead")
    second = send(tmp_path, "penalty", rows)
    assert (first.kept, second.kept, second.duplicate) == (3, 0, 3)
    assert rows_of("SELECT max(size) FROM ledger_treehead") == leaves
    assert second.batch != first.batch


def test_a_fact_stated_anew_corrects_the_record_before(tmp_path: Path) -> None:
    send(tmp_path, "penalty", [example("penalty", BZ="一")])
    receipt = send(tmp_path, "penalty", [example("penalty", BZ="二")])
    assert receipt.kept == 1
    assert states(CODE) == [("new", "corrected", "一"), ("correction", "in_force", "二")]


def test_corrections_in_one_file_refer_to_each_other(tmp_path: Path) -> None:
    send(tmp_path, "penalty", [example("penalty", BZ=text) for text in "一二三"])
    assert rows_of("SELECT row, operation, (SELECT f.row FROM archive_record f WHERE f.id = r.refers_to_id) "
                   "FROM archive_record r ORDER BY r.row") == [
        (1, "new", None), (2, "correction", 1), (3, "correction", 2),
    ]  # fmt: skip


def test_an_old_file_sent_again_by_mistake_does_not_undo_a_correction(tmp_path: Path) -> None:
    send(tmp_path, "penalty", [example("penalty", BZ="一")])
    send(tmp_path, "penalty", [example("penalty", BZ="二")])
    assert send(tmp_path, "penalty", [example("penalty", BZ="一")]).duplicate == 1
    assert send(tmp_path, "penalty", [example("penalty", BZ="一")], operation="correction").kept == 1
    assert send(tmp_path, "penalty", [example("penalty", BZ="一")], operation="correction").duplicate == 1
    assert states(CODE)[-1] == ("correction", "in_force", "一")


def test_a_withdrawal_is_a_record_of_its_own_and_happens_once(tmp_path: Path) -> None:
    send(tmp_path, "penalty", [example("penalty")])
    assert send(tmp_path, "penalty", [example("penalty")], operation="withdrawal").kept == 1
    assert send(tmp_path, "penalty", [example("penalty")], operation="withdrawal").duplicate == 1
    assert send(tmp_path, "penalty", [example("penalty")]).duplicate == 1
    assert [state for _, state, _ in states(CODE)] == ["withdrawn", "withdrawn"]


def test_what_was_never_sent_can_be_neither_corrected_nor_withdrawn(tmp_path: Path) -> None:
    for operation in ("correction", "withdrawal"):
        receipt = send(tmp_path, "penalty", [example("penalty")], operation=operation)
        assert (receipt.kept, receipt.rejected) == (0, 1)


@pytest.mark.obligation("4.1b")
def test_one_subject_under_every_code_that_names_it(tmp_path: Path) -> None:
    send(tmp_path, "penalty", [example("penalty")])
    other = example(
        "licence", XK_XDR_MC="福州示例电子商务有限公司", XK_XDR_SHXYM=CODE, XK_XDR_ZZJG=CODE[8:17]
    )
    send(tmp_path, "licence", [other])
    assert rows_of("SELECT count(*) FROM registry_subject") == [(1,)]
    found = full_subject(CODE[8:17], TODAY)
    assert found is not None and len(found["records"]) == 2


def test_a_row_without_code_is_matched_by_name_and_place(tmp_path: Path) -> None:
    send(tmp_path, "registration", [example("registration")])
    complaint = example("complaint_outcome", TS_SHXYM=None, TS_MC="（福州）示例电子商务有限公司")
    registered = example("registration")["ZC_MC"]
    receipt = send(
        tmp_path,
        "complaint_outcome",
        [complaint | {"TS_MC": registered, "TS_BH": "1"}],
        source="福建省12315投诉举报平台",
    )
    assert (receipt.kept, receipt.new_subjects, receipt.without_code) == (1, 0, 1)
    found = full_subject(str(example("registration")["ZC_SHXYM"]), TODAY)
    assert found is not None and len(found["records"]) == 2


def test_a_firm_known_by_its_new_code_is_found_when_reported_by_its_old_number(tmp_path: Path) -> None:
    registered = example("registration")
    send(tmp_path, "registration", [{**registered, "ZC_ZCH": None}])
    old = {
        "XK_XDR_MC": registered["ZC_MC"],
        "XK_XDR_SHXYM": None,
        "XK_XDR_GSZC": "350100100001237",
        "XK_FRDB": registered["ZC_FRDB"],
    }
    receipt = send(tmp_path, "licence", [example("licence", **old)])
    assert (receipt.kept, receipt.new_subjects, receipt.queued) == (1, 0, 0)
    other = example("licence", **old, XK_WSH="2") | {"XK_XDR_SHXYM": code(7), "XK_XDR_GSZC": None}
    assert send(tmp_path, "licence", [other]).new_subjects == 1, "another unified code is another firm"


def test_a_doubtful_match_waits_for_a_steward(tmp_path: Path) -> None:
    send(tmp_path, "penalty", [example("penalty", CF_XDR_MC="福州鼓浪海产贸易有限公司")])
    doubtful = example("complaint_outcome", TS_SHXYM=None, TS_MC="鼓浪海产商行", TS_BH="1")
    receipt = send(tmp_path, "complaint_outcome", [doubtful], source="福建省12315投诉举报平台")
    assert receipt.new_subjects == 1
    waiting = rows_of("SELECT probability, evidence FROM registry_matchcandidate WHERE state = 'open'")
    assert len(waiting) == receipt.queued


def test_a_natural_person_is_matched_by_number_which_is_never_kept_readable(tmp_path: Path) -> None:
    number = "350000190001010018"
    number = number[:17] + resident_id_check_digit(number[:17])
    person = {
        "CF_XDR_LB": "自然人",
        "CF_XDR_MC": "陈演示",
        "CF_XDR_SHXYM": None,
        "CF_XDR_ZJLX": "身份证",
        "CF_XDR_ZJHM": number,
    }
    person |= dict.fromkeys(
        (
            "CF_XDR_GSZC",
            "CF_XDR_ZZJG",
            "CF_XDR_SWDJ",
            "CF_XDR_SYDW",
            "CF_XDR_SHZZ",
            "CF_FRDB",
            "CF_FR_ZJLX",
            "CF_FR_ZJHM",
        )
    )
    rows = [example("penalty", CF_WSH=f"榕市监罚〔2026〕{n}号", **person) for n in range(2)]
    receipt = send(tmp_path, "penalty", rows)
    assert (receipt.kept, receipt.new_subjects) == (2, 1)
    found = full_subject(number, TODAY)
    assert found is not None and len(found["records"]) == 2
    assert number not in str(found)
    for table in ("archive_record", "registry_identifier", "exchange_reject"):
        assert not rows_of(f"SELECT 1 FROM {table} t WHERE t::text LIKE '%{number}%'")


def test_a_later_registration_renames_and_its_withdrawal_takes_the_name_back(tmp_path: Path) -> None:
    first = example("registration", ZC_MC="福州旧名贸易有限公司", ZC_HZRQ="2024-03-01")
    later = example("registration", ZC_MC="福州新名贸易有限公司", ZC_HZRQ="2025-03-03")
    send(tmp_path, "registration", [first])
    send(tmp_path, "registration", [later])
    assert rows_of("SELECT name FROM registry_subject") == [("福州新名贸易有限公司",)]
    send(tmp_path, "registration", [later], operation="withdrawal")
    assert rows_of("SELECT name, registered_name FROM registry_subject") == [
        ("福州旧名贸易有限公司", "福州旧名贸易有限公司")
    ]


def test_corrected_registration_keeps_the_name_and_role(tmp_path: Path) -> None:
    send(
        tmp_path,
        "registration",
        [example("registration", ZC_HZRQ="2024-03-01", ZC_MC="福州旧名贸易有限公司")],
    )
    later = example("registration", ZC_MC="福州新名贸易有限公司", ZC_HZRQ="2025-03-03")
    send(tmp_path, "registration", [later])
    send(tmp_path, "registration", [later | {"BZ": "更正"}])
    assert rows_of("SELECT name FROM registry_subject") == [("福州新名贸易有限公司",)]
    found = full_subject(str(later["ZC_SHXYM"]), TODAY)
    assert found is not None and found["subject"]["roles"]


@pytest.mark.obligation("4.2a")
def test_shops_of_an_identity_report_are_noted_once_while_nothing_changes(tmp_path: Path) -> None:
    report = example("identity_report")
    send(tmp_path, "identity_report", [report], source="演示平台")
    send(tmp_path, "identity_report", [report | {"BZ": "再报"}], source="演示平台")
    outlets = rows_of(
        "SELECT name, domain FROM registry_outlet o WHERE NOT EXISTS "
        "(SELECT FROM archive_record l WHERE l.refers_to_id = o.record_id)"
    )
    assert len(outlets) == 1


def test_a_confirmed_source_may_send_only_what_the_catalogue_lets_it(tmp_path: Path) -> None:
    send(tmp_path, "penalty", [example("penalty")])
    path = tmp_path / "penalty.csv"
    with pytest.raises(Refused) as refused:
        ingest_file(path, "third_party_rating", SOURCE, TODAY)
    assert refused.value.problem.rule == "catalogue.sources"


def test_the_law_of_the_records_day_decides_how_long_it_is_public(tmp_path: Path) -> None:
    old = example("penalty", CF_JDRQ="2024-05-06", CF_WSH="榕市监罚〔2024〕1号", CF_GSJZQ="2099/12/31")
    new = example("penalty", CF_JDRQ="2026-05-06", CF_WSH="榕市监罚〔2026〕2号", CF_GSJZQ="2099/12/31")
    send(tmp_path, "penalty", [old, new])
    assert rows_of("SELECT date::text, law, publish_until::text FROM archive_record ORDER BY date") == [
        ("2024-05-06", "repair58", "2027-05-06"),
        ("2026-05-06", "repair36", "2027-05-06"),
    ]


@pytest.mark.obligation("9.1b")
def test_hostile_text_is_kept_as_it_is(tmp_path: Path) -> None:
    texts = [
        "\\N",
        'a"b',
        "'; DROP TABLE x; --",
        "=cmd|' /C calc'!A0",
        "行1\n行2",
        "\\\\x00",
        "{}",
        "\u2028",
        "𠮷",
    ]
    rows = [example("penalty", CF_WSH=f"榕市监罚〔2026〕{n}号", CF_SY=text) for n, text in enumerate(texts)]
    assert send(tmp_path, "penalty", rows).kept == len(texts)
    found = full_subject(CODE, TODAY)
    assert found is not None
    assert {one["payload"]["CF_SY"] for one in found["records"]} == set(texts)
