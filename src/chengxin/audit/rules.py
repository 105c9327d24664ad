"""What a look is, which purposes there are: pure, from `purposes.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chengxin.accounts.permissions import Actor
from chengxin.kernel.problems import Problem

KINDS: Mapping[str, tuple[str, str]] = {
    "subject": ("查看全部信息", "everything held on the subject"),
    "search": ("检索结果", "found in a search"),
    "list": ("列表", "shown in a list"),
    "match": ("匹配复核", "compared with another in the matching queue"),
    "identity": ("身份核验", "identity report compared with registers"),
    "case": ("办理事项", "shown in a case"),
    "unmask": ("查看证件号码", "a personal identifier unmasked"),
    "export": ("导出", "exported to a file"),
    "download": ("下载", "downloaded"),
    "admission": ("入驻核查", "checked for admission to a platform"),
    "lead": ("监管线索", "shown in a lead"),
}
"""Kinds of look, in both languages."""

SHORTEST, LONGEST = 6, 500
"""Characters of a purpose in the looker's own words."""


@dataclass(frozen=True)
class PurposeKind:
    """A reason for which a law lets somebody look, and the roles to which it is open."""

    id: str
    zh: str
    en: str
    law: str
    article: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Purpose:
    """Why somebody looks now: the kind (with its law), own words, the case where there is one."""

    kind: str
    text: str
    law: str
    article: str
    case: str = ""


@cache
def purpose_kinds() -> Mapping[str, PurposeKind]:
    """Every kind, in the order of the file."""
    table = tomllib.loads((Path(__file__).parent / "purposes.toml").read_text(encoding="utf-8"))
    return {id: PurposeKind(id, **(one | {"roles": tuple(one["roles"])})) for id, one in table.items()}


def open_to(actor: Actor) -> list[PurposeKind]:
    """The kinds that a person may choose by the roles held."""
    held = {grant.role for grant in actor.grants}
    return [one for one in purpose_kinds().values() if held & set(one.roles)]


def purpose(kinds: Iterable[PurposeKind], kind: str, text: str, case: str) -> Purpose | list[Problem]:
    """The purpose that a form states, or what is wrong with it."""
    chosen = next((one for one in kinds if one.id == kind), None)
    words, number = " ".join(text.split()), " ".join(case.split())
    problems = []
    if chosen is None:
        problems.append(
            Problem(
                "kind", None, "purpose.kind",
                "未选择查询目的", "no purpose is chosen",
                "请选择一项", "choose one",
            )
        )  # fmt: skip
    if not SHORTEST <= len(words) <= LONGEST:
        problems.append(
            Problem(
                "text", words[:20], "purpose.text",
                f"具体事由为{len(words)}个字", f"the reason has {len(words)} characters",
                f"请用{SHORTEST}至{LONGEST}个字写明查询的事由",
                f"say in {SHORTEST} to {LONGEST} characters what you look for and why",
            )
        )  # fmt: skip
    elif not words.isprintable():
        problems.append(
            Problem(
                "text", None, "purpose.signs",
                "具体事由含有看不见的字符", "the reason has signs that can't be seen",
                "请重新输入", "type it again",
            )
        )  # fmt: skip
    if len(number) > 100 or not number.isprintable():
        problems.append(
            Problem(
                "case", number[:20], "purpose.case",
                "案件编号过长，或含有看不见的字符", "the case number is too long or has unseen signs",
                "请填写100个字以内的编号", "give at most 100 characters",
            )
        )  # fmt: skip
    if problems or chosen is None:
        return problems
    return Purpose(chosen.id, words, chosen.law, chosen.article, number)
