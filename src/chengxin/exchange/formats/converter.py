"""The process that converts one workbook or tree: limits first, then the reader of the format.

Reads its order as JSON from standard input (see `converting`), writes the spool to a descriptor and what it
found, or the problem, as JSON to standard output. Loads neither Polars nor Django: their threads and maps
would leave nothing of the memory limit.
"""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

from chengxin.exchange.formats.headings import Fields, require, unknown
from chengxin.exchange.formats.spool import Spool
from chengxin.exchange.formats.unreadable import Unreadable, unreadable


def main() -> None:
    """Convert one file; the exit code is 0 also where the file has a problem."""
    order = json.loads(sys.stdin.buffer.read())
    _bound(order)
    try:
        answer = _convert(order)
    except Unreadable as error:
        answer = {"problem": error.problem.as_dict()}
    except (MemoryError, OSError):
        answer = {"problem": unreadable("file_too_large").problem.as_dict()}
    sys.stdout.write(json.dumps(answer))


def _bound(order: dict[str, Any]) -> None:
    """Nothing that follows can take more memory, time or disk, or leave a core file with people's data."""
    bounds = {
        resource.RLIMIT_AS: order["memory"],
        resource.RLIMIT_CPU: order["seconds"],
        resource.RLIMIT_FSIZE: order["bytes"],
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in bounds.items():
        hard = resource.getrlimit(kind)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, hard))


def _convert(order: dict[str, Any]) -> dict[str, Any]:
    fields = Fields.of(order["fields"])
    source, start, kind = order["source"], order["start"], order["kind"]
    spool = Spool(order["spool"], fields)
    if kind in {"xlsx", "xls"}:
        from chengxin.exchange.formats.workbook import read_workbook  # noqa: PLC0415 - loads calamine

        read_workbook(source, kind, spool)
    elif kind == "xml":
        from chengxin.exchange.formats.xml_rows import read_xml  # noqa: PLC0415 - only what the file needs

        read_xml(source, start, spool)
    else:
        from chengxin.exchange.formats.json_rows import read_json  # noqa: PLC0415 - only what the file needs

        kind = read_json(source, start, spool, lines=kind == "jsonl")
    spool.close()
    if not spool.present and spool.ignored:
        raise unknown(fields, spool.ignored)
    if spool.present:
        require(fields, spool.present)
    if not spool.rows:
        raise unreadable("file_without_rows")
    columns = [code for code in fields.codes if code in spool.present]
    return {"format": kind, "columns": columns, "ignored": list(spool.ignored)}


if __name__ == "__main__":
    main()
