"""Whether the rulebook holds together: references resolve, no code stands twice, no versions overlap."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from chengxin.kernel.identifiers import SCHEMES
from chengxin.rulebook import catalogue, deadlines, departments, laws, places, plan, procedures
from chengxin.rulebook.catalogue import Condition, Field, Item, PublicationRule
from chengxin.rulebook.examples import example_faults
from chengxin.rulebook.list_checks import check_lists
from chengxin.rulebook.measure_checks import measure_faults
from chengxin.rulebook.severity import severity_faults
from chengxin.rulebook.suspension import suspension_faults

UNITS = {"working_day", "calendar_day", "month", "year", "half_year"}
ENDS = {"moved", "fixed"}
DISCLOSURES = ("public", "shared", "authorised")  # from the widest to the narrowest


def check_rulebook(*, folder: Path | None = None) -> list[str]:
    """Everything wrong with the rulebook, one sentence each in Chinese and English; empty when it holds.

    folder: another catalogue folder, for a rule-keeper's draft; the tables are always the shipped ones.
    """
    faults = [*_law_faults(), *_deadline_faults(), *_place_faults(), *_plan_faults(), *_procedure_faults()]
    faults += [f"measures: {fault}" for fault in measure_faults()]
    faults += [f"severity.toml: {fault}" for fault in severity_faults()]
    faults += [f"suspension.toml: {fault}" for fault in suspension_faults()]
    faults += [f"lists: {fault}" for fault in check_lists()]
    versions = catalogue.versions(folder=folder)
    for item in versions:
        where = f"{item.id}.{item.version.isoformat()}"
        faults += [f"{where}: {fault}" for fault in item_faults(item)]
    return faults + list(_version_faults(versions))


def item_faults(item: Item) -> Iterator[str]:
    """Everything wrong with one version of an item."""
    yield from _head_faults(item)
    yield from _repeated("字段代码 / field code", (one.code for one in item.fields))
    yield from _repeated("标题 / heading", (one.name_zh for one in item.fields))
    references = list(_reference_faults(item))
    yield from references
    if references:
        return  # what follows looks the references up
    for field in item.fields:
        yield from (f"{field.code}: {fault}" for fault in _field_faults(item, field))
    yield from _subject_faults(item)
    yield from _publication_faults(item)
    yield from (f"示例 / example: {fault}" for fault in example_faults(item))


# --- items --------------------------------------------------------------------------------


def _head_faults(item: Item) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", item.id):
        yield f"项目编号只用小写字母、数字和下划线 / an id has only a-z, 0-9 and _: {item.id}"
    yield from _unknown("目录 / catalogue", item.catalogues, ("legal", "natural"))
    yield from _unknown("公开属性 / disclosure", [item.disclosure], DISCLOSURES)
    yield from _unknown("频率 / frequency", [item.frequency], catalogue.FREQUENCIES)
    names = [one.name_zh for one in departments.departments()]
    yield from _unknown("来源 / source", item.sources, [*catalogue.SOURCE_ROLES, *names])
    yield from _unknown("出处 / known_from", [item.known_from], catalogue.KNOWN_FROM)
    yield from _unknown("法规 / law", [item.law], _law_ids())
    yield from _unknown("期限 / deadline", [item.due] if item.due else [], _deadline_ids())
    roles = [*item.roles.values(), *([item.role] if item.role else [])]
    yield from _unknown("主体角色 / role", roles, catalogue.SUBJECT_ROLES)
    if item.role and item.role_field:
        yield "role和role_field只能有一个 / only one of role and role_field may stand"


def _reference_faults(item: Item) -> Iterator[str]:
    """Fields that something names and that the item lacks."""
    codes = {one.code for one in item.fields}
    yield from _unknown("字段 / field", _named_fields(item), codes)


def _named_fields(item: Item) -> Iterator[str]:
    yield from item.key
    yield item.date
    subject, outlet = item.subject, item.outlet
    yield subject.name
    yield from subject.identifiers.values()
    optional = [subject.kind, subject.legal_person, subject.phone, subject.address, subject.region]
    optional += [subject.person_id_type, item.role_field]
    if outlet is not None:
        yield from (outlet.kind, outlet.name, outlet.url, outlet.platform)
        optional += [outlet.platform_name, outlet.opened, outlet.closed]
    optional += [rule.until_field for rule in item.publication]
    optional += [field.not_before for field in item.fields]
    yield from (code for code in optional if code)
    yield from (condition.field for condition in _conditions(item))
    for check in item.checks:
        yield from check.fields


def _conditions(item: Item) -> Iterator[Condition]:
    for field in item.fields:
        yield from field.required_when
        yield from field.forbidden_when
    for rule in item.publication:
        yield from rule.when
    for check in item.checks:
        yield from check.when


def _field_faults(item: Item, field: Field) -> Iterator[str]:
    yield from _unknown("类型 / type", [field.type], catalogue.FIELD_TYPES)
    yield from _unknown("公开属性 / disclosure", [field.disclosure], (*DISCLOSURES, "never"))
    if not field.name_zh or not field.name_en or not field.example:
        yield "缺少中文标题、英文名称或示例 / heading, English name or example is missing"
    if field.type in {"code", "codes"} and not field.choices:
        yield "代码字段须有可选值 / a code field needs choices"
    yield from _repeated("可选值 / choice", field.choices)
    if (field.type == "codes") != bool(field.separator):
        yield "多值字段须有且只有它有分隔符 / a separator belongs to codes fields, and each needs one"
    if field.type == "decimal" and (field.length is None or field.scale is None):
        yield "小数须有长度和小数位数 / a decimal needs length and scale"
    if field.type == "personal" and field.disclosure != "never":
        yield "个人证件号码不得公开 / a personal number is never disclosed"
    if field.required and field.required_when:
        yield "必填字段不再需要必填条件 / a required field needs no required_when"
    if field.not_future and field.type != "date":
        yield "not_future只用于日期 / not_future is for dates"
    if field.not_before and {field.type, item.field(field.not_before).type} != {"date"}:
        yield "not_before只用于日期 / not_before is for dates"


def _subject_faults(item: Item) -> Iterator[str]:
    subject = item.subject
    if not item.field(subject.name).required:
        yield "主体名称须为必填 / the subject's name must be required"
    if not item.field(item.date).required or item.field(item.date).type != "date":
        yield "记录日期须为必填的日期字段 / the item's date must be a required date field"
    yield from _unknown("标识方案 / identifier scheme", subject.identifiers, SCHEMES)
    yield from _unknown("标识方案 / identifier scheme", subject.person_id_schemes.values(), SCHEMES)
    kinds = [*subject.default_kinds, *(kind for found in subject.kinds.values() for kind in found)]
    yield from _unknown("主体种类 / subject kind", kinds, catalogue.SUBJECT_KINDS)
    if subject.kind is None and not subject.default_kinds:
        yield "没有类别字段时须有default_kinds / without a kind field default_kinds must stand"
    maps = [(subject.kind, subject.kinds), (subject.person_id_type, subject.person_id_schemes)]
    maps.append((item.role_field, item.roles))
    if item.outlet is not None:
        maps.append((item.outlet.kind, item.outlet.kinds))
        yield from _unknown("网店种类 / outlet kind", item.outlet.kinds.values(), catalogue.OUTLET_KINDS)
    for code, meanings in maps:
        if code is not None and set(meanings) != set(item.field(code).choices):
            yield f"{code}: 每个可选值须有对应含义 / each choice needs its meaning: {list(meanings)}"
    for condition in _conditions(item):
        yield from (f"{condition.field}: {fault}" for fault in _condition_faults(item, condition))


def _condition_faults(item: Item, condition: Condition) -> Iterator[str]:
    field = item.field(condition.field)
    contains = (condition.contains,) if condition.contains is not None else ()
    values = [*(condition.in_ or ()), *contains, *(condition.any_of or ()), *(condition.only or ())]
    if field.type in {"code", "codes"}:
        yield from _unknown("可选值 / choice", values, field.choices)


def _publication_faults(item: Item) -> Iterator[str]:
    if not item.publication or item.publication[-1].when:
        yield "最后一条公示规则不得有条件 / the last publication rule must hold without conditions"
    for rule in item.publication:
        yield from _rule_faults(item, rule)


def _rule_faults(item: Item, rule: PublicationRule) -> Iterator[str]:
    yield from _unknown("公开属性 / disclosure", [rule.disclosure], DISCLOSURES)
    yield from _unknown("法规 / law", [ref.law for ref in rule.laws], _law_ids())
    if DISCLOSURES.index(rule.disclosure) < DISCLOSURES.index(item.disclosure):
        yield "规则不得比项目更公开 / a rule may not disclose more than its item"
    if not rule.laws and not rule.deadline:
        yield "公示规则须引法规或期限 / a publication rule needs laws or a deadline"
    if rule.until_field and item.field(rule.until_field).type != "date":
        yield f"{rule.until_field}: 截止字段须为日期 / an end must be a date"
    named = [id for id in (rule.deadline, rule.fallback) if id]
    yield from _unknown("期限 / deadline", named, _deadline_ids())
    for id in named:
        if id in _deadline_ids() and any(one.length is None for one in deadlines.history(id)):
            yield f"{id}: 公示期限须有长度 / a publication period needs a length"


def _version_faults(versions: Iterable[Item]) -> Iterator[str]:
    for one, following in pairwise(versions):
        if one.id != following.id:
            continue
        if one.until is None or one.until > following.version:
            yield f"{one.id}: 版本重叠 / versions overlap: {one.version} – {following.version}"
        elif one.until < following.version:
            yield f"{one.id}: 版本之间有空档 / gap between versions: {one.until} – {following.version}"


# --- tables --------------------------------------------------------------------------------


def _law_faults() -> Iterator[str]:
    yield from _repeated("法规 / law", (one.id for one in laws.laws()))
    for one in laws.laws():
        if one.repealed is not None and one.repealed <= one.in_force:
            yield f"laws.csv {one.id}: 废止早于施行 / repealed before it was in force"
        if one.replaced_by:
            yield from _unknown(f"laws.csv {one.id}: 法规 / law", [one.replaced_by], _law_ids())
        yield from _unknown(f"laws.csv {one.id}: 出处 / known_from", [one.known_from], catalogue.KNOWN_FROM)


def _deadline_faults() -> Iterator[str]:
    for one in deadlines.deadlines():
        yield from _unknown(f"deadlines.csv {one.id}: 法规 / law", [one.law], _law_ids())
        yield from _unknown(f"deadlines.csv {one.id}: 单位 / unit", [one.unit], UNITS)
        yield from _unknown(f"deadlines.csv {one.id}: 期末 / end", [one.end], ENDS)
        if one.end == "fixed" and one.unit == "working_day":
            yield f"deadlines.csv {one.id}: 工作日期间没有固定期末 / working days end on one, never fixed"
        if one.until is not None and one.until <= one.in_force:
            yield f"deadlines.csv {one.id}: 失效早于生效 / ends before it begins"
    for one, following in pairwise(deadlines.deadlines()):
        if one.id == following.id and (one.until is None or one.until > following.in_force):
            yield f"deadlines.csv {one.id}: 规定重叠 / rows overlap: {one.in_force} – {following.in_force}"


def _place_faults() -> Iterator[str]:
    codes = [one.code for one in places.regions()]
    for one in places.regions():
        if (one.parent is None) != (one.level == "province") or one.parent == one.code:
            yield f"regions.csv {one.code}: 上级不明 / no region above: {one.parent}"
    yield from _unknown("region_roles.csv: 代码 / code", (zone.code for zone in places.zones()), codes)


def _plan_faults() -> Iterator[str]:
    yield from _repeated("义务 / obligation", (one.id for one in plan.obligations()))
    for one in departments.departments():
        yield from _unknown(f"{one.name_zh}: 角色 / role", [one.role], catalogue.SOURCE_ROLES)


def _procedure_faults() -> Iterator[str]:
    for one in procedures.procedures().values():
        yield from _unknown(f"procedures {one.id}: 法规 / law", [one.law], _law_ids())
        periods = [state.due for state in one.states.values() if state.due]
        yield from _unknown(f"procedures {one.id}: 期限 / deadline", periods, _deadline_ids())
        yield from (f"procedures {one.id}: {fault}" for fault in procedures.faults(one))


def _law_ids() -> set[str]:
    return {one.id for one in laws.laws()}


def _deadline_ids() -> set[str]:
    return {one.id for one in deadlines.deadlines()}


def _unknown(what: str, named: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    missing = sorted(set(named) - set(known))
    if missing:
        yield f"{what}: 未知 / unknown: {', '.join(missing)}"


def _repeated(what: str, names: Iterable[str]) -> Iterator[str]:
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        yield f"{what}: 重复 / stands twice: {', '.join(twice)}"


def main(arguments: list[str]) -> int:
    """`python -m chengxin.rulebook.check [FOLDER]`: every fault a line; exit code 1 when there is any.

    FOLDER holds drafts of catalogue files, to be checked instead of the shipped ones.
    """
    folder = Path(arguments[0]) if arguments else None
    try:
        faults = check_rulebook(folder=folder)
        versions = catalogue.versions(folder=folder)
    except catalogue.CatalogueError as unreadable:
        faults, versions = [str(unreadable)], ()
    if not faults and not versions:
        faults = [f"没有征集目录文件 / there is no catalogue file: {folder}"]
    held = f"{len({one.id for one in versions})} 个项目无误 / items hold together"
    sys.stdout.writelines(f"{line}\n" for line in faults or [held])
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
