"""The weights of the levels of agreement: data made by `training`, read here."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from chengxin.registry.matching.comparisons import COMPARISONS, Comparison, Level, level_number


@dataclass(frozen=True)
class Parameters:
    """`m`: how often pairs of one subject reach a level; `u`: how often pairs of two subjects do. By
    comparison, level.

    `prior` is the share of true pairs among those that blocking brings together, before anything is compared.
    """

    prior: float
    m: dict[str, dict[str, float]]
    u: dict[str, dict[str, float]]
    note: str

    def weight(self, comparison: Comparison, level: Level) -> float:
        """Bits for (positive) or against (negative) one subject: log2(m/u)."""
        return math.log2(self.m[comparison.id][level.id] / self.u[comparison.id][level.id])

    def prior_weight(self) -> float:
        """The prior in bits: log2 of its odds."""
        return math.log2(self.prior / (1 - self.prior))

    def probability(self, weight: float) -> float:
        """The probability that a sum of weights (the prior's included) stands for."""
        return 1 / (1 + 2**-weight)

    def splink_settings(self) -> dict[str, Any]:
        """These parameters and the table of comparisons as a settings dictionary of Splink."""
        return {
            "link_type": "dedupe_only",
            "unique_id_column_name": "pair",
            "probability_two_random_records_match": self.prior,
            "blocking_rules_to_generate_predictions": [],
            "comparisons": [self._splink_comparison(comparison) for comparison in COMPARISONS],
        }

    def _splink_comparison(self, comparison: Comparison) -> dict[str, Any]:
        missing = {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True}
        levels = [
            {
                "sql_condition": level.condition or "ELSE",
                "label_for_charts": level.en,
                "m_probability": self.m[comparison.id][level.id],
                "u_probability": self.u[comparison.id][level.id],
            }
            for level in comparison.levels
        ]
        return {"output_column_name": comparison.id, "comparison_levels": [missing, *levels]}


@cache
def parameters() -> Parameters:
    """The trained parameters that ship with the project (`parameters.toml`)."""
    return parse((resources.files(__package__) / "parameters.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Parameters:
    """Parameters from TOML. Raises ValueError naming the comparison whose levels aren't those of the
    table.
    """
    data = tomllib.loads(text)
    m: dict[str, dict[str, float]] = {}
    u: dict[str, dict[str, float]] = {}
    for comparison in COMPARISONS:
        found = data["comparison"].get(comparison.id, {})
        expected = [level.id for level in comparison.levels]
        if list(found) != expected:
            raise ValueError(
                f"parameters.toml, {comparison.id}：等级应为 {expected}，现为 {list(found)}，请重新训练 / "
                f"the levels must be {expected}, found {list(found)}: train again"
            )
        m[comparison.id] = {level: float(found[level]["m"]) for level in expected}
        u[comparison.id] = {level: float(found[level]["u"]) for level in expected}
    return Parameters(prior=float(data["prior"]), m=m, u=u, note=str(data["note"]))


def dump(trained: Parameters) -> str:
    """Parameters as TOML, each level's weight beside it for the reader."""
    lines = [
        "# Made by `python -m chengxin.registry.matching.evaluate --train`; don't edit by hand.",
        "# m: share of pairs of one subject that reach the level; u: of pairs of two; w: log2(m/u), bits.",
        f'note = "{trained.note}"',
        f"prior = {trained.prior:.6f}",
    ]
    for comparison in COMPARISONS:
        lines += ["", f"[comparison.{comparison.id}]  # {comparison.zh}"]
        for level in comparison.levels:
            m, u = trained.m[comparison.id][level.id], trained.u[comparison.id][level.id]
            weight = trained.weight(comparison, level)
            lines.append(f"{level.id} = {{ m = {m:.6f}, u = {u:.6f} }}  # w {weight:+.2f}  {level.zh}")
    return "\n".join(lines) + "\n"


def levels_by_number(comparison: Comparison) -> dict[int, Level]:
    """Splink's number → level."""
    return {level_number(comparison, level): level for level in comparison.levels}
