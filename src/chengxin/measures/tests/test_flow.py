"""The picture of the flow: bands as wide as their numbers, the numbers of the steps, nothing on anybody."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from itertools import pairwise

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from chengxin.archive.statistics import SMALLEST
from chengxin.cases.actions import take
from chengxin.measures.bands import LYING, STANDING, THIN, Drawing, layout
from chengxin.measures.flow import OPEN_TO_ALL, STANDS, WAYS, Numbers, Taken, counted, told, year_before
from chengxin.measures.pages.flow import STAGES, ways_of
from chengxin.measures.tests.decided import DAY, installation, listed, tasks

ALMOST = 1e-6
COUNTS = st.one_of(st.just(0), st.integers(0, 30), st.integers(0, 2_000_000))
YEARS = st.fixed_dictionaries(dict.fromkeys(WAYS, COUNTS))


def of_year(counts: Mapping[str, int]) -> Numbers:
    """What is published of these counts."""
    year = {name: told(name, number) for name, number in counts.items()}
    return Numbers(DAY, DAY, {"records": 9, **year}, dict.fromkeys(STANDS, 0))


def spans(drawing: Drawing) -> dict[tuple[str, str], list[tuple[float, float]]]:
    """Which parts of each edge of a bar bands take: by bar and side."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for one in drawing.bands:
        found[one.source, "out"].append(one.begin)
        found[one.target, "in"].append(one.end)
    return found


@given(YEARS, st.booleans())
def test_each_band_is_as_wide_as_its_number_and_nothing_lies_upon_anything(
    counts: dict[str, int], standing: bool
) -> None:
    ways = ways_of(of_year(counts))
    stages = [one.stage for one in STAGES]
    drawing = layout(stages, ways, standing=standing)
    assert layout(stages, ways, standing=standing) == drawing
    bars = {one.id: one for one in drawing.bars}
    assert list(bars) == [one.id for one in stages]
    for one in drawing.bars:
        assert one.x >= 0 and one.y >= 0
        assert one.x + one.width <= drawing.width + ALMOST
        assert one.y + one.height <= drawing.height + ALMOST
        assert one.words[0] >= 0 and one.words[1] >= 0
    for (id, _), taken in spans(drawing).items():
        bar = bars[id]
        start, end = (bar.x, bar.x + bar.width) if standing else (bar.y, bar.y + bar.height)
        ordered = sorted(taken)
        assert start - ALMOST <= ordered[0][0] and ordered[-1][1] <= end + ALMOST
        assert all(one[1] <= other[0] + ALMOST for one, other in pairwise(ordered))
    drawn = {(one.source, one.target): one for one in drawing.bands}
    assert set(drawn) == {(one.source, one.target) for one in ways if one.out != 0 or one.into != 0}
    units = {one.id: one.unit for one in stages}
    scales = defaultdict(set)
    for way in ways:
        band = drawn.get((way.source, way.target))
        for number, span, unit in (
            (way.out, band.begin if band else (0, 0), units[way.source]),
            (way.into, band.end if band else (0, 0), units[way.target]),
        ):
            width = span[1] - span[0]
            assert (width == 0) == (number == 0)
            assert number is not None or abs(width - THIN) < ALMOST
            if number and width > THIN + ALMOST:
                scales[unit].add(
                    round(width / number * 1e9) if width / number < 1 else round(width / number, 6)
                )
    lengths = (STANDING if standing else LYING).lengths
    for unit, found in scales.items():
        assert max(found) - min(found) <= max(2, 1e-5 * max(found)), "one scale a unit"
        assert max(bar.width if standing else bar.height for bar in drawing.bars) <= 3 * max(lengths.values())
        assert unit in lengths
    if standing:
        rows = sorted(bar.words[1] for bar in drawing.bars)
        assert all(other - one >= STANDING.words / 3 for one, other in pairwise(rows)), "words have room"
        assert all(bar.x >= STANDING.words for bar in drawing.bars if bar.width)
    else:
        for column in {one.column for one in stages}:
            there = sorted(
                (bars[one.id].words[1], bars[one.id].y + bars[one.id].height)
                for one in stages
                if one.column == column
            )
            assert all(one[1] < other[0] for one, other in pairwise(there))


@given(YEARS)
def test_a_small_number_is_not_told_and_cannot_be_had_by_subtraction(counts: dict[str, int]) -> None:
    found = of_year(counts)
    hidden = {name for name, number in found.year.items() if number is None}
    assert hidden == {
        name for name, number in counts.items() if 0 < number < SMALLEST and name not in OPEN_TO_ALL
    }
    into = next(one for one in ways_of(found) if (one.source, one.target) == ("reviewed", "decided"))
    if "not_entered" in hidden and "entered" not in hidden:
        assert into.out in (found.year["entered"], None)
    if "entered" in hidden:
        assert into.out in (None, found.year["not_entered"])


def test_steps_are_summed_up_by_hand() -> None:
    day, before = date(2026, 6, 3), date(2025, 6, 3)
    steps = [
        (Taken(before, "listing", "nominate", "", "candidate"), 30),
        (Taken(day, "listing", "nominate", "", "candidate"), 10),
        (Taken(day, "red_listing", "nominate", "", "candidate"), 2),
        (Taken(day, "listing", "review", "candidate", "reviewed"), 7),
        (Taken(day, "listing", "publish", "served", "published"), 3),
        (Taken(day, "imported", "import", "", "published"), 1),
        (Taken(day, "imported", "expire", "published", "expired"), 1),
        (Taken(day, "red_listing", "renounce", "candidate", "renounced"), 1),
        (Taken(day, "listing", "revoke", "decided", "revoked"), 1),
        (Taken(day, "listing", "revoke", "suspended", "revoked"), 1),
        (Taken(day, "measure", "assign", "", "assigned"), 4),
    ]
    found = counted(steps, date(2025, 6, 4), day)
    year = found.year
    assert (year["nominated"], year["reviewed"], year["published"], year["taken_over"]) == (12, 7, 3, 1)
    assert (year["expired"], year["taken_back"]) == (1, 1), "only what stood in a list left it"
    assert year["assigned"] is None, "four tasks might point to somebody"
    assert found.now["candidates"] == 30 + 12 - 7 - 1
    assert year_before(date(2028, 2, 29)) == date(2027, 3, 1)
    assert year_before(date(2026, 11, 29)) == date(2025, 11, 30)


@pytest.mark.obligation("16.1a")
def test_anybody_sees_the_flow_with_the_numbers_of_this_moment_and_nobodys_name(database: str) -> None:
    empty = Client().get("/flow")
    assert empty.status_code == 200, "a new home has nothing to show and says so"
    here = installation()
    entry, today = listed(here, "brushing", here.merchant, here.record)
    page = Client().get("/flow").content.decode()

    def number(name: str) -> str:
        row = re.search(rf">{name}</a></th><td[^>]*>([^<]*)<", page)
        assert row is not None, name
        return row[1]

    assert number("进入名单") == "1", "what everybody sees on the public list"
    assert number("候选") == "少于5"
    assert number("派发措施") == str(len(tasks(entry)))
    assert page.count('<svg class="bands ') == 4 + 2 and page.count(">派发措施</text>") == 2
    assert "style=" not in page and here.merchant_code not in page and "刷量" not in page
    take(entry, "revoke", here.cast.someone("decision_maker", 900), today, {"reason": "事实不清"})
    page = Client().get("/flow").content.decode()
    assert number("撤销、退出") == "1"
    assert number("派发措施") == str(len(tasks(entry)))
    english = Client().get("/flow", headers={"Accept-Language": "en"}).content.decode()
    assert ">Measures sent</a>" in english and "fewer than 5" in english
