"""The commands as others call them: names, options, exit codes, and the JSON that they print."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest

from chengxin.cli.tests.running import COMMAND, objects, run, serving
from chengxin.rulebook.measures import measure
from chengxin.rulebook.procedures import procedure
from chengxin.testing.django_ready import quick_folder
from chengxin.triage.tests import sample

pytestmark = pytest.mark.takes_long

SOURCE = "福建省市场监督管理局"
SCALE, FEW = 0.2, 3
"""Of the demonstration, and after how many cases of its history it is killed."""
DEMO_FILE = "18-penalty-province.csv"


@pytest.fixture(scope="module")
def filled() -> tuple[Path, dict[str, Any], dict[str, Any]]:
    """A home with the demonstration in it: killed while its history was played, filled by a second call.

    What the history had done when it was killed, and what the second call told.
    """
    home = quick_folder("chengxin-commands-") / "a home"
    demo = ["demo", "--home", home, "--scale", SCALE, "--json"]
    first = subprocess.Popen([COMMAND, *map(str, demo)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    played = home / "demonstration_history.json"
    for _ in range(3_000):
        if played.exists() and len(json.loads(played.read_text())["cases"]) > FEW:
            break
        time.sleep(0.1)
    first.kill()
    first.wait()
    until = json.loads(played.read_text())
    return home, until, objects(*demo)[0]


@pytest.fixture(scope="module")
def service(filled: tuple[Path, dict[str, Any], dict[str, Any]]) -> Iterator[str]:
    """The address of a service over the home."""
    with serving(filled[0]) as address:
        yield address


@pytest.fixture(scope="module")
def province(filled: tuple[Path, dict[str, Any], dict[str, Any]], service: str) -> Path:
    """The home, served meanwhile."""
    return filled[0]


COMMANDS = (
    "ingest", "demo", "template", "items", "batches", "quality", "show", "search", "screen", "serve", "run",
    "deadline", "token", "recheck", "admin create", "admin list", "admin end", "admin reset-second-factor",
    "match queue", "match decide", "match merge", "match undo", "match move",
    "ledger verify", "ledger head", "ledger proof", "leads take",
)  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    assert f"Example: chengxin {name}" in re.sub(r"[\s│]+", " ", run(*name.split(), "--help").stdout)


def test_a_demonstration_goes_into_an_empty_home_only(province: Path) -> None:
    assert "--home" in run("demo", "--home", province, code=2).stderr


def test_what_was_sent_is_kept_shown_screened_and_not_kept_twice(province: Path) -> None:
    file = province / "demonstration" / DEMO_FILE
    receipt = objects("ingest", file, "--item", "penalty", "--source", SOURCE, "--home", province, "--json")[
        -1
    ]
    assert set(receipt) == {"batch", "rows", "kept", "duplicate", "rejected", "rejects_file"}
    assert receipt["kept"] == 0
    assert receipt["rows"] == receipt["duplicate"] + receipt["rejected"]
    found = objects("search", "xiamen", "--home", province, "--json")[0]
    [shown] = objects("show", found["code"], "--home", province, "--json")
    assert shown["subject"] == shown["subject"] | {
        "code": found["code"],
        "name": found["name"],
        "kind": found["kind"],
    }
    for record in shown["records"]:
        assert {
            "id",
            "item",
            "date",
            "source",
            "law",
            "disclosure",
            "publication",
            "state",
            "payload",
        } <= set(record)
        assert set(record["publication"]) == {"from", "until"}
    names = province / "names.txt"
    names.write_text(f"{found['name']}\n{found['code']}\n无此主体名称某某\n", encoding="utf-8")
    screened = objects("screen", names, "--home", province, "--json")
    assert [one["match"] for one in screened] == ["exact", "exact", "none"]
    assert found["code"] in [one["code"] for one in screened[0]["subjects"]]
    assert all(set(one) == {"query", "match", "subjects"} for one in screened)


@pytest.mark.parametrize(
    ("content", "item", "source"),
    [
        (b"", "penalty", SOURCE),
        (b"\x00\x01\x02", "penalty", SOURCE),
        ("名称,代码\n甲,乙\n".encode(), "penalty", SOURCE),
        (b"CF_XDR_MC\n", "penalty", SOURCE),
        (b"x", "no_such_item", SOURCE),
        (b"x", "penalty", "91350102MA2XAB0131"),
        (b"x", "penalty", "?"),
    ],
)
def test_what_is_no_table_of_the_item_ends_with_a_message(
    province: Path, tmp_path: Path, content: bytes, item: str, source: str
) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(content)
    told = run("ingest", file, "--item", item, "--source", source, "--home", province, "--json", code=2)
    assert re.search("[一-鿿]", told.stderr) and re.search("[a-z]{3}", told.stderr), "in both languages"


def test_bad_paths_and_codes_end_with_a_message(province: Path, tmp_path: Path) -> None:
    run("ingest", tmp_path / "none.csv", "--item", "penalty", "--source", SOURCE, "--home", province, code=2)
    run("ingest", tmp_path, "--item", "penalty", "--source", SOURCE, "--home", province, code=2)
    run("screen", tmp_path / "none.txt", "--home", province, code=2)
    run("show", "91350102MA2XAB0131", "--home", province, code=1)
    run("demo", "--home", tmp_path / "new", "--scale", "-1", code=2)
    run("show", "x", "--home", "/proc/none", code=2)


@pytest.mark.obligation("9.1b")
def test_an_altered_row_is_named_by_its_leaf(province: Path) -> None:
    told = run("ledger", "verify", "--home", province).stdout
    leaves = int(objects("ledger", "head", "--home", province)[0]["size"])
    assert str(leaves) in told
    with psycopg.connect(_url(province / "postgres"), autocommit=True) as behind:  # behind the service's back
        behind.execute("SET session_replication_role = replica")
        found = behind.execute("SELECT id FROM archive_record ORDER BY random() LIMIT 1").fetchone()
        assert found is not None
        change = "UPDATE archive_record SET payload = %s || payload WHERE id = %s"
        behind.execute(change, [" ", found[0]])
        altered = run("ledger", "verify", "--home", province, code=1).stdout
        behind.execute("UPDATE archive_record SET payload = substr(payload, 2) WHERE id = %s", [found[0]])
    assert str(found[0]) in altered
    run("ledger", "verify", "--home", province)


def test_people_of_a_demonstration_are_of_that_home(province: Path) -> None:
    kept = province / "demonstration_users.json"
    assert kept.stat().st_mode & 0o077 == 0
    people = json.loads(kept.read_text())["people"]
    assert {one["role"] for one in people} == {
        "credit_office", "department_officer", "reviewer", "decision_maker", "platform_compliance",
        "payment_institution", "merchant", "carrier", "courier", "credit_agency", "association", "auditor",
        "administrator", "organisation_administrator",
    }  # fmt: skip
    assert len({one["password"] for one in people}) == len(people)
    assert "demo.administrator" in run("admin", "list", "--home", province).stdout


def test_the_first_administrator_is_made_on_the_machine(province: Path, tmp_path: Path) -> None:
    assert "--another" in run("admin", "create", "--name", "林管理", "--home", province, code=2).stderr
    home = tmp_path / "new"
    told = run("admin", "create", "--name", "林管理", "--sign-in-name", "lin.gl", "--home", home)
    assert told.stdout.startswith("/join/")
    made = [str(COMMAND), "admin", "create", "--name", "王管理", "--sign-in-name", "wang", "--password",
            "--home", str(home)]  # fmt: skip
    for password, code in (("kurz", 2), ("four unrelated words", 0)):
        done = subprocess.run(made, input=f"{password}\n", text=True, capture_output=True, check=False)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr and password not in done.stdout + done.stderr
    assert "wang" in run("admin", "list", "--home", home).stdout
    run("admin", "reset-second-factor", "wang", "--home", home)
    assert "最后" in run("admin", "end", "wang", "--home", home, code=2).stderr
    assert "nobody" in run("admin", "end", "nobody", "--home", home, code=2).stderr


def _url(data: Path) -> str:
    """The address of the running embedded server, from its own notes."""
    lines = (data / "postmaster.pid").read_text().splitlines()
    port, directory = lines[3], lines[4]
    return f"postgresql://postgres@/postgres?host={directory.replace(' ', '%20')}&port={port}"


def test_the_service_answers_for_a_subject_and_a_query(service: str, province: Path) -> None:
    found = objects("search", "xiamen", "--home", province, "--json")[0]
    with urllib.request.urlopen(f"{service}/api/v1/subjects/{found['code']}") as answer:
        assert json.load(answer)["subject"]["name"] == found["name"]
    with urllib.request.urlopen(f"{service}/api/v1/subjects?q=xiamen") as answer:
        assert found["code"] in [one["code"] for one in json.load(answer)["subjects"]]


@pytest.mark.obligation("16.1a")
def test_the_history_is_played_by_the_rules_and_goes_on_where_it_was_killed(
    filled: tuple[Path, dict[str, Any], dict[str, Any]], service: str
) -> None:
    home, until, told = filled
    assert told["refused"] == {}, "no life of the plan was refused a step"
    with psycopg.connect(_url(home / "postgres")) as connection:
        ask = connection.execute
        lives = json.loads((home / "demonstration_history.json").read_text())["cases"]
        assert len(lives) > len(until["cases"]) > 0
        assert {life: lives[life] for life in until["cases"]} == until["cases"], "nothing was done twice"
        assert len(set(lives.values())) == len(lives)
        stands = ask(
            "SELECT procedure, state, rule, law_day, closed_on, id, parent_id FROM cases_case"
        ).fetchall()
        for id, state, _, _, closed, _, _ in stands:
            assert procedure(id).states[state].final == (closed is not None)
        found = {(id, state) for id, state, *_ in stands}
        assert found >= {
            ("listing", "candidate"), ("listing", "published"), ("imported", "published"),
            ("imported", "expired"),
            ("red_listing", "published"), ("objection", "refused"), ("objection", "upheld"),
            ("repair", "followed"), ("measure", "assigned"), ("measure", "executed"), ("measure", "lifted"),
            ("notice", "published"), ("notice", "withdrawn"), ("notice", "drafted"),
        }  # fmt: skip
        lists = {id: rule for _, _, rule, _, _, id, _ in stands}
        for _, _, rule, day, _, _, parent in (one for one in stands if one[0] == "measure"):
            assert measure(rule).grounds(day, lists[parent]), "a measure rests on a law in force"
        without = ask(
            "SELECT e.case_id FROM decisions_entry e WHERE e.kind = 'black' AND e.ended_on IS NULL "
            "AND NOT e.suspended AND NOT EXISTS (SELECT FROM cases_case t WHERE t.parent_id = e.case_id "
            "AND t.procedure = 'measure')"
        ).fetchall()
        assert without == [], "whoever stands on a black list is met with measures"
        over = ask(
            "SELECT e.case_id FROM decisions_entry e JOIN cases_case k ON k.id = e.case_id "
            "WHERE e.ended_on IS NULL AND (e.until < %s OR e.published_on > %s OR k.state NOT IN "
            "('published', 'questioned', 'suspended'))",
            [date.today(), date.today()],  # noqa: DTZ011 - within a day of China's
        ).fetchall()
        assert over == [], "nothing stands outside its period"
    waiting = json.loads((home / "demonstration_users.json").read_text())["people"]
    assert "payment_institution" in {one["role"] for one in waiting}
    assert urllib.request.urlopen(f"{service}/lists/serious_violation").status == 200


@pytest.mark.obligation("13f")
def test_the_demonstration_has_leads_on_its_own_firms_and_months_of_decisions(
    filled: tuple[Path, dict[str, Any], dict[str, Any]], service: str
) -> None:
    home, _, told = filled
    assert told["lake"] == "made" and told["leads"] > 100
    assert (home / "demonstration" / "lake" / "orders").is_dir()
    with psycopg.connect(_url(home / "postgres")) as connection:
        rows = connection.execute(
            "SELECT l.detector, l.entity, l.state, l.members, l.subject_id, l.organisation_id, l.decided_on, "
            "array(SELECT jsonb_object_keys(l.rows)) FROM triage_lead l WHERE l.last_run_id <= 5"
        ).fetchall()
        acts = connection.execute(
            "SELECT a.kind FROM triage_act a JOIN triage_lead l ON l.id = a.lead_id "
            "JOIN accounts_givenrole g ON g.subject = l.subject_id WHERE g.role = 'merchant'"
        ).fetchall()
        officer = connection.execute(
            "SELECT organisation_id FROM accounts_givenrole WHERE role = 'platform_compliance' ORDER BY id"
        ).fetchone()
        assert connection.execute("SELECT count(*) FROM triage_run").fetchone() == (5,)
        asked = "SELECT entity_id, subject_id FROM triage_lead WHERE entity = 'seller'"
        subjects: dict[str, int | None] = dict(connection.execute(asked).fetchall())
        codes = {code for (code,) in connection.execute("SELECT value FROM registry_identifier").fetchall()}
    shops = pl.read_parquet(home / "demonstration" / "lake" / "sellers" / "**" / "*.parquet")
    known = set(shops.filter(pl.col("subject_code").is_in(codes))["seller_id"]) & set(subjects)
    assert len(known) > 10, "many shops that something is asked about are kept by firms of the province"
    assert all(subjects[one] is not None for one in known), "of each of them it is known whose it is"
    assert {state for _, _, state, *_ in rows} >= {"open", "watching", "case", "confirmed", "false_alarm"}
    assert len({detector for detector, _, state, *_ in rows if state == "open"}) > 7
    assert len({(on.year, on.month) for *_, on, _ in rows if on is not None}) > 2, "decided month by month"
    rings = [
        kept
        for detector, _, state, n, *_, kept in rows
        if (detector, state) == ("brushing", "open") and n > 2
    ]
    assert any({"orders", "payments", "scans", "ratings"} <= set(kept) for kept in rings)
    assert {"prices", "ratings", "scans", "queries"} <= {one for *_, kept in rows for one in kept}
    assert ("warn",) in acts, "the merchant who can sign in has an early warning"
    assert officer in {(organisation,) for *_, organisation, _, _ in rows}, (
        "the platform's officer sees its leads"
    )


@pytest.mark.obligation("13f")
def test_leads_are_taken_once_with_the_rows_of_the_lake_and_a_faulty_file_not_at_all(
    province: Path, tmp_path: Path
) -> None:
    lake = sample.write_lake(tmp_path / "lake", "示例平台")
    good, bad = tmp_path / "leads.jsonl", tmp_path / "bad.jsonl"
    good.write_bytes(sample.as_file(sample.leads("示例平台")))
    bad.write_bytes(good.read_bytes() + b'{"detector": "dowsing"}\n')
    take = ("leads", "take", "--home", province, "--json")
    assert "第16条的detector" in run(*take, bad, code=1).stderr
    (first,) = objects(*take, good, "--lake", lake, "--model", "1.2", "--rulebook", "2026-04-01")
    assert (first["lines"], first["leads"], first["new"], first["again"]) == (15, 5, 5, False)
    (again,) = objects(*take, good, "--lake", lake)
    assert again == first | {"again": True}
    assert "数据湖" in run(*take, good, "--help").stdout
    run(*take, tmp_path / "nowhere.jsonl", code=2)
