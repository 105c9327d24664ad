"""The rules of one field in words, for those who fill in a template."""

from __future__ import annotations

import tomllib
from pathlib import Path

from chengxin.exchange.checking.choices import choices
from chengxin.exchange.checking.conditions import in_words
from chengxin.rulebook.catalogue import Field, Item

Said = tuple[str, str]
"""Chinese, English."""

_TABLE = tomllib.loads(Path(__file__).with_name("forms.toml").read_text(encoding="utf-8"))
_FORMS: dict[str, Said] = {type_: (words["zh"], words["en"]) for type_, words in _TABLE.items()}


def requirement(item: Item, field: Field) -> Said:
    """What must be filled in, Chinese and English: form, when it is needed, limits, choices, note."""
    said = [_FORMS[field.type], *_needs(item, field), *_limits(item, field)]
    if field.note:
        zh, _, en = field.note.partition(" / ")
        said.append((zh, en or zh))
    return "；".join(zh for zh, _ in said), "; ".join(en for _, en in said)


def _needs(item: Item, field: Field) -> list[Said]:
    said = [("必填", "required")] if field.required else []
    if field.required_when:
        zh, en = in_words(item, field.required_when)
        said.append((f"{zh}时必填", f"required when {en}"))
    if field.forbidden_when:
        zh, en = in_words(item, field.forbidden_when)
        said.append((f"{zh}时不填", f"empty when {en}"))
    said += [(one.message_zh, one.message_en) for one in item.checks if field.code in one.fields]
    return said or [("选填", "optional")]


def _limits(item: Item, field: Field) -> list[Said]:
    said = []
    if field.type == "decimal":
        scale = field.scale or 0
        whole = (field.length or 18) - scale
        said.append((f"整数不超过{whole}位，小数不超过{scale}位", f"up to {whole} digits, {scale} decimals"))
    elif field.length is not None and field.type in {"text", "url", "integer"}:
        said.append((f"不超过{field.length}个字符", f"up to {field.length} characters"))
    if field.not_future:
        said.append(("不得晚于报送之日", "not after the day on which it is sent"))
    if field.not_before is not None:
        first = item.field(field.not_before)
        said.append((f"不得早于“{first.name_zh}”", f"not before '{first.name_en}'"))
    if field.choices:
        listed = choices(field).listed
        said.append((f"可选值：{listed}", f"choices: {listed}"))
    if field.separator:
        said.append((f"多个值用“{field.separator}”连接", f"several are joined by '{field.separator}'"))
    return said
