"""Every period that a clock must count, with its law and dates in force (data/deadlines.csv).

The same id may stand several times with other dates in force: the law of the case's date decides. The column
`end` says what becomes of a period whose last day is a day off: it is `moved` to the first working day after
it where somebody must act until then (Civil Code art. 203), and stays `fixed` where something is shown or
kept until then or may be asked for from then on: no day longer without ground in law, no right a day later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Literal, cast

from chengxin.kernel.calendar import Counted, Period, count, publication_end
from chengxin.rulebook.catalogue import is_verified
from chengxin.rulebook.tables import DATA_FOLDER, day, in_force, read_table

_REPORTING_MONTHS = (1, 7)


@dataclass(frozen=True)
class Deadline:
    """One period. `length` is None where the rule names months instead of a length (see `counted`).

    `unit` is working_day, calendar_day, month, year or half_year; `end` is moved or fixed (see above);
    `until` is the first day on which the row no longer holds.
    """

    id: str
    procedure: str
    step: str
    step_zh: str
    length: int | None
    unit: str
    end: str
    counts_from: str
    counts_from_zh: str
    law: str
    article: str
    in_force: date
    until: date | None
    known_from: str
    note: str

    @property
    def verified(self) -> bool:
        """Whether somebody who has the text confirmed the entry."""
        return is_verified(self.known_from)

    @property
    def period(self) -> Period:
        """The length to count; ValueError where the rule has none."""
        if self.length is None:
            raise ValueError(f"期限“{self.id}”没有长度 / deadline '{self.id}' has no length to count")
        unit = cast(Literal["working_day", "calendar_day", "month", "year"], self.unit)
        return Period(self.length, unit)

    def counted(self, start: date) -> Counted:
        """The period counted from `start`, which isn't counted itself.

        Where the end is fixed no calendar is asked for it, so that it isn't provisional either. What is due
        each January and July (网络交易监督管理办法 art. 25) runs to the end of the next of these months.
        """
        if self.unit == "half_year":
            month_end = _reporting_month_end(start)
            found = count(start, Period((month_end - start).days, "calendar_day"))
            return replace(found, counted=(month_end,))
        found = count(start, self.period)
        if self.end == "moved":
            return found
        return replace(found, due=publication_end(start, self.period), provisional=False)


def _reporting_month_end(start: date) -> date:
    """The first last day of a January or July after `start`."""
    years = (start.year, start.year + 1)
    ends = (date(year, month, 31) for year in years for month in _REPORTING_MONTHS)
    return next(one for one in ends if one > start)


@lru_cache(maxsize=1)
def deadlines() -> tuple[Deadline, ...]:
    """Every row, by id and date in force."""
    rows = [
        Deadline(
            id=row["id"],
            procedure=row["procedure"],
            step=row["step"],
            step_zh=row["step_zh"],
            length=int(row["length"]) if row["length"] else None,
            unit=row["unit"],
            end=row["end"],
            counts_from=row["counts_from"],
            counts_from_zh=row["counts_from_zh"],
            law=row["law"],
            article=row["article"],
            in_force=date.fromisoformat(row["in_force"]),
            until=day(row["until"]),
            known_from=row["known_from"],
            note=row["note"],
        )
        for row in read_table(DATA_FOLDER / "deadlines.csv")
    ]
    return tuple(sorted(rows, key=lambda one: (one.id, one.in_force)))


@lru_cache(maxsize=1)
def _by_id() -> dict[str, tuple[Deadline, ...]]:
    found: dict[str, tuple[Deadline, ...]] = {}
    for one in deadlines():
        found[one.id] = (*found.get(one.id, ()), one)
    return found


def history(id: str) -> tuple[Deadline, ...]:
    """All rows of one id, the earliest first; LookupError where there is none."""
    try:
        return _by_id()[id]
    except KeyError:
        raise LookupError(f"没有期限“{id}” / there is no deadline '{id}'") from None


def deadline(id: str, on: date) -> Deadline:
    """The row of this id in force on the day; LookupError says since when one is known."""
    rows = history(id)
    for one in rows:
        if in_force(one.in_force, one.until, on):
            return one
    since = rows[0].in_force.isoformat()
    raise LookupError(
        f"期限“{id}”在{on.isoformat()}没有有效规定，已知规定自{since}起 / "
        f"deadline '{id}' has no rule in force on {on.isoformat()}; the earliest known is of {since}"
    )
