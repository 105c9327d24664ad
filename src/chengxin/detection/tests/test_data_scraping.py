"""Who draws personal data out of a query service is found, alone or in a ring; who works with much of it is
not.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from chengxin.detection.declaring import Lead
from chengxin.detection.tests.lakes import found, scores, written

START = datetime(2026, 3, 2, 1, tzinfo=UTC)  # nine on a Monday morning in China
PEOPLE = 20_000
Row = dict[str, Any]


def asked(
    account: str, people: Iterable[int], at: Iterable[float], *, natural: bool = True,
    purpose: str | None = "审核", found_share: float = 0.93, ips: int = 1, opaque: bool = False,
) -> list[Row]:  # fmt: skip
    """Look-ups of an account; `people` are numbers of persons, `at` hours after the start."""
    chance = random.Random(account)
    rows = []
    for number, (person, hour) in enumerate(zip(people, at, strict=False)):
        code = sha256(str(person).encode()).hexdigest() if opaque else f"35{person:08d}"
        rows.append(
            {
                "query_id": f"{account}-{number}", "platform": "p", "account_id": account,
                "at": START + timedelta(seconds=round(hour * 3600)), "subject_id": code,
                "subject_kind": "natural" if natural else "legal", "purpose": purpose,
                "ip": f"{account}.{chance.randrange(ips)}", "found": chance.random() < found_share,
            }
        )  # fmt: skip
    return rows


def office(chance: random.Random, count: int, days: int = 20) -> list[float]:
    return sorted(24 * chance.randrange(days) + 9 * chance.random() for _ in range(count))


def clerks(count: int = 40, opaque: bool = False, purposes: tuple[str, ...] = ("审核", "投诉")) -> list[Row]:
    """Honest accounts: some firms and some persons each, by day, no order in it."""
    chance = random.Random(1)
    rows: list[Row] = []
    for number in range(count):
        persons = 8 + int(40 * chance.random() ** 2)
        who = [chance.randrange(PEOPLE) for _ in range(persons)]
        purpose = purposes[number % len(purposes)]
        rows += asked(f"clerk{number}", who, office(chance, persons), purpose=purpose, opaque=opaque)
        firms = [chance.randrange(500) for _ in range(60)]
        more = asked(f"clerk{number}", firms, office(chance, 60), natural=False, purpose=purpose)
        rows += [one | {"query_id": f"{one['query_id']}-firm"} for one in more]
    return rows


def leads(folder: Path, *more: list[Row], queries: list[Row] | None = None) -> tuple[Lead, ...]:
    rows = [row for some in (clerks() if queries is None else queries, *more) for row in some]
    run = found(written(folder, queries=rows), "data_scraping")
    assert not run.failed
    return run.leads


def names(lead: Lead) -> set[str]:
    return {one.signal.name for one in lead.signals}


def evenly(count: int, minutes: float, start: float = 0.0) -> list[float]:
    return [start + number * minutes / 60 for number in range(count)]


@pytest.mark.obligation("17e")
def test_code_after_code_at_an_even_pace_comes_first_and_says_why(tmp_path: Path) -> None:
    first, *rest = leads(tmp_path, asked("bad", range(5000, 5400), evenly(400, 3), found_share=0.6))
    assert (first.entity_id, first.entity, first.platform) == ("bad", "account", "p")
    assert {"in_turn", "run", "even", "persons_a_day", "persons_an_hour", "not_found", "natural"} <= names(
        first
    )
    assert first.score > 0.7 > max((one.score for one in rest), default=0.0) + 0.1


def test_codes_taken_with_gaps_and_out_of_order_are_a_run_still(tmp_path: Path) -> None:
    chance = random.Random(4)
    people = [9000 + 2 * number for number in range(200)]
    chance.shuffle(people)
    first = leads(tmp_path, asked("bad", people, office(chance, 200)))[0]
    assert first.entity_id == "bad"
    assert "run" in names(first)


def test_a_run_split_among_accounts_is_a_ring(tmp_path: Path) -> None:
    chance = random.Random(8)
    people = list(range(12_000, 12_240))
    parts = [asked(f"bad{part}", people[part::4], office(chance, 60)) for part in range(4)]
    first = leads(tmp_path, *parts)[:4]
    assert {one.entity_id for one in first} == {f"bad{part}" for part in range(4)}
    assert len({one.ring for one in first}) == 1 and first[0].ring
    assert set(first[0].accounts) == {f"bad{part}" for part in range(4)}
    assert all("split_run" in names(one) for one in first)


def test_where_codes_are_opaque_the_numbers_and_the_pace_tell_and_the_order_is_silent(tmp_path: Path) -> None:
    bad = asked(
        "bad", range(5000, 5300), evenly(300, 2, start=15), found_share=0.5, purpose=None, opaque=True
    )
    first = leads(tmp_path, bad, queries=clerks(opaque=True))[0]
    assert first.entity_id == "bad"
    assert not names(first) & {"in_turn", "run", "split_run"}
    assert {"night", "not_found", "no_purpose", "even"} <= names(first)


def test_an_agency_with_a_batch_of_firms_and_an_auditor_come_after(tmp_path: Path) -> None:
    chance = random.Random(3)
    agency = asked(
        "agency", range(500), evenly(500, 1, start=15), natural=False, found_share=0.99, purpose="授权查询"
    )
    auditor = asked("auditor", sorted(chance.sample(range(PEOPLE), 60)), office(chance, 60), found_share=1.0)
    bad = asked("bad", range(5000, 5150), evenly(150, 4), found_share=0.7)
    told = scores(leads(tmp_path, agency, auditor, bad), "account")
    assert "agency" not in told
    assert told["bad"] > told.get("auditor", 0.0) + 0.2


def test_a_team_in_a_campaign_is_compared_with_itself(tmp_path: Path) -> None:
    chance = random.Random(6)
    team: list[Row] = []
    for number in range(20):
        who = chance.sample(range(PEOPLE), 150)
        team += asked(f"team{number}", who, office(chance, 150, days=5), purpose="专项排查")
    bad = asked("bad", range(5000, 5150), evenly(150, 4), found_share=0.7)
    told = scores(leads(tmp_path, team, bad), "account")
    assert max(told, key=told.__getitem__) == "bad"
    assert max((score for name, score in told.items() if name.startswith("team")), default=0.0) < 0.5


def test_a_purpose_copied_where_others_write_one_each_time_is_odd_and_one_chosen_from_a_list_is_not(
    tmp_path: Path,
) -> None:
    written_out = [row | {"purpose": f"核实订单{number}"} for number, row in enumerate(clerks())]
    bad = asked("bad", random.Random(2).sample(range(PEOPLE), 100), evenly(100, 7), purpose="核实订单0")
    assert "copied_purpose" in names(leads(tmp_path / "one", bad, queries=written_out)[0])
    assert all("copied_purpose" not in names(one) for one in leads(tmp_path / "two", bad))


def test_asking_from_many_addresses_is_a_witness_of_its_own(tmp_path: Path) -> None:
    chance = random.Random(2)
    who = chance.sample(range(PEOPLE), 90)
    one = {lead.entity_id: lead for lead in leads(tmp_path / "one", asked("bad", who, office(chance, 90)))}
    many = {
        lead.entity_id: lead
        for lead in leads(tmp_path / "many", asked("bad", who, office(chance, 90), ips=60))
    }
    assert "addresses" in names(many["bad"])
    assert many["bad"].score > one["bad"].score


def test_a_few_look_ups_however_odd_are_no_collection(tmp_path: Path) -> None:
    assert "few" not in scores(
        leads(tmp_path, asked("few", range(10), evenly(10, 1, start=16), found_share=0)), "account"
    )


def test_neither_the_order_of_rows_nor_the_names_of_accounts_change_anything(tmp_path: Path) -> None:
    rows = clerks(25) + asked("bad", range(5000, 5200), evenly(200, 3), found_share=0.6)
    rows += [
        row for part in range(2) for row in asked(f"pair{part}", range(900 + part, 1000, 2), evenly(50, 11))
    ]
    ids = {
        one: f"z{number * 7919 % 1000}"
        for number, one in enumerate(sorted({row["account_id"] for row in rows}))
    }
    renamed = [
        row | {"account_id": ids[row["account_id"]], "query_id": str(number)}
        for number, row in enumerate(rows)
    ]
    random.Random(9).shuffle(renamed)
    first, second = leads(tmp_path / "one", queries=rows), leads(tmp_path / "two", queries=renamed)
    assert {(ids[one.entity_id], one.score, one.ring is None) for one in first} == {
        (one.entity_id, one.score, one.ring is None) for one in second
    }


@pytest.mark.parametrize(
    "gone", [("purpose",), ("ip",), ("found",), ("purpose", "ip", "found"), ("subject_kind",), ()]
)
def test_missing_columns_and_hardly_any_rows_break_nothing(tmp_path: Path, gone: tuple[str, ...]) -> None:
    bad = asked("bad", range(5000, 5200), evenly(200, 3), found_share=0.6)
    for number, rows in enumerate(([], bad[:1], bad, [*bad, *bad], [*clerks(3), *bad])):
        kept = [{name: value for name, value in one.items() if name not in gone} for one in rows]
        run = found(written(tmp_path / str(number), queries=kept), "data_scraping")
        assert not run.failed
        if len(rows) > 1 and "subject_kind" not in gone:
            assert run.leads[0].entity_id == "bad"


def test_a_list_of_real_persons_in_order_is_below_who_counts_codes_up(tmp_path: Path) -> None:
    chance = random.Random(11)
    everyday = [row | {"found": chance.random() < 0.75} for row in clerks()]
    alike = [
        asked("school", range(5000, 5240), evenly(240, 2), purpose="入学核验", found_share=0.98),
        asked("thief", range(9000, 9240), evenly(240, 2), purpose="入学核验", found_share=0.75),
    ]
    scored = scores(leads(tmp_path, *alike, queries=everyday), "account")
    assert scored["thief"] > scored["school"] + 0.05
