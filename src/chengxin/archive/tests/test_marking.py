"""Marks on records: what is ended or suspended is gone from everywhere at once, what is contested says so."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import orjson
import polars as pl
import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from psycopg import DatabaseError

from chengxin.archive import held
from chengxin.archive.counting import count
from chengxin.archive.finding import find
from chengxin.archive.keeping import keep_records
from chengxin.archive.latest import latest
from chengxin.archive.marking import Kind, mark
from chengxin.archive.seeing import Sight
from chengxin.archive.statistics import published
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.archive.tests.staff import looking, number_of, opened
from chengxin.archive.tests.test_verifying import registration, report
from chengxin.archive.verifying import verify_subjects
from chengxin.ledger.actions import appending, raw_cursor
from chengxin.ledger.verify import verify
from chengxin.portal.tests.small import RESIDENT, Small, small_archive
from chengxin.registry.refusing import Refused
from chengxin.testing.signed import browser_of, person

OFFICIAL = "林审核"


@pytest.fixture
def small(database: str) -> Small:
    return small_archive()


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


def marked(
    kind: Kind, *records: int, case: int | None = 7, days: int = 0, because: str = "repair"
) -> tuple[int, ...]:
    """Mark records in a turn of its own; `days` from today on."""
    on = timezone.localdate() + timedelta(days=days)
    with appending() as log:
        return mark(log, records, kind, on=on, because=because, case=case, by=OFFICIAL, reason="已履行并纠正")


def sum_of(item: str) -> int:
    """What the open statistics say of an item, small numbers as nought."""
    return next((one.number or 0 for one in published("item") if one.of == (item,)), 0)


def sound() -> bool:
    """Whether the ledger finds nothing wrong with records and marks."""
    return not [one for one in verify().faults if one.table in ("archive_record", "archive_mark")]


def where_seen(small: Small, browser: Client, record: int) -> set[str]:
    """The public places that show a record."""
    today, seen = timezone.localdate(), set()
    for place, address in (
        ("page", f"/subjects/{small.code}"),
        ("timeline", f"/subjects/{small.code}?view=timeline"),
    ):
        if f'id="record-{record}"' in browser.get(address).content.decode():
            seen.add(place)
    for place, address in (
        ("record", f"/records/{record}"),
        ("API record", f"/api/v1/records/{record}"),
        ("proof", f"/api/v1/records/{record}/proof"),
    ):
        answer = browser.get(address)
        assert answer.status_code in (200, 404)
        if answer.status_code == 200:
            seen.add(place)
    view = orjson.loads(browser.get(f"/api/v1/subjects/{small.code}").content)
    if record in [one["id"] for one in view["records"]]:
        seen.add("API subject")
    items = [one["item"] for one in view["records"]] + ["penalty"]
    if record in [one.record["id"] for one in latest(sorted(set(items)), today, 100)]:
        seen.add("latest")
    return seen


EVERYWHERE = {"page", "timeline", "record", "API record", "proof", "API subject", "latest"}


@pytest.mark.obligation("9.1f")
@pytest.mark.parametrize(("kind", "back"), [("ended", "restored"), ("suspended", "resumed")])
def test_what_is_ended_is_gone_from_every_public_place_at_once(
    small: Small, browser: Client, kind: Kind, back: Kind
) -> None:
    assert where_seen(small, browser, small.shown) == EVERYWHERE
    assert marked(kind, small.shown) == (small.shown,)
    assert where_seen(small, browser, small.shown) == set()
    assert where_seen(small, browser, small.last_day) == EVERYWHERE, "the others stay"
    assert sound()
    assert marked(back, small.shown) == (small.shown,)
    assert where_seen(small, browser, small.shown) == EVERYWHERE
    assert sound()


def test_an_end_that_lies_ahead_counts_from_its_day(small: Small, browser: Client) -> None:
    marked("ended", small.shown, days=1)
    assert browser.get(f"/records/{small.shown}").status_code == 200
    marked("ended", small.shown, days=0)
    assert browser.get(f"/records/{small.shown}").status_code == 404
    assert sound()


def test_search_no_longer_warns_of_what_was_repaired(database: str) -> None:
    today, code = timezone.localdate(), new_uscc()
    with appending() as log:
        kept = Kept(log)
        firm, source = kept.subject("莆田示例鞋业有限公司", code), kept.source()
        listed = kept.record(
            firm, source, item="serious_violation", version="2021-09-01", start=today, until=None
        )
        fined = kept.record(firm, source, start=today, until=None)

    def standing() -> tuple[str, ...]:
        return find(code, today, {}).hits[0].facets["standing"]

    assert standing() == ("listed", "penalty")
    marked("ended", listed)
    assert standing() == ("penalty",)
    marked("ended", fined)
    assert standing() == ("none",)
    marked("restored", listed, fined)
    assert standing() == ("listed", "penalty")


def test_the_open_statistics_lose_what_ended_without_a_new_count(
    database: str, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = timezone.localdate()
    with appending() as log:
        kept = Kept(log)
        firm, source = kept.subject("莆田示例鞋业有限公司", new_uscc()), kept.source()
        records = [kept.record(firm, source, start=today, until=None) for _ in range(20)]
    count(today)
    monkeypatch.setenv("CHENGXIN_SERVING", "1")  # a process that serves doesn't count anew within REST

    def told() -> dict[str, str]:
        lines = csv.DictReader(io.StringIO(browser.get("/statistics.csv").content.decode("utf-8-sig")))
        return {one["table"]: one["number"] for one in lines if one["value"] == "penalty"}

    def json() -> int | None:
        tables = orjson.loads(browser.get("/statistics.json").content)["tables"]
        rows = [row for table in tables for row in table["rows"] if row["value"] == "penalty"]
        return rows[0]["number"] if rows else None

    assert set(told().values()) == {"20"}
    marked("ended", *records[:5])
    assert set(told().values()) == {"15"} and json() == 15
    assert ">15<" in browser.get("/").content.decode()
    marked("ended", *records[:6], case=8)
    assert sum_of("penalty") == 14, "what was ended before is not taken away twice"
    marked("restored", *records[:5], case=7)
    assert sum_of("penalty") == 14, "the other case still ends them"
    marked("restored", *records[:6], case=8)
    assert sum_of("penalty") == 20
    with appending() as log:
        late = Kept(log).record(firm, source, start=today, until=None)
    marked("ended", late)
    assert sum_of("penalty") == 20, "it was never counted"
    marked("suspended", records[0])
    count(today)
    assert sum_of("penalty") == 19


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_contested_record_says_so(small: Small, browser: Client, language: str) -> None:
    words = {"zh": "异议处理中", "en": "Under objection"}[language]
    addresses = [
        f"{path}?lang={language}" for path in (f"/subjects/{small.code}", f"/records/{small.shown}", "/")
    ]
    assert not [one for one in addresses if words in browser.get(one).content.decode()]
    marked("contested", small.shown, small.latest, because="objection")
    for address in addresses[:2]:
        assert words in browser.get(address).content.decode()
    view = orjson.loads(browser.get(f"/api/v1/subjects/{small.code}").content)
    states = {one["id"]: one["state"] for one in view["records"]}
    assert states.pop(small.shown) == states.pop(small.latest) == "contested"
    assert set(states.values()) == {"in_force"}
    marked("settled", small.shown, small.latest, because="objection")
    assert not [one for one in addresses if words in browser.get(one).content.decode()]
    assert sound()


def test_two_objections_to_one_record_are_settled_each_by_itself(small: Small) -> None:
    def contested() -> bool:
        (one,) = [
            one
            for one in held.records(number_of(small.code), timezone.localdate())
            if one["id"] == small.shown
        ]
        return bool(one["state"] == "contested")

    assert marked("contested", small.shown, case=1) == (small.shown,)
    assert marked("contested", small.shown, case=2) == ()
    assert marked("contested", small.shown, case=2) == ()
    assert marked("settled", small.shown, case=1) == () and contested()
    assert marked("settled", small.shown, case=3) == () and contested(), "no case of that number contested it"
    assert marked("settled", small.shown, case=2) == (small.shown,) and not contested()
    with appending() as log:
        found = log.cursor.execute("SELECT kind, case_id FROM archive_mark ORDER BY id").fetchall()
    assert found == [("contested", 1), ("contested", 2), ("settled", 1), ("settled", 2)]
    assert sound()


def test_ending_again_is_no_error_and_writes_nothing(small: Small) -> None:
    assert marked("ended", small.shown, small.last_day) == (small.shown, small.last_day)
    assert marked("ended", small.shown, small.sealed) == (small.sealed,)
    assert marked("restored", small.shown, case=99) == ()


def test_marks_are_refused_for_unknown_records_and_without_a_signature(small: Small) -> None:
    with pytest.raises(Refused) as refused:
        marked("ended", small.shown, 10**9)
    assert "1000000000" in refused.value.problem.zh and "1000000000" in refused.value.problem.en
    with pytest.raises(Refused):
        marked("ended")
    today = timezone.localdate()
    for by, reason in (("", "理由"), (OFFICIAL, " ")):
        with pytest.raises(Refused), appending() as log:
            mark(log, [small.shown], "ended", on=today, because="repair", case=1, by=by, reason=reason)
    assert all(one["state"] != "repaired" for one in held.records(number_of(small.code), today))


def test_what_was_repaired_does_not_come_back_when_its_source_sends_it_once_more(
    small: Small, browser: Client
) -> None:
    marked("ended", small.shown)
    marked("contested", small.shown, case=8)
    with appending() as log:
        kept = Kept(log)
        found = log.cursor.execute(
            "SELECT subject_id, item, item_version::text, source_id, batch_id, row, date::text, disclosure, "
            "publish_from::text, publish_until::text, law, key::text, payload "
            "FROM archive_record WHERE id = %s",
            [small.shown],
        )
        names = [column.name for column in found.description or ()]
        row = dict(zip(names, found.fetchone() or (), strict=True))
        rows = pl.DataFrame([row, row], infer_schema_length=None).with_columns(
            pl.Series("operation", ["correction", "correction"]),
            pl.Series("refers_to_id", [small.shown, -1], dtype=pl.Int64),
            pl.Series(
                "digest", ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"]
            ),
            pl.lit(None, pl.String).alias("personal"),
        )
        again = keep_records(log, rows)["id"].to_list()
        other = kept.record(number_of(small.code), row["source_id"], start=timezone.localdate(), until=None)
    for record in again:
        assert browser.get(f"/records/{record}").status_code == 404
    assert browser.get(f"/records/{other}").status_code == 200
    assert sound()
    assert marked("settled", small.shown, case=8) == (small.shown, *again), "with all that correct it"
    assert marked("restored", small.shown) == (small.shown, *again)
    assert browser.get(f"/records/{again[1]}").status_code == 200
    assert sound()


# --- behind the public pages --------------------------------------------------------------------------------


def test_departments_learn_of_what_was_repaired_only_that_it_must_not_be_used(small: Small) -> None:
    marked("ended", small.shown)
    marked("ended", small.last_day, because="annulment")
    page = opened(looking("department_officer", region="350102"), f"/work/subjects/{small.code}")
    assert "已修复，不得使用" in page and "已终止，不得使用" in page
    assert "〔2026〕0101号" not in page and "〔2026〕0102号" not in page
    assert "〔2026〕0109号" in page, "what is shared still is"
    office = opened(looking("credit_office"), f"/work/subjects/{small.code}")
    assert "〔2026〕0101号" in office and "已修复，不得使用" in office
    summary = held.summary(number_of(small.code), timezone.localdate())
    states = {one.state: one.number for one in summary.seen if one.item == "penalty"}
    assert states["repaired"] == states["ended"] == 1


def test_who_sees_only_what_is_public_sees_what_is_contested_and_not_what_is_suspended(small: Small) -> None:
    marked("contested", small.shown)
    marked("suspended", small.last_day)
    marked("ended", small.sealed)
    found = held.records(number_of(small.code), timezone.localdate(), Sight(frozenset()), limit=None)
    numbers = {one["id"] for one in found}
    assert small.shown in numbers
    assert not numbers & {small.last_day, small.sealed}


def test_a_sealed_number_of_an_ended_record_is_no_longer_opened_by_departments(small: Small) -> None:
    asked = {"record": str(small.sealed), "field": "CF_FR_ZJHM"}
    address = f"/work/subjects/{small.code}/unmask"
    assert RESIDENT in looking("credit_office").post(address, asked).content.decode()
    marked("ended", small.sealed)
    department = looking("department_officer", region="350102")
    assert RESIDENT not in department.post(address, asked).content.decode()
    assert RESIDENT in looking("credit_office").post(address, asked).content.decode()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_subject_sees_state_day_and_why(small: Small, language: str) -> None:
    today = timezone.localdate()
    marked("ended", small.shown)
    marked("contested", small.last_day, because="objection")
    marked("suspended", small.sealed, because="objection")
    browser = browser_of(person("merchant", subject=number_of(small.code)))
    page = opened(browser, "/own", language=language)
    wanted = {
        "zh": ("已修复，不得使用", "异议处理中", "暂停公示和使用", "信用修复", f"{today} 起"),
        "en": ("Repaired: not to be used", "Under objection", "Suspended", "credit repair", f"since {today}"),
    }[language]
    for words in (*wanted, "已履行并纠正", "〔2026〕0101号"):
        assert words in page, words
    copy = orjson.loads(browser.get("/own/download?format=json").content)
    (one,) = [one for one in copy["records"] if one["id"] == small.shown]
    assert (one["state"], one["since"], one["because"], one["case"]) == (
        "repaired",
        today.isoformat(),
        "repair",
        7,
    )
    assert one["reason"] == "已履行并纠正"


def test_a_listing_that_was_repaired_is_no_longer_held_against_a_shop(database: str) -> None:
    code, today = new_uscc(), date(2026, 6, 1)
    with appending() as log:
        kept = Kept(log)
        office = kept.source()
        firm = kept.subject("福州鼓浪贸易有限公司", code)
        registration(kept, firm, office, code)
        report(kept, firm, office, code)
        listed = kept.record(
            firm, office, item="abnormal_operation", version="2014-10-01", start=today, until=None,
            payload={"JY_LRYY": "通过登记的住所无法联系", "JY_LRRQ": "2026-05-04"},
        )  # fmt: skip
    verify_subjects([firm], today)

    def why() -> list[list[str]]:
        found = raw_cursor().execute("SELECT reasons FROM registry_verification ORDER BY id").fetchall()
        return [[one["rule"] for one in orjson.loads(reasons)] for (reasons,) in found]

    (before,) = why()
    assert {"not_found", "listed"} & set(before)
    said: dict[str, Any] = {"because": "repair", "case": 1, "by": OFFICIAL, "reason": "已移出"}
    with appending() as log:
        mark(log, [listed], "ended", on=today, **said)
    assert why() == [before, ["agrees"]]
    with appending() as log:
        mark(log, [listed], "restored", on=today, **said)
    assert why() == [before, ["agrees"], before]


def test_the_guard_can_be_put_on_and_taken_off_with_records_there(small: Small) -> None:
    def refused() -> bool:
        with pytest.raises(DatabaseError) as failed, transaction.atomic():
            raw_cursor().execute("UPDATE archive_record SET law = law")
        return "append-only" in str(failed.value)

    assert refused()
    call_command("migrate", "archive", "0003", verbosity=0)
    try:
        assert refused()
    finally:
        call_command("migrate", verbosity=0)
    assert refused() and sound()
    assert marked("ended", small.shown) == (small.shown,)
