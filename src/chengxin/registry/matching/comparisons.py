"""What is compared when two descriptions may be of one subject: a table that people read.

Each comparison has levels, from the strongest agreement to none; the first whose condition holds is reached.
The conditions are DuckDB SQL over the columns of `features.prepared` with `_l` and `_r` behind. Splink, the
fast path for names, the training, the explanation and the documentation all walk this table; the weights of
the levels are data (`parameters.toml`). Where either side lacks what is compared, the comparison says nothing
and weighs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """One degree of agreement: `condition` in SQL; None for the last one, which takes the rest."""

    id: str
    zh: str
    en: str
    condition: str | None


@dataclass(frozen=True)
class Comparison:
    """One thing compared: `missing` is the SQL condition under which nothing can be said."""

    id: str
    zh: str
    en: str
    missing: str
    levels: tuple[Level, ...]


_EQUAL = "plain_l = plain_r"
# Two names that name different cities, or of which one is a branch's: alike or not, they are two subjects'
# names.
_NEAR = "(coalesce(place_l = place_r, true) AND branch_l = branch_r)"
_ONE_OFF = "(len(core_l) >= 4 AND len(core_r) >= 4 AND list_has_any(near_l, near_r))"
_SLIP = f"({_ONE_OFF} AND (len(core_l) <> len(core_r) OR letters_l = letters_r))"
_STEM = "stem_l = stem_r"
_NO_TRADE = f"({_STEM} AND (core_l = stem_l OR core_r = stem_r))"
_ALIKE = f"(core_l = core_r OR sound_l = sound_r OR list_has_any(near_l, near_r) OR {_STEM})"


def _missing(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


def _dice(column: str, at_least: float) -> str:
    """Dice's coefficient of two lists: twice what they share over what they have."""
    shared = f"len(list_intersect({column}_l, {column}_r))"
    return f"2.0 * {shared} >= {at_least} * (len({column}_l) + len({column}_r))"


COMPARISONS: tuple[Comparison, ...] = (
    Comparison(
        "name",
        "名称",
        "Name",
        _missing("plain"),
        (
            # Names of persons are shared by thousands; names of enterprises are unique in the place of
            # registration (企业名称登记管理规定 art. 17).
            Level("same_person", "同名个人", "same personal name", f"{_EQUAL} AND (person_l OR person_r)"),
            Level("same", "名称相同", "same name", _EQUAL),
            Level("same_core", "除地名形式外相同", "same core", f"core_l = core_r AND {_NEAR}"),
            Level("same_sound", "读音相同", "sounds the same", f"sound_l = sound_r AND {_NEAR}"),
            # Lookalikes differ by another character; left out, doubled or swapped ones are slips of the hand.
            Level("one_slip", "漏、多或颠倒一字", "one character slipped", f"{_SLIP} AND {_NEAR}"),
            Level("one_changed", "一字不同", "one character changed", f"{_ONE_OFF} AND {_NEAR}"),
            Level("no_trade", "字号相同，略去行业", "trade left out", f"{_NO_TRADE} AND {_NEAR}"),
            # Sister firms of one owner share trade name, address and telephone: the trade tells them apart.
            Level("other_trade", "字号相同，行业不同", "other trade", f"{_STEM} AND {_NEAR}"),
            Level("branch", "总部与分支机构", "head office and branch", "branch_l <> branch_r"),
            Level("elsewhere", "相近而地名不同", "alike, of another city", f"NOT {_NEAR} AND {_ALIKE}"),
            Level("like", "部分相同", "partly the same", _dice("pairs", 0.5)),
            Level("else", "名称不同", "different", None),
        ),
    ),
    Comparison(
        "kind",
        "主体类别",
        "Kind",
        _missing("kind"),
        (
            Level("same", "类别相同", "same kind", "kind_l = kind_r"),
            Level("else", "类别不同", "another kind", None),
        ),
    ),
    Comparison(
        "region",
        "区划",
        "Region",
        _missing("region"),
        (
            Level("same", "同一区划", "same region", "region_l = region_r"),
            Level("same_city", "同一设区市", "same city", "region_l[:4] = region_r[:4]"),
            Level("same_province", "同一省份", "same province", "region_l[:2] = region_r[:2]"),
            Level("else", "不同省份", "another province", None),
        ),
    ),
    Comparison(
        "legal_person",
        "法定代表人",
        "Legal representative",
        _missing("legal_person"),
        (
            Level("same", "相同", "same", "legal_person_l = legal_person_r"),
            Level("same_sound", "读音相同", "sounds the same", "legal_person_sound_l = legal_person_sound_r"),
            Level("else", "不同", "different", None),
        ),
    ),
    Comparison(
        "phone",
        "电话",
        "Phone",
        _missing("phone"),
        (
            Level("same", "相同", "same", "phone_l = phone_r"),
            Level("else", "不同", "different", None),
        ),
    ),
    Comparison(
        "address",
        "地址",
        "Address",
        _missing("address"),
        (
            Level("same", "地址相同", "same", "address_l = address_r"),
            Level("close", "地址相近", "nearly the same", _dice("address_pairs", 0.8)),
            Level("partly", "地址部分相同", "partly the same", _dice("address_pairs", 0.45)),
            Level("else", "地址不同", "different", None),
        ),
    ),
)  # fmt: skip

BY_ID: dict[str, Comparison] = {comparison.id: comparison for comparison in COMPARISONS}


def level_number(comparison: Comparison, level: Level) -> int:
    """The number that Splink gives a level: 0 for the last, one more for each above."""
    return len(comparison.levels) - 1 - comparison.levels.index(level)
