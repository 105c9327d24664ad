"""A batch that is killed at any moment, again and again, ends as if nothing had happened."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from chengxin.demo.bench_file import write_penalty_file

KILLS = 50
SOURCE = "福建省市场监督管理局"

_READ = """
import json, os, sys
from pathlib import Path
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.settings")
from chengxin.database.start import start
start(Path(sys.argv[1]))
from chengxin.ledger.actions import raw_cursor
from chengxin.ledger.verify import verify
cursor = raw_cursor()
rows = lambda sql: [list(row) for row in cursor.execute(sql).fetchall()]
verdict = verify()
print(json.dumps({
    "records": rows("SELECT r.row, r.item, r.date::text, r.operation, r.disclosure, r.publish_from::text, "
        "r.publish_until::text, r.law, r.key::text, r.digest::text, r.payload, r.personal IS NULL, s.name, "
        "(SELECT f.row FROM archive_record f WHERE f.id = r.refers_to_id) "
        "FROM archive_record r JOIN registry_subject s ON s.id = r.subject_id ORDER BY r.row"),
    "subjects": rows("SELECT kind, name, region FROM registry_subject ORDER BY 1, 2, 3"),
    "identifiers": rows("SELECT i.scheme, i.value, encode(i.fingerprint, 'hex'), s.name "
        "FROM registry_identifier i JOIN registry_subject s ON s.id = i.subject_id ORDER BY 1, 2, 3"),
    "rejects": rows("SELECT row, problems::text FROM exchange_reject ORDER BY row"),
    "leaves": verdict.leaves, "fault": str(verdict.first_fault)}))
"""


def _run(*arguments: object) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _file(path: Path) -> None:
    """Penalties with some rows twice, some corrected further down and some faulty."""
    write_penalty_file(path, 6_000, 1_200)
    rows = pl.read_csv(path, infer_schema=False)
    again = rows.slice(100, 60)
    corrected = rows.slice(500, 60).with_columns(pl.lit("更正后的备注").alias("BZ"))
    faulty = rows.slice(900, 60).with_columns(pl.lit("91350102MA2XAB0131").alias("CF_XDR_SHXYM"))
    pl.concat([rows, again, corrected, faulty]).write_csv(path)


@pytest.mark.obligation("9.1d")
@pytest.mark.obligation("12.1a")
def test_a_batch_killed_fifty_times_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    file, quiet, troubled = tmp_path / "penalties.csv", tmp_path / "quiet", tmp_path / "troubled"
    _file(file)
    undisturbed = _run("-m", "chengxin.exchange.tests.interrupted", quiet, file, "penalty", SOURCE, 0, 0)[
        "receipt"
    ]
    troubled.mkdir()
    shutil.copy(quiet / "keys.json", troubled / "keys.json")  # so that keys and digests can be compared
    disturbed = _run("-m", "chengxin.exchange.tests.interrupted", troubled, file, "penalty", SOURCE, 7, KILLS)
    assert disturbed["killed"] == KILLS
    assert len(set(disturbed["reached"])) > KILLS / 5, "the kills hit the batch at different points"
    counts = ("rows", "kept", "duplicate", "rejected", "late", "without_code", "new_subjects", "queued")
    assert {name: disturbed["receipt"][name] for name in counts} == {
        name: undisturbed[name] for name in counts
    }
    assert (undisturbed["rows"], undisturbed["duplicate"], undisturbed["rejected"]) == (6_180, 60, 60)
    one, other = _run("-c", _READ, quiet), _run("-c", _READ, troubled)
    assert one["fault"] == other["fault"] == "None"
    for part in ("records", "subjects", "identifiers", "rejects", "leaves"):
        assert one[part] == other[part], part
