"""Files sent over HTTP: taken in at once, worked on by the service, the receipt fetched as it fills.

Whoever sends shows a key of its organisation (`accounts.keys`); it sees its own batches only.
"""

from __future__ import annotations

from typing import Annotated, Any, BinaryIO, Literal, cast

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import File, Path, Query, Router, UploadedFile

from chengxin.accounts.keys import Shown
from chengxin.accounts.models import Organisation
from chengxin.api import answers, shapes
from chengxin.api.answers import json, problem
from chengxin.api.tokens import Key, needs
from chengxin.exchange import actions, batches, sending
from chengxin.exchange.models import Batch
from chengxin.exchange.receiving import NotReceived
from chengxin.exchange.worker import worker

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LISTED = 100


router = Router(auth=Key())


def _owned(request: HttpRequest, id: int) -> Batch | None:
    return Batch.objects.select_related("source").filter(pk=id, source=_sender(request)).first()


def _sender(request: HttpRequest) -> Organisation:
    return cast("Shown", request.auth).organisation  # type: ignore[attr-defined]


def _as_dict(batch: Batch) -> dict[str, Any]:
    receipt = batches.receipt(batch, settings.HOME).as_dict()
    receipt["rejects_file"] = f"/api/v1/batches/{batch.pk}/rejects" if receipt["rejects_file"] else None
    return receipt | {"refusal": batch.refusal}


@router.post(
    "",
    response={
        202: shapes.BatchView,
        **dict.fromkeys((400, 401, 403, 404, 413, 422, 429, 503), shapes.ProblemView),
    },
    tags=["batches"],
    summary="报送文件 / Send a file",
)
@needs("batch.send")
def send(
    request: HttpRequest,
    item: Annotated[str, Query(pattern="^[a-z][a-z_]{0,63}$", examples=["penalty"])],
    file: Annotated[UploadedFile, File(description="CSV, XLSX, XLS, JSON, JSON Lines, XML")],
    operation: Annotated[Literal["new", "correction", "withdrawal"], Query()] = "new",
) -> HttpResponse:
    """接收文件，回答给出回执的地址；同一文件尚未办完时即为同一批次。 /
    Take in a file; the answer says where its receipt is. The same file, unfinished, is the same batch."""
    wanted = answers.find_item(item)
    if wanted is None:
        return answers.no_item().as_django()
    try:
        sent = sending.take_in(
            _sender(request),
            cast("BinaryIO", file),
            file.size or 0,
            name=file.name or "",
            item=wanted,
            operation=operation,
            today=answers.today(),
        )
    except actions.Refused as refused:
        return problem(403, refused.problem.zh, refused.problem.en, [refused.problem.as_dict()]).as_django()
    except NotReceived as failed:
        return problem(413, failed.problem.zh, failed.problem.en, [failed.problem.as_dict()]).as_django()
    batch = sent.batch
    response = json(request, _as_dict(batch))
    response.status_code = 202
    response["Location"] = f"/api/v1/batches/{batch.pk}"
    return response


@router.get(
    "",
    response={200: shapes.BatchList, **dict.fromkeys((401, 403, 422, 429, 503), shapes.ProblemView)},
    tags=["batches"],
    summary="本单位的批次 / Our batches",
)
@needs("batch.read")
def listed(
    request: HttpRequest,
    before: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="上一页的next / `next` of the page before")
    ] = None,
) -> HttpResponse:
    """本单位的批次，最新的在前。 / The organisation's batches, the newest first."""
    own = Batch.objects.select_related("source").filter(source=_sender(request)).order_by("-id")
    page = list((own.filter(pk__lt=before) if before else own)[: LISTED + 1])
    following = page[LISTED - 1].pk if len(page) > LISTED else None
    return json(request, {"batches": [_as_dict(one) for one in page[:LISTED]], "next": following})


BatchNumber = Annotated[int, Path(ge=1, le=2**31 - 1, description="批次编号 / number of the batch")]


@router.get(
    "/{id}",
    response={200: shapes.BatchView, **dict.fromkeys((401, 403, 404, 422, 429, 503), shapes.ProblemView)},
    tags=["batches"],
    summary="批次与回执 / A batch and its receipt",
)
@needs("batch.read")
def one(request: HttpRequest, id: BatchNumber) -> HttpResponse:
    """批次办到哪一步：接收、校验、匹配、入档，或拒收；以及目前的各项数量。 /
    How far the batch is: received, checked, matched, kept, or refused; its counts so far."""
    batch = _owned(request, id)
    if batch is None:
        return _no_batch()
    if batch.finished_at is None:
        worker.wake()
    elif not batch.receipt_given:
        batches.receipt_given(batch.pk)
    return json(request, _as_dict(batch))


@router.get(
    "/{id}/rejects",
    response={200: Any, **dict.fromkeys((401, 403, 404, 422, 429, 503), shapes.ProblemView)},
    tags=["batches"],
    summary="退回的行 / Rejected rows",
)
@needs("batch.read")
def rejects(request: HttpRequest, id: BatchNumber) -> HttpResponseBase:
    """退回的行，存为Excel文件：有误的单元格已标色、注明原因，改正后可再次报送。 /
    The rejected rows as a workbook: faulty cells coloured and explained, to be mended and sent again."""
    batch = _owned(request, id)
    path = settings.HOME.rejects / f"{id}.xlsx"
    if batch is None or not batch.rejected or not path.exists():
        return _no_batch()
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"rejects-{id}.xlsx", content_type=XLSX)


def _no_batch() -> HttpResponse:
    return problem(
        404,
        "本单位没有这个批次，或没有退回的行",
        "your organisation has no such batch, or none of its rows was rejected",
    ).as_django()
