"""The corrections that a decision on an objection orders: a line each, field=right value."""

from __future__ import annotations

from collections.abc import Mapping

from chengxin.kernel.problems import Problem
from chengxin.registry.refusing import Refused


def corrections(facts: Mapping[str, str]) -> dict[str, str]:
    """The lines "field=right value" of a decision, by the field's code. Refused: a line that isn't one."""
    found: dict[str, str] = {}
    for line in facts.get("corrections", "").splitlines():
        text = line.strip()
        if not text:
            continue
        code, mark_, value = text.replace("＝", "=", 1).partition("=")
        code = code.strip()
        if not mark_ or not code or code in found:
            raise Refused(
                Problem(
                    "corrections", text[:40], "corrections_lines",
                    f"“{text[:40]}”不是“字段=正确值”，或者重复",
                    f"“{text[:40]}” isn't 'field=value', or comes twice",
                    "每行写一项，例如 CF_NR=罚款人民币2万元", "a line each, such as CF_NR=right text",
                )
            )  # fmt: skip
        found[code] = value.strip()
    if not found:
        raise Refused(
            Problem(
                "corrections", None, "corrections_lines", "请写明更正内容", "say what is corrected",
                "每行写一项，例如 CF_NR=罚款人民币2万元", "a line each, such as CF_NR=right text",
            )
        )  # fmt: skip
    return found
