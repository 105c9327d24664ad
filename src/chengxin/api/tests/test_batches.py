"""Files sent over HTTP: who may, what is answered, and that a sender sees its own batches only."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client

from chengxin.accounts import keys
from chengxin.accounts.actions import note_organisation
from chengxin.api import batches
from chengxin.exchange import actions
from chengxin.exchange.tests.sending import example
from chengxin.exchange.worker import worker
from chengxin.kernel.identifiers import uscc_check_digit


@pytest.fixture
def bearer(database: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The token of a department; unfinished batches wait until the test works on them."""
    monkeypatch.setattr(worker, "wake", lambda: None)
    sender = note_organisation(code=None, name="福建省市场监督管理局", role="department", confirmed=True)
    return {"Authorization": f"Bearer {keys.token(sender)}"}


def penalties(rows: int = 2, **changes: str | None) -> BytesIO:
    listed = [example("penalty", CF_WSH=f"榕市监罚〔2026〕{number}号", **changes) for number in range(rows)]
    text = "\n".join(
        [",".join(listed[0]), *(",".join(value or "" for value in row.values()) for row in listed)]
    )
    file = BytesIO(text.encode())
    file.name = "penalties.csv"
    return file


def test_a_file_is_taken_in_worked_on_and_its_receipt_fetched(bearer: dict[str, str]) -> None:
    client = Client(headers=bearer)
    sent = client.post("/api/v1/batches?item=penalty", {"file": penalties()})
    assert sent.status_code == 202
    assert sent.json()["stage"] == "received"
    assert actions.complete_waiting() == 1
    receipt = client.get(sent["Location"]).json()
    assert (receipt["stage"], receipt["rows"], receipt["kept"], receipt["rejected"]) == ("kept", 2, 2, 0)
    again = client.post("/api/v1/batches?item=penalty", {"file": penalties()}).json()
    actions.complete_waiting()
    assert client.get(f"/api/v1/batches/{again['batch']}").json()["duplicate"] == 2


def test_a_retry_before_the_end_is_the_same_batch(bearer: dict[str, str]) -> None:
    client = Client(headers=bearer)
    first = client.post("/api/v1/batches?item=penalty", {"file": penalties()}).json()
    assert (
        client.post("/api/v1/batches?item=penalty", {"file": penalties()}).json()["batch"] == first["batch"]
    )


def test_rejected_rows_come_back_as_a_workbook(bearer: dict[str, str]) -> None:
    client = Client(headers=bearer)
    faulty = "91350102MA2XAB013" + ("1" if uscc_check_digit("91350102MA2XAB013") != "1" else "2")
    sent = client.post("/api/v1/batches?item=penalty", {"file": penalties(1, CF_XDR_SHXYM=faulty)}).json()
    assert client.get(f"/api/v1/batches/{sent['batch']}/rejects").status_code == 404
    actions.complete_waiting()
    receipt = client.get(f"/api/v1/batches/{sent['batch']}").json()
    workbook = client.get(receipt["rejects_file"])
    assert workbook["Content-Type"] == batches.XLSX
    assert b"".join(workbook.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]


def test_a_file_that_is_no_table_ends_as_refused_with_the_reason(bearer: dict[str, str]) -> None:
    client = Client(headers=bearer)
    nonsense = BytesIO(b"a,b\n1,2\n")
    nonsense.name = "nonsense.csv"
    sent = client.post("/api/v1/batches?item=penalty", {"file": nonsense}).json()
    actions.complete_waiting()
    receipt = client.get(f"/api/v1/batches/{sent['batch']}").json()
    assert receipt["stage"] == "refused"
    assert receipt["refusal"]["zh"] and receipt["refusal"]["mend_en"]


def test_nobody_sends_or_reads_without_a_token_or_sees_another_senders_batch(
    bearer: dict[str, str], home: Path
) -> None:
    sent = Client(headers=bearer).post("/api/v1/batches?item=penalty", {"file": penalties()}).json()
    for stranger in (Client(), Client(headers={"Authorization": "Bearer nonsense"})):
        assert stranger.post("/api/v1/batches?item=penalty", {"file": penalties()}).status_code == 401
        assert stranger.get(f"/api/v1/batches/{sent['batch']}").status_code == 401
    other = note_organisation(code=None, name="厦门市市场监督管理局", role="region", confirmed=True)
    another = Client(headers={"Authorization": f"Bearer {keys.token(other)}"})
    assert another.get(f"/api/v1/batches/{sent['batch']}").status_code == 404
    assert another.get("/api/v1/batches").json()["batches"] == []
    assert len(Client(headers=bearer).get("/api/v1/batches").json()["batches"]) == 1


def test_a_source_may_not_send_what_the_catalogue_gives_to_others(bearer: dict[str, str]) -> None:
    sent = Client(headers=bearer).post("/api/v1/batches?item=third_party_rating", {"file": penalties()})
    assert sent.status_code == 403
    assert sent["Content-Type"] == "application/problem+json"
    assert (
        Client(headers=bearer).post("/api/v1/batches?item=nothing", {"file": penalties()}).status_code == 404
    )
