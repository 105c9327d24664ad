"""The page tells what was measured, the summary first, and can be made again from kept figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chengxin.detection.evaluation import run
from chengxin.detection.evaluation.page import markdown
from chengxin.detection.evaluation.table import Row
from chengxin.detection.evaluation.ways import OURS, TREES, UNSEEN


def row(method: str, seed: int, ap: float, **more: object) -> Row:
    """Figures of a way of finding brushing shops."""
    plain = Row("brushing", "seller", 0, method, seed, ap, 0.9, ap, 20, 27, 3000, 18.0, orders=300_000)
    return replace(plain, **more)  # type: ignore[arg-type]


def rows() -> list[Row]:
    """Three runs of a detector, of two signals and of boosted trees, with twins, levels, halves and what was
    held out."""
    found = []
    for seed in (1, 2, 3):
        twins = {"live stream": 0.0, "flash sale": 0.01}
        found += [
            row(OURS, seed, 0.9 + seed / 100, twins=twins),
            row("signal money_back", seed, 0.8, twins=twins | {"live stream": 2.0}),
            row("signal at_night", seed, 0.1, twins=twins),
            row(TREES, seed, 0.85, twins=twins),
            row(OURS, seed, 0.7, level=3),
            row(TREES, seed, 0.75, level=3),
            row(UNSEEN, seed, 0.4, level=3),
            row(OURS, seed, 0.65, period="after"),
            row(TREES, seed, 0.5, period="after"),
        ]
    return found


def line(page: str, start: str) -> str:
    """The first line of the page that begins so."""
    return next(one for one in page.splitlines() if one.startswith(start))


def test_the_summary_names_the_best_of_the_other_ways_and_how_far_ahead_we_are() -> None:
    page = markdown(rows())
    told = line(page, "| `brushing` | seller | 27 |")
    assert told == (
        "| `brushing` | seller | 27 | 0.920 ± 0.025 | 0.900 ± 0.000 | – | – | 0.700 ± 0.000 "
        "| gradient boosting | 0.850 ± 0.000 | 0.070 ± 0.025 |"
    )
    assert "300,000" in page
    assert "(1–3)" in page


def test_halves_and_what_was_held_out_stand_in_tables_of_their_own() -> None:
    page = markdown(rows())
    assert line(page, "| `brushing` | seller | 0 / 27 |").split("|")[4:8] == [
        " – ", " 0.650 ± 0.000 ", " – ", " 0.500 ± 0.000 ",
    ]  # fmt: skip
    held = line(page, "| `brushing` | seller | level 3 |")
    assert held.endswith("| 27 | 0.700 ± 0.000 | 0.750 ± 0.000 | 0.400 ± 0.000 |")


def test_the_best_method_comes_first_and_only_twins_that_are_listed_have_a_column() -> None:
    page = markdown(rows())
    details = page[page.index("### `brushing`: seller") :]
    ranking = [one.split(" |")[0] for one in details.splitlines() if one.count(" | ") == 6 and "±" in one]
    assert ranking == ["| detector", "| gradient boosting", "| signal money_back", "| signal at_night"]
    assert "| 方法 method | live stream |" in details
    assert "| signal money_back | 2.0 ± 0.0 |" in details
    assert "| signal at_night | 0.0 ± 0.0 |" not in details
    assert "0.05 of: flash sale." in details


def test_the_page_is_made_again_from_kept_figures(tmp_path: Path) -> None:
    kept, out = tmp_path / "rows.jsonl", tmp_path / "docs" / "page.md"
    run.keep(rows(), kept)
    assert run.kept(kept) == rows()
    assert run.main(["--from", str(kept), "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == markdown(rows())


def test_figures_measured_anew_take_the_place_of_the_old_of_that_detector_and_seed(tmp_path: Path) -> None:
    kept = tmp_path / "rows.jsonl"
    other = replace(row(OURS, 1, 0.5), detector="re_entry")
    run.keep([*rows(), other], kept)
    run.keep([row(OURS, 1, 0.99)], kept)
    now = run.kept(kept)
    assert [one.ap for one in now if one.detector == "brushing" and one.seed == 1] == [0.99]
    assert other in now
    assert {one.seed for one in now} == {1, 2, 3}


def test_a_detector_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.main(["--detector", "astrology"])
    assert "astrology" in capsys.readouterr().err
