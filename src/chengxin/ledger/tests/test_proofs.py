"""Proofs as the public gets them, checked by the program in the documentation, which knows nothing of us."""

from __future__ import annotations

import ast
import base64
import copy
import json
import random
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from chengxin.archive.queries import public_proof
from chengxin.archive.tests.kept import TODAY
from chengxin.kernel.merkle import consistent
from chengxin.ledger import queries
from chengxin.ledger.actions import appending
from chengxin.ledger.tests.filled import filled

PROGRAM = Path(__file__).parents[4] / "docs" / "check_proof.py"

Proof = dict[str, Any]
Check = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def proofs(one_database: str) -> list[Proof]:
    """Of every record that the public may see."""
    found = (public_proof(record, TODAY) for record in filled().records)
    return [proof for proof in found if proof is not None]


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """Runs the program over a proof; returns its exit code and what it printed."""

    def run(proof: object, *more: str) -> tuple[int, str]:
        path = tmp_path / "proof.json"
        path.write_text(proof if isinstance(proof, str) else json.dumps(proof), encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["check_proof.py", str(path), *more])
        code = 0
        try:
            runpy.run_path(str(PROGRAM))
        except SystemExit as end:
            code = int(end.code or 0)
        return code, capsys.readouterr().out.strip()

    return run


@pytest.mark.obligation("9.1b")
def test_every_public_record_is_proved(proofs: list[Proof], checked: Check) -> None:
    assert len(proofs) > 200
    open_ = [proof for proof in proofs if proof["body"] is not None]
    assert 0 < len(open_) < len(proofs), "some texts are withheld"
    for proof in proofs:
        code, said = checked(proof)
        assert code == 0 and said.startswith("OK"), said
        assert (said == "OK") == (proof["body"] is not None)


def test_the_text_of_a_proof_is_the_record(proofs: list[Proof]) -> None:
    proof = next(one for one in proofs if one["body"] is not None)
    line, payload = proof["body"].split("\n", 1)
    assert json.loads(line)[:3] == ["archive_record", json.loads(line)[1], "penalty"]
    assert "榕市监罚" in json.loads(payload)["CF_WSH"]


def _flipped(text: str, draw: random.Random) -> str:
    content = bytearray(base64.b64decode(text))
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    return base64.b64encode(bytes(content)).decode()


def _spoilt(proof: Proof, draw: random.Random) -> list[Proof]:
    """The proof with each of its parts changed."""
    found: list[Proof] = []

    def change(do: Callable[[Proof], None]) -> None:
        other = copy.deepcopy(proof)
        do(other)
        found.append(other)

    for part in ("root", "signature", "public_key"):
        flipped = {part: _flipped(proof["head"][part], draw)}
        found.append({**proof, "head": {**proof["head"], **flipped}})
    change(lambda p: p["head"].update(size=p["head"]["size"] + 1))
    change(lambda p: p["head"].update(previous=p["head"]["previous"] + 1))
    change(lambda p: p["head"].update(origin="another/ledger"))
    change(lambda p: p["head"].update(signed_at=p["head"]["signed_at"].replace("20", "21", 1)))
    change(lambda p: p.update(leaf_hash=_flipped(p["leaf_hash"], draw)))
    change(lambda p: p.update(leaf=p["leaf"] ^ 1))
    change(lambda p: p.update(record=p["record"] ^ 1))
    change(lambda p: p.update(leaf=-1, record=-1))
    at = draw.randrange(len(proof["path"]))
    change(lambda p: p["path"].__setitem__(at, _flipped(p["path"][at], draw)))
    change(lambda p: p["path"].pop())
    change(lambda p: p["path"].append(p["path"][-1]))
    change(lambda p: p["path"].clear())
    if proof["body"] is not None:
        change(lambda p: p.update(body=p["body"].replace("penalty", "honours", 1)))
        change(lambda p: p.update(body=p["body"] + " "))
    found += [{name: value for name, value in proof.items() if name != missing} for missing in proof]
    return found


def test_a_proof_with_anything_changed_is_broken(proofs: list[Proof], checked: Check) -> None:
    draw, tried = random.Random(6962), 0
    for proof in draw.sample(proofs, 6):
        for spoilt in _spoilt(proof, draw):
            code, said = checked(spoilt)
            assert code == 1 and said.startswith("BROKEN"), spoilt
            tried += 1
    assert tried > 100


def test_the_proof_of_one_record_does_not_prove_another(proofs: list[Proof], checked: Check) -> None:
    one, other = proofs[0], proofs[10]
    assert checked({**one, "path": other["path"]})[0] == 1
    assert checked({**one, "body": other["body"], "leaf_hash": other["leaf_hash"]})[0] == 1


def test_the_key_that_was_noted_is_held_against_the_proof(proofs: list[Proof], checked: Check) -> None:
    key = base64.b64encode(settings.KEYRING.public_key).decode()
    assert checked(proofs[0], key) == (0, checked(proofs[0])[1])
    code, said = checked(proofs[0], base64.b64encode(bytes(32)).decode())
    assert code == 1 and "key is yours" in said


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "no json", '{"head": {}}'])
def test_what_is_no_proof_is_broken(checked: Check, text: str) -> None:
    code, said = checked(text)
    assert code == 1 and said.startswith("BROKEN")


def test_the_program_stands_alone(proofs: list[Proof], tmp_path: Path) -> None:
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert named == {"base64", "hashlib", "json", "sys"}
    assert len(PROGRAM.read_text(encoding="utf-8").splitlines()) < 70, "short enough to be read first"
    path = tmp_path / "proof.json"
    for proof, code in ((proofs[0], 0), ({**proofs[0], "leaf_hash": proofs[1]["leaf_hash"]}, 1)):
        path.write_text(json.dumps(proof), encoding="utf-8")
        for bare in (["-I", "-S"], ["-I"], ["-O"]):  # without any package; with them; without assertions
            command = [sys.executable, *bare, str(PROGRAM), str(path)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            assert (done.returncode, done.stderr) == (code, "")
            assert ("signature not checked" in done.stdout) == ("-S" in bare)


@pytest.mark.usefixtures("proofs")
def test_the_ledger_is_proved_to_have_only_grown() -> None:
    old = queries.size()
    before = queries.head()
    for number in range(300):
        with appending() as log:
            log.event("note", {"number": number})
    found = queries.consistency(old, queries.size())
    assert before is not None
    assert found["from_root"] == before["root"]
    plain = [base64.b64decode(one) for one in (found["from_root"], found["to_root"], *found["path"])]
    assert consistent(old, queries.size(), plain[0], plain[1], plain[2:])
    for wrong in ((0, 1), (2, 1), (1, queries.size() + 1)):
        with pytest.raises(IndexError):
            queries.consistency(*wrong)
