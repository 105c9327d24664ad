"""The peer: the look-up by code written by hand on FastAPI and asyncpg, served by uvicorn.

As one would write it for speed: uvloop and httptools, a pool as large as the load has connections,
statements prepared once, no reset between requests, the same settings of the connection as this project's,
no access log, no OpenAPI, bytes handed to the response as they are. Two ways of making the same answer:

json    PostgreSQL makes it, the endpoint passes it through
rows    PostgreSQL gives rows; Python puts the answer together with this project's own code, so that only the
        way between the socket and the database differs

Unlike this project's it sends neither an ETag nor security headers and never looks whether the host is known.
Run as `python -m bench.peer json|rows URL PORT WORKERS`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import uvicorn
from fastapi import FastAPI, Response

from bench.load import CONNECTIONS

_SHANGHAI = ZoneInfo("Asia/Shanghai")


async def _keep(connection: Any) -> None:
    """Nothing to reset: every request reads with one statement."""


@asynccontextmanager
async def _pool(app: FastAPI) -> AsyncIterator[None]:
    from chengxin.database.reading import OPTIONS  # noqa: PLC0415

    async with asyncpg.create_pool(
        os.environ["BENCH_DATABASE"],
        min_size=CONNECTIONS,
        max_size=CONNECTIONS,
        max_cacheable_statement_size=0,  # however long, a statement is prepared once a connection
        server_settings=OPTIONS,
        reset=_keep,
    ) as app.state.pool:
        yield


def _today() -> date:
    return datetime.now(_SHANGHAI).date()


def passing_through() -> FastAPI:
    """The application whose JSON PostgreSQL makes."""
    from bench.statement import json_statement  # noqa: PLC0415
    from chengxin.archive.public import LAST  # noqa: PLC0415

    sql = json_statement()
    app = FastAPI(lifespan=_pool, openapi_url=None)

    @app.get("/api/v1/subjects/{code}")
    async def subject(code: str) -> Response:
        body = await app.state.pool.fetchval(sql, code, code, _today(), int(LAST))
        if body is None:
            return Response(status_code=404)
        return Response(body, media_type="application/json")

    return app


def composing() -> FastAPI:
    """The application that makes the JSON of rows."""
    from chengxin.archive.public import LAST, SUBJECT, subject_json  # noqa: PLC0415

    sql = SUBJECT[False].sql
    app = FastAPI(lifespan=_pool, openapi_url=None)

    @app.get("/api/v1/subjects/{code}")
    async def subject(code: str) -> Response:
        body = subject_json(await app.state.pool.fetch(sql, code, code, _today(), int(LAST)))
        if body is None:
            return Response(status_code=404)
        return Response(body, media_type="application/json")

    return app


def main() -> None:
    """Serve until asked to stop."""
    way, url, port, workers = sys.argv[1:]
    os.environ["BENCH_DATABASE"] = url
    uvicorn.run(
        {"json": "bench.peer:passing_through", "rows": "bench.peer:composing"}[way],
        factory=True,
        host="127.0.0.1",
        port=int(port),
        workers=int(workers),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
