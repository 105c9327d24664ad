"""The records on which decisions and notices rest, as the public may see them today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import orjson

from chengxin.archive.public import SHOWN, record_json
from chengxin.archive.shown import published
from chengxin.database import reading
from chengxin.design.showing import Shown, shown
from chengxin.kernel.personal import masked

MOST = 100
"""Records that a page shows; of more, those that came last."""

_SHOWN = f"""
SELECT {", ".join(f"{column}::text" for column in SHOWN)}
FROM unnest(%s::bigint[]) w(id)
CROSS JOIN LATERAL (SELECT * FROM archive_record r WHERE r.id = w.id OFFSET 0) r
JOIN accounts_organisation o ON o.id = r.source_id
WHERE {published("r", "%s::date")}
    AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = r.id OFFSET 0)
ORDER BY r.id DESC"""


def grounds(records: Sequence[int], today: date) -> list[Shown]:
    """Those of these records that are public today, by title, source, date and law; the last kept first.

    Whoever asks has seen to it that no natural person's record is among them.
    """
    newest = sorted(records)[-MOST:]
    rows = reading.rows(_SHOWN, [newest, *[today] * 3]) if newest else []
    views = orjson.loads(orjson.dumps([record_json(["record", *row]) for row in rows]))
    found = [shown(one, whole=False) for one in views]
    return [replace(one, title=masked(one.title)) for one in found]
