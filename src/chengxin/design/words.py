"""Which of two languages the page speaks, and the words of the rulebook in it.

The pages' own sentences are translated by gettext (`locale/en`); what the rulebook says in both languages
(names of items, fields, laws, choices) is picked here.
"""

from __future__ import annotations

from datetime import date

from django.utils.translation import get_language, gettext

from chengxin.rulebook import deadlines, laws
from chengxin.rulebook.catalogue import Condition, Field, Item, PublicationRule

Pair = tuple[str, str]

WITHOUT_END = "2099-12-31"
"""How the two-publicity files write 'without end'."""

DISCLOSURES: dict[str, Pair] = {
    "public": ("公示", "public"),
    "shared": ("部门共享", "shared between departments"),
    "authorised": ("授权查询", "on authorisation"),
    "never": ("不提供", "never given out"),
}
FIELD_TYPES: dict[str, Pair] = {
    "text": ("文字", "text"),
    "code": ("选项", "one choice"),
    "codes": ("多选", "several choices"),
    "uscc": ("统一社会信用代码", "unified social credit code"),
    "regno": ("15位注册号", "15-digit registration number"),
    "orgcode": ("组织机构代码", "organisation code"),
    "personal": ("证件号码", "personal number"),
    "date": ("日期", "date"),
    "decimal": ("小数", "decimal"),
    "integer": ("整数", "whole number"),
    "url": ("网址", "web address"),
    "phone": ("电话号码", "telephone number"),
    "region": ("行政区划代码", "region code"),
    "gtin": ("商品条码", "GTIN"),
    "boolean": ("是、否", "是 (yes) or 否 (no)"),
}
VERIFICATION: dict[str, tuple[Pair, Pair]] = {
    "verified": (
        ("身份已核验", "Identity verified"),
        (
            "平台报送的身份信息与登记、许可记录相符。",
            "What platforms reported agrees with the registration and licence records.",
        ),
    ),
    "mismatch": (
        ("身份不一致", "Identity mismatch"),
        (
            "平台报送的身份信息与登记、许可记录不符。",
            "What platforms reported differs from the registration and licence records.",
        ),
    ),
    "lapsed": (
        ("登记已失效", "Registration lapsed"),
        (
            "核验所依据的登记或许可已经注销、吊销或到期。",
            "The registration or licence that it was verified against has ended.",
        ),
    ),
    "unverified": (
        ("身份未核验", "Not verified"),
        (
            "平台报送了身份信息，尚无可以比对的登记记录。",
            "Platforms reported an identity; there is no registration record yet to compare it with.",
        ),
    ),
}
UNITS: dict[str, Pair] = {
    "working_day": ("个工作日", "working days"),
    "calendar_day": ("日", "days"),
    "month": ("个月", "months"),
    "year": ("年", "years"),
    "half_year": ("半年", "half-years"),
}


def english() -> bool:
    """Whether the page speaks English."""
    return (get_language() or "").startswith("en")


def say(pair: Pair) -> str:
    """The Chinese or the English of a pair."""
    return pair[1] if english() else pair[0]


def halves(text: str) -> Pair:
    """Both halves of a note such as '自然人不填 / empty for natural persons'; of several joined by '; '."""
    chinese: list[str] = []
    english: list[str] = []
    for part in " ".join(text.split()).split("; "):
        zh, slash, en = part.partition(" / ")
        if slash:
            chinese.append(zh)
            english.append(en)
        else:  # a semicolon within the English, or a note in one language
            (english or chinese).append(part)
    return "；".join(chinese), "; ".join(english or chinese)


def cited(law: str, article: str) -> str:
    """A law with its article: 《行政处罚法》第48条, or 'Administrative Penalty Law, art. 48'."""
    try:
        found = laws.law(law)
    except LookupError:
        return law
    return law_words((found.name_zh, found.name_en), article)


def law_words(name: Pair, article: str) -> str:
    """The same from a name that is known already."""
    if english():
        return f"{name[1]}, art. {article}" if article else name[1]
    return f"《{name[0]}》第{article}条" if article else f"《{name[0]}》"


def label(field: Field, value: str) -> str:
    """The words for one choice of a field ('1' → '有效'); a value that the catalogue doesn't know stays."""
    labels = field.labels_en if english() else field.labels_zh
    opening = field.open_choice
    if value not in labels and opening and value.startswith(opening) and english():
        return f"other: {value.removeprefix(opening)}"
    return labels.get(value, value)


def conditions(item: Item, rule: PublicationRule) -> list[str]:
    """When a rule of publication acts, a sentence a condition."""
    return [_condition(item, one) for one in rule.when]


def _condition(item: Item, condition: Condition) -> str:
    field = item.field(condition.field)
    name = say((field.name_zh, field.name_en))
    if condition.present is not None:
        return (gettext("已填写“%s”") if condition.present else gettext("未填写“%s”")) % name
    words, values = (
        (gettext("“%(field)s”为%(values)s"), condition.in_)
        if condition.in_ is not None
        else (gettext("“%(field)s”含%(values)s"), (condition.contains,))
        if condition.contains is not None
        else (gettext("“%(field)s”含%(values)s之一"), condition.any_of)
        if condition.any_of is not None
        else (gettext("“%(field)s”仅为%(values)s"), condition.only)
    )
    listed = joined([label(field, value) for value in values or () if value is not None])
    return words % {"field": name, "values": listed}


def joined(parts: list[str]) -> str:
    """Several words in a row."""
    return (", " if english() else "、").join(parts)


def period(rule: PublicationRule, on: date) -> str:
    """The longest publication of a rule in words, '' where only the record's own end counts."""
    if rule.deadline is None:
        return ""
    try:
        found = deadlines.deadline(rule.deadline, on)
    except LookupError:
        return ""
    if found.length is None:
        return ""
    zh, en = UNITS[found.unit]
    plural = en.removesuffix("s") if found.length == 1 else en
    return f"{found.length} {plural}" if english() else f"{found.length}{zh}"
