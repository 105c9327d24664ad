"""What each procedure is, for everybody: drawn, in words, on a page and in the documentation."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils.text import capfirst

from chengxin.cases import documented, names
from chengxin.cases.picture import draw
from chengxin.cases.wording import in_words, who_takes, wrapped
from chengxin.rulebook.procedures import Procedure, procedures
from chengxin.testing.checked import checked

EVERY = pytest.mark.parametrize("one", procedures().values(), ids=lambda one: one.id)
Box = tuple[float, float, float, float]


def drawing(
    one: Procedure, *passed: str, current: str | None = None, english: bool = False
) -> ElementTree.Element:
    return ElementTree.fromstring(draw(one, passed, current, english=english))  # noqa: S314 - our own


def boxes(svg: ElementTree.Element, name: str = "") -> list[Box]:
    found = []
    for rect in svg.iter("{http://www.w3.org/2000/svg}rect"):
        if name in str(rect.get("class")).split() or not name:
            x, y, width, height = (float(str(rect.get(key))) for key in ("x", "y", "width", "height"))
            found.append((x, y, x + width, y + height))
    return found


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] - 1 and other[1] < one[3] - 1


@EVERY
@pytest.mark.parametrize("english", [False, True])
def test_nothing_in_a_drawing_lies_over_another_thing_or_outside(one: Procedure, english: bool) -> None:
    svg = drawing(one, english=english)
    found = boxes(svg)
    assert [pair for pair in combinations(found, 2) if overlap(*pair)] == []
    _, _, width, height = (float(number) for number in str(svg.get("viewBox")).split())
    assert min(min(x, y) for x, y, _, _ in found) >= 0
    assert all(right <= width and below <= height for _, _, right, below in found)


@EVERY
def test_every_state_and_every_step_is_drawn_once_with_who_takes_it(one: Procedure) -> None:
    svg = drawing(one)
    assert len(boxes(svg, "state-box")) == len(one.states)
    stays = [step for step in one.steps if step.to is None or step.from_ == (step.to,)]
    assert len(boxes(svg, "pill")) == len(one.steps) - len(stays)
    said = "".join(text.text or "" for text in svg.iter("{http://www.w3.org/2000/svg}text"))
    for id, zh in [(it.id, it.zh) for it in one.states.values()] + [(it.id, it.zh) for it in one.steps]:
        assert zh in said, id
    for step in one.steps:
        if step not in stays:
            assert who_takes(step, english=False) in said


@EVERY
def test_no_line_of_a_drawing_runs_through_a_state_or_step(one: Procedure) -> None:
    svg = drawing(one)
    found = boxes(svg)
    for path in svg.iter("{http://www.w3.org/2000/svg}path"):
        points = [tuple(map(float, point.split())) for point in re.split("[ML]", str(path.get("d")))[1:]]
        for (x1, y1), (x2, y2) in pairwise(points):
            for left, top, right, below in found:
                inside = min(x1, x2) < right - 2 and max(x1, x2) > left + 2
                inside = inside and min(y1, y2) < below - 2 and max(y1, y2) > top + 2
                # The upright line of a lane runs behind its own pill and comes out below it.
                behind = x1 == x2 and abs((left + right) / 2 - x1) < 1
                assert not inside or behind, (one.id, path.get("d"), (left, top, right, below))


def test_the_way_of_a_case_is_marked_and_what_it_did_not_do_is_not() -> None:
    one = procedures()["objection"]
    svg = drawing(one, "file", "forward", current="forwarded")
    assert len(boxes(svg, "now")) == 1
    assert len(boxes(svg, "went")) == 3, "two steps, and the state between them"
    assert boxes(drawing(one), "went") == []


def test_a_step_that_a_procedure_no_longer_has_does_not_keep_it_from_being_drawn() -> None:
    one = procedures()["notice"]
    assert len(boxes(drawing(one, "draft", "gone", "approve", current="nowhere"), "now")) == 0


@EVERY
def test_the_list_in_words_says_the_same_as_the_drawing(one: Procedure) -> None:
    said = {(told.state.id, step.id) for told in in_words(one) for step, _, _ in told.steps}
    assert said == {(state, step.id) for step in one.steps for state in step.from_}


def test_words_are_broken_where_they_may_be() -> None:
    assert wrapped("送达决定书和信用修复告知书", 13, 130) == ["送达决定书和信用修复", "告知书"]
    assert wrapped("serve the notice", 10, 60) == ["serve the", "notice"]
    assert "".join(wrapped("甲、乙。", 10, 10)) == "甲、乙。"
    assert not any(line.startswith(("、", "。")) for line in wrapped("甲、乙。", 10, 10))


@EVERY
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_anybody_reads_what_a_procedure_is_and_what_they_can_do(
    database: str, one: Procedure, language: str
) -> None:
    for path in ("/procedures", f"/procedures/{one.id}"):
        answer = Client().get(path, headers={"Accept-Language": language})
        text = answer.content.decode()
        assert answer.status_code == 200
        markup = checked(text)
        assert list(markup.finish()) == []
        assert markup.stray == []
        assert (one.name_zh if language == "zh-hans" else capfirst(one.name_en)) in text
    for step in one.steps:
        assert (step.zh if language == "zh-hans" else step.en.replace("'", "&#x27;")) in text, step.id
    assert ("您可以做什么" in text or "What you can do" in text) == any(
        step.whose == "subject" for step in one.steps
    )


def test_the_footer_leads_to_the_procedures(database: str) -> None:
    assert 'href="/procedures"' in Client().get("/about").content.decode()
    assert Client().get("/procedures/none").status_code == 404


def test_every_condition_effect_and_document_has_words() -> None:
    steps = [step for one in procedures().values() for step in one.steps]
    conditions = {id for step in steps for id in step.conditions}
    documents = {kind for step in steps for kind in step.documents}
    effects = {step.effect for step in steps if step.effect}
    assert sorted(id for id in effects if names.effect_name(id) == (id, id)) == []
    assert sorted(id for id in conditions if names.condition_name(id) == (id, id)) == []
    assert sorted(kind for kind in documents if names.document_name(kind) == (kind, kind)) == []


def test_the_documented_procedures_are_those_that_count() -> None:
    assert documented.PAGE.read_text(encoding="utf-8") == documented.text()
