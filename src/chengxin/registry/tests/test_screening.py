"""Lists of names and codes held against the registry: exact, probable, none, and never a person by name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from psycopg import errors

from chengxin.archive.following import reproject_names
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.database import reading
from chengxin.kernel.identifiers import regno_check_digit
from chengxin.ledger.actions import appending
from chengxin.registry import screening
from chengxin.registry.matching import thresholds
from chengxin.registry.merging import merge
from chengxin.registry.screening import Screened, screen

TODAY = date(2026, 6, 1)
NAME = "福州鼓浪贸易有限公司"


def one(query: str) -> Screened:
    (found,) = screen([query], on=TODAY)
    assert found.query == query
    return found


def codes(found: Screened) -> list[str]:
    return [subject.code for subject in found.subjects]


def kept_names(*names: str, kind: str = "legal_person") -> list[str]:
    """Subjects with these names; their codes."""
    given = [new_uscc() for _ in names]
    with appending() as log:
        kept = Kept(log)
        for name, code in zip(names, given, strict=True):
            kept.subject(name, code, kind=kind)
    return given


@pytest.mark.parametrize(
    "spelled", [str, str.lower, lambda code: f" {code[:8]} {code[8:]}-", lambda c: c.replace("9", "９")]
)
def test_a_code_is_exact_in_any_spelling(database: str, spelled: object) -> None:
    assert callable(spelled)
    (code,) = kept_names(NAME)
    assert one(spelled(code)).as_dict() == {
        "query": spelled(code), "match": "exact", "subjects": [{"code": code, "name": NAME, "score": 1.0}],
    }  # fmt: skip


def test_codes_of_every_public_scheme_are_found(database: str) -> None:
    regno = "35010010000123" + regno_check_digit("35010010000123")
    written = {
        "regno": regno, "orgcode": "MA2XAB013", "tax_no": "350102MA2XAB013", "institution_no": "135000000001",
        "social_org_no": "闽社证字第00001号", "icp": "闽ICP备12345678号-2", "domain": "shop.example.com",
    }  # fmt: skip
    with appending() as log:
        kept = Kept(log)
        uscc = new_uscc()
        kept.source()
        firm = kept.subject(NAME, uscc)
        for scheme, value in written.items():
            kept.identifier(firm, scheme, value)
    queries = [*written.values(), "MA2XAB01-3", "Shop.Example.com.", f"s{firm}"]
    assert [(found.match, codes(found)) for found in screen(queries)] == [("exact", [uscc])] * len(queries)


def test_a_code_that_nobody_has_is_none_and_is_not_read_as_a_name(database: str) -> None:
    kept_names("9135010200000001商行", NAME)
    assert one(new_uscc()).match == "none"
    assert one("91350102").match == "none"


def test_a_person_is_found_by_the_own_number_only_and_shown_masked(database: str) -> None:
    number = "350102199003071234"
    with appending() as log:
        kept = Kept(log)
        kept.source()
        person = kept.subject("陈小云", kind="natural_person")
        kept.sealed_identifier(
            person, "resident_id", settings.KEYRING.fingerprint("resident_id", number), b"sealed"
        )
        kept.sealed_identifier(
            person, "passport", settings.KEYRING.fingerprint("passport", "E12345678"), b"s"
        )
        kept.sealed_identifier(person, "phone", settings.KEYRING.fingerprint("phone", "13900000000"), b"s")
    for query in (number, "350102 19900307 1234", "e12345678", f"S{person}"):
        assert one(query).as_dict()["subjects"] == [{"code": f"S{person}", "name": "陈**", "score": 1.0}]
    for query in ("陈小云", "陈小雲", "13900000000", "350102199003071235"):
        assert one(query).match == "none"


@pytest.mark.parametrize(
    "written", [NAME, "福州 鼓浪貿易有限公司", "福州（鼓浪）贸易有限公司", " 福州鼓浪贸易有限公司。"]
)
def test_an_equal_name_is_exact(database: str, written: str) -> None:
    (code,) = kept_names(NAME)
    found = one(written)
    assert (found.match, codes(found)) == ("exact", [code])
    assert 0.9 < found.subjects[0].score < 1


def test_all_subjects_of_an_equal_name_are_given(database: str) -> None:
    given = kept_names(*["福州便民超市"] * 8, kind="individual_business")
    found = one("福州便民超市")
    assert found.match == "exact" and sorted(codes(found)) == sorted(given)


def test_a_former_name_is_exact_behind_those_called_so_today(database: str) -> None:
    code, now = new_uscc(), new_uscc()
    with appending() as log:
        kept = Kept(log)
        office, firm = kept.source(), kept.subject(NAME, code)
        kept.renamed(firm, "福州海天实业有限公司", date(2025, 1, 1), kept.record(firm, office))
        kept.renamed(firm, "厦门远航实业有限公司", date(2026, 1, 1), kept.record(firm, office))
        reproject_names(log, [firm])
    for name in (NAME, "福州海天实业有限公司", "厦门远航实业有限公司"):
        found = one(name)
        assert (found.match, found.subjects[0][:2]) == ("exact", (code, "厦门远航实业有限公司"))
    with appending() as log:
        Kept(log).subject(NAME, now)
    assert codes(one(NAME)) == [now, code]


def test_a_merged_subject_leads_to_the_one_that_stands_for_it(database: str) -> None:
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        firm, other = kept.subject(NAME, code), kept.subject("福州古郎贸易商行")
    merge(firm, other, by="审核员甲", reason="同一营业执照", on=TODAY)
    assert one("福州古郎贸易商行").subjects[0][:2] == (code, NAME)
    assert one(f"S{other}").subjects == (screening.Likely(code, NAME, 1.0),)
    assert codes(one("福州古郎贸易")) == [code]


@pytest.mark.parametrize(
    "written", ["福州鼓浪贸易商行", "鼓浪贸易有限公司", "福州古郎贸易有限公司", "福州浪鼓贸易有限公司"]
)
def test_a_likely_name_is_probable(database: str, written: str) -> None:
    code, *_ = kept_names(NAME, "福州海天茶业有限公司", "厦门鼓浪屿食品有限公司")
    found = one(written)
    assert found.match == "probable" and found.subjects[0].code == code
    assert all(thresholds(TODAY).queue <= subject.score < 1 for subject in found.subjects)


def test_at_most_five_probable_subjects_best_first(database: str) -> None:
    kept_names(
        *(
            f"福州鼓浪贸易{ending}"
            for ending in ("商行", "商店", "经营部", "有限公司", "总公司", "工作室", "中心")
        )
    )
    found = one("福州鼓浪贸易")
    scores = [subject.score for subject in found.subjects]
    assert found.match == "probable" and len(scores) == 5 and scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    "query", ["", "  ", "（）", "福", "完全不同的一家公司", "\x00", "S0", "S99999999999999999999"]
)
def test_what_is_nobody_is_none(database: str, query: str) -> None:
    kept_names(NAME)
    assert one(query) == Screened(query, "none", ())


def test_answers_come_in_order_over_slices_each_time_the_query_stands(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screening, "SLICE", 4)
    first, second = kept_names(NAME, "厦门远航食品有限公司")
    queries = [NAME, "没有这家", second, NAME, "", first, "厦门远航食品公司", NAME, second]
    found = list(screen(queries))
    assert [each.query for each in found] == queries
    assert [codes(each)[:1] for each in found] == [
        [first], [], [second], [first], [], [first], [second], [first], [second],
    ]  # fmt: skip
    assert list(screen([])) == []


def test_a_slice_takes_a_few_statements_however_many_names(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_names(*(f"福州鼓浪{number}号贸易有限公司" for number in range(50)))
    asked: list[str] = []
    rows = reading.rows

    def counted(statement: str, values: Sequence[Any] = ()) -> list[Any]:
        asked.append(statement)
        return rows(statement, values)

    monkeypatch.setattr(reading, "rows", counted)
    queries = [f"福州鼓浪{number}号贸易商行" for number in range(200)]
    assert {found.match for found in screen(queries)} == {"probable"}
    assert len(asked) <= 6


def test_what_takes_too_long_is_looked_up_in_halves(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = kept_names(*(f"福州鼓浪{number}号贸易有限公司" for number in range(9)))
    rows = reading.rows

    def slow(statement: str, values: Sequence[Any] = ()) -> list[Any]:
        if values and len(values[0]) > 2:
            raise errors.QueryCanceled
        return rows(statement, values)

    monkeypatch.setattr(reading, "rows", slow)
    found = list(screen([f"福州鼓浪{number}号贸易有限公司" for number in range(9)]))
    assert [codes(each)[0] for each in found] == given


def test_a_key_that_too_many_share_is_not_followed(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_names(*(f"福州鼓浪贸易{ending}" for ending in ("商行", "商店", "经营部")))
    assert one("福州鼓浪贸易").match == "probable"
    monkeypatch.setattr(screening, "COMMONEST_KEY", 2)
    assert one("福州鼓浪贸易").match == "none"
