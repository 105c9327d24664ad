"""A labelled set to train on and to measure by: invented subjects, and descriptions of them as departments
type them.

Everything is drawn from one seed. The registry side holds groups with branches and sister firms, firms of the
same name in other cities and persons of the same name; the query side misspells them, leaves things out, uses
old names, and asks for subjects that the registry doesn't hold. What is right is known because it was made
so.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import polars as pl

from chengxin.registry.spelling import simplified_characters
from chengxin.rulebook import places

_STEM_FIRST = (
    "鑫金福海华闽东源鼓日恒瑞顺盛永兴泰佳美嘉宏大天新中明正安万利"
    "和丰荣昌祥德信诚联众优尚品乐康健百惠益智云星辰蓝绿青紫翠"
)
_STEM_SECOND = (
    "源达发隆浪海顺盛兴泰丰荣昌祥德信诚联合优尚品乐康宁百惠益通云"
    "星辰峰山林泉川江湖洋岚园阁轩坊缘韵香鲜美佳宝旺茂"
)
_TRADES = (
    *(
        "贸易",
        "商贸",
        "电子商务",
        "网络科技",
        "信息技术",
        "食品",
        "茶业",
        "水产",
        "服饰",
        "鞋业",
        "家居",
        "物流",
    ),
    *("供应链管理", "文化传媒", "日用品", "农业", "化妆品", "数码", "工艺品", "母婴用品"),
)
_COMPANY_FORMS = ("有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司")
_SHOP_FORMS = ("商行", "经营部", "店", "商店", "工作室", "网店")
_SURNAMES = "陈林黄郑吴李王张刘蔡杨许苏谢叶曾郭邱周徐"
_GIVEN = "建国志强美玲晓燕文辉秀英海峰丽娟俊杰淑芬伟明雅婷国华金莲永福小红家豪思源"
_ROADS = (
    "中山路",
    "五四路",
    "湖滨南路",
    "工业路",
    "解放大道",
    "学府路",
    "江滨西大道",
    "温陵路",
    "新华街",
    "龙腾中路",
)
_HOMOPHONES = dict(
    zip(
        "鑫源浪达隆盛兴丰荣昌祥德信诚联康惠益通茶贸易商金福海华闽瑞",
        "新园郎答龙胜星峰容倡详得欣成连糠慧意桐查茂义伤今富嗨花敏锐",
        strict=True,
    )
)
_FULL_WIDTH = {**{chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)}}


@dataclass(frozen=True)
class Labelled:
    """`registry` and `queries` are frames for `score_pairs`; `labels` the true pairs; `noise` what was done
    to each.
    """

    registry: pl.DataFrame
    queries: pl.DataFrame
    labels: pl.DataFrame
    noise: pl.DataFrame


@dataclass(frozen=True)
class _Subject:
    id: int
    kind: str
    region: str  # six digits of a county
    place: str  # as it stands in front of the name, may be empty
    stem: str
    trade: str
    form: str
    tail: str  # a branch's ending, else empty
    legal_person: str
    phone: str
    address: str

    @property
    def name(self) -> str:
        return f"{self.place}{self.stem}{self.trade}{self.form}{self.tail}"


def labelled(*, seed: int, groups: int, queries: int) -> Labelled:
    """Draw a labelled set: about 1.9 subjects a group, `queries` descriptions, a sixth of them of absent
    subjects.
    """
    draw = random.Random(seed)  # noqa: S311 - a set to measure by, not a secret
    subjects = [subject for _ in range(groups) for subject in _group(draw)]
    numbered = [_numbered(subject, number) for number, subject in enumerate(subjects)]
    draw.shuffle(numbered)
    absent = set(draw.sample(range(len(numbered)), len(numbered) // 6))
    held = [subject for at, subject in enumerate(numbered) if at not in absent]
    rows, labels, noises = [], [], []
    held_ids = {subject.id for subject in held}
    for query, subject in enumerate(draw.choices(numbered, k=queries)):
        row, noise = _description(draw, subject)
        rows.append({"id": query, **row})
        noises.append({"left_id": query, "noise": noise})
        if subject.id in held_ids:
            labels.append({"left_id": query, "right_id": subject.id})
    return Labelled(
        registry=pl.DataFrame([_row(subject) for subject in held]),
        queries=pl.DataFrame(rows, infer_schema_length=None),
        labels=pl.DataFrame(labels),
        noise=pl.DataFrame(noises),
    )


def _numbered(subject: _Subject, number: int) -> _Subject:
    return _Subject(**{**subject.__dict__, "id": number})


def _row(subject: _Subject) -> dict[str, object]:
    fields = ("id", "kind", "name", "region", "legal_person", "phone", "address")
    return {field: getattr(subject, field) for field in fields}


def _person(draw: random.Random) -> str:
    return draw.choice(_SURNAMES) + "".join(draw.choices(_GIVEN, k=draw.choice((1, 2, 2))))


def _phone(draw: random.Random) -> str:
    return "1" + draw.choice("3578") + "".join(draw.choices("0123456789", k=9))


def _place(draw: random.Random, region: str) -> tuple[str, str]:
    """(what stands in front of the name, the address up to the county)."""
    chain = [step.name for step in places.ancestors(region)]
    province, city, county = chain[0], chain[1], chain[-1]
    fronts = (
        city.removesuffix("市"),
        city,
        province + city,
        county,
        city + county,
        province.removesuffix("省"),
        "",
    )
    return draw.choices(fronts, weights=(6, 4, 2, 2, 1, 2, 1))[0], f"{province}{city}{county}"


@cache
def _counties(*, home: bool) -> list[str]:
    """Counties of Fujian, or of the whole country, that stand under a province and a city."""
    under = places.regions(places.PROVINCE) if home else places.regions()
    return [one.code for one in under if one.level == "county" and len(places.ancestors(one.code)) == 3]


def _group(draw: random.Random) -> list[_Subject]:
    """A firm or a person, and now and then those that are easily taken for it."""
    counties = _counties(home=draw.random() < 0.85)
    region = draw.choice(counties)
    place, county = _place(draw, region)
    address = (
        f"{county}{draw.choice(_ROADS)}{draw.randint(1, 399)}号{draw.choice(('', '201室', '3层', 'A栋5层'))}"
    )
    person, phone = _person(draw), _phone(draw)
    if draw.random() < 0.06:
        alone = _Subject(0, "natural_person", region, "", person, "", "", "", "", phone, address)
        return [alone, *(_namesake_person(draw, alone, counties) for _ in range(draw.choice((0, 1, 2, 4))))]
    company = draw.random() < 0.65
    first = _Subject(
        id=0,
        kind="legal_person" if company else "individual_business",
        region=region,
        place=place,
        stem=draw.choice(_STEM_FIRST)
        + draw.choice(_STEM_SECOND)
        + (draw.choice(_STEM_SECOND) * (draw.random() < 0.2)),
        trade=draw.choice(_TRADES),
        form=draw.choice(_COMPANY_FORMS if company else _SHOP_FORMS),
        tail="",
        legal_person=person,
        phone=phone,
        address=address,
    )
    return [first, *(make(draw, first, counties) for make, chance in _RELATIVES if draw.random() < chance)]


def _branch(draw: random.Random, first: _Subject, counties: list[str]) -> _Subject:
    """A branch: the head office's name with a place behind, often its telephone and representative."""
    region = draw.choice(counties)
    city = places.ancestors(region)[1].name.removesuffix("市")
    return _Subject(
        **{
            **first.__dict__,
            "region": region,
            "tail": f"{city}分公司",
            "form": "有限公司",
            "kind": "legal_person",
            "phone": first.phone if draw.random() < 0.5 else _phone(draw),
            "address": _place(draw, region)[1] + f"{draw.choice(_ROADS)}{draw.randint(1, 399)}号",
        }
    )


def _sister(draw: random.Random, first: _Subject, counties: list[str]) -> _Subject:
    """A firm of the same owner with the same trade name and another trade, at the same address."""
    other = draw.choice([trade for trade in _TRADES if trade != first.trade])
    return _Subject(
        **{
            **first.__dict__,
            "trade": other,
            "phone": first.phone if draw.random() < 0.4 else _phone(draw),
            "legal_person": first.legal_person if draw.random() < 0.6 else _person(draw),
        }
    )


def _namesake(draw: random.Random, first: _Subject, counties: list[str]) -> _Subject:
    """A stranger of the same name in another city."""
    while (region := draw.choice(counties))[:4] == first.region[:4]:
        counties = _counties(home=draw.random() < 0.85)
    place, county = _place(draw, region)
    return _Subject(
        **{
            **first.__dict__,
            "region": region,
            "place": place,
            "legal_person": _person(draw),
            "phone": _phone(draw),
            "address": f"{county}{draw.choice(_ROADS)}{draw.randint(1, 399)}号",
        }
    )


def _namesake_person(draw: random.Random, first: _Subject, counties: list[str]) -> _Subject:
    """Another person of the same name, anywhere."""
    stranger = _namesake(draw, first, counties)
    return _Subject(**{**stranger.__dict__, "place": "", "legal_person": ""})


def _lookalike(draw: random.Random, first: _Subject, counties: list[str]) -> _Subject:
    """A stranger in the same city whose name differs by one character."""
    at = draw.randrange(len(first.stem))
    other = first.stem[:at] + draw.choice(_STEM_SECOND) + first.stem[at + 1 :]
    stranger = _namesake(draw, first, counties)
    return _Subject(**{**stranger.__dict__, "stem": other, "region": first.region, "place": first.place})


_RELATIVES: tuple[tuple[Callable[[random.Random, _Subject, list[str]], _Subject], float], ...] = (
    (_branch, 0.15),
    (_sister, 0.20),
    (_namesake, 0.30),
    (_lookalike, 0.30),
)


def _description(draw: random.Random, subject: _Subject) -> tuple[dict[str, object], str]:
    """The subject as somebody typed it, and what happened to its name."""
    noise, spell = draw.choices(
        [(noise, spell) for noise, (spell, _) in _NOISE.items()], weights=[w for _, w in _NOISE.values()]
    )[0]
    name = spell(draw, subject)
    if draw.random() < 0.15:  # a second slip, in how it is typed
        name = draw.choice((_full_width, _traditional, _spaced))(draw, name)
    kept = {field for field, share in _KNOWN.items() if draw.random() < share}
    region = subject.region[:4] + "00" if draw.random() < 0.2 else subject.region
    if draw.random() < 0.03:  # the place of business, not of registration
        region = draw.choice(_counties(home=True))
    kind = "individual_business" if draw.random() < 0.04 else subject.kind
    address = _readdressed(draw, subject)
    phone = _phone(draw) if draw.random() < 0.12 else subject.phone
    person = _person(draw) if draw.random() < 0.05 else subject.legal_person
    if draw.random() < 0.03:
        person = person[:-1] + _BY_EAR.get(person[-1:], person[-1:])
    return {
        "kind": kind if "kind" in kept else None,
        "name": name,
        "region": region if "region" in kept else None,
        "legal_person": person if "legal_person" in kept and person else None,
        "phone": phone if "phone" in kept else None,
        "address": address if "address" in kept else None,
    }, noise


def _readdressed(draw: random.Random, subject: _Subject) -> str:
    """The address as this source has it: moved, shortened, a number mistyped, or as registered."""
    address = subject.address
    match draw.choices(("moved", "short", "mistyped", "registered"), weights=(8, 20, 10, 62))[0]:
        case "moved":
            address = f"{places.full_name(subject.region)}{draw.choice(_ROADS)}{draw.randint(1, 399)}号"
        case "short":
            address = address.partition("号")[0] + "号"
        case "mistyped":
            at = draw.randrange(9, len(address))
            address = address[:at] + draw.choice("0123456789路") + address[at + 1 :]
    return address.removeprefix("福建省") if draw.random() < 0.4 else address


_BY_EAR = {
    "珊": "山",
    "伟": "维",
    "辉": "晖",
    "华": "花",
    "明": "名",
    "玲": "铃",
    "芳": "方",
    "强": "蔷",
    "志": "至",
}
_KNOWN = {
    "kind": 0.9,
    "region": 0.75,
    "legal_person": 0.5,
    "phone": 0.4,
    "address": 0.5,
}  # share of files that tell


def _exact(draw: random.Random, subject: _Subject) -> str:
    return subject.name


def _full_width(draw: random.Random, name: str) -> str:
    return "".join(_FULL_WIDTH.get(c, c) for c in name).replace("(", "（")


def _traditional(draw: random.Random, name: str) -> str:
    back = {simplified: traditional for traditional, simplified in simplified_characters().items()}
    return "".join(back.get(c, c) if draw.random() < 0.8 else c for c in name)


def _spaced(draw: random.Random, name: str) -> str:
    at = draw.randrange(len(name) + 1)
    return name[:at] + draw.choice((" ", "　", "·", "\t")) + name[at:]


def _typed(draw: random.Random, subject: _Subject) -> str:
    return draw.choice((_full_width, _traditional, _spaced))(draw, subject.name)


def _bracketed(draw: random.Random, subject: _Subject) -> str:
    if not subject.place or not subject.form:
        return f"（{subject.name}）"
    left, right = draw.choice((("（", "）"), ("(", ")"), ("【", "】")))
    return f"{subject.stem}{subject.trade}{left}{subject.place}{right}{subject.form}{subject.tail}"


def _shortened(draw: random.Random, subject: _Subject) -> str:
    """Without its form, or with a shorter one; sometimes without its trade."""
    form = draw.choice(("", "公司", ""))
    trade = subject.trade if draw.random() < 0.8 else ""
    return f"{subject.place}{subject.stem}{trade}{form}{subject.tail}"


def _replaced(draw: random.Random, subject: _Subject) -> str:
    """Another spelling of the place in front, or none."""
    place = _place(draw, subject.region)[0]
    return (
        subject.name.removeprefix(subject.place)
        if draw.random() < 0.5
        else place + subject.name.removeprefix(subject.place)
    )


def _by_ear(draw: random.Random, subject: _Subject) -> str:
    body = subject.stem + subject.trade
    spots = [at for at, c in enumerate(body) if c in _HOMOPHONES]
    for at in draw.sample(spots, min(len(spots), draw.choice((1, 1, 2)))):
        body = body[:at] + _HOMOPHONES[body[at]] + body[at + 1 :]
    return f"{subject.place}{body}{subject.form}{subject.tail}"


def _slipped(draw: random.Random, subject: _Subject) -> str:
    """One character dropped, doubled, swapped with its neighbour or mistaken."""
    body = subject.stem + subject.trade
    at = draw.randrange(len(body))
    match draw.choice(("dropped", "doubled", "swapped", "mistaken")):
        case "dropped":
            body = body[:at] + body[at + 1 :]
        case "doubled":
            body = body[: at + 1] + body[at:]
        case "swapped":
            at = min(at, len(body) - 2)
            body = body[:at] + body[at + 1] + body[at] + body[at + 2 :]
        case _:
            body = body[:at] + draw.choice(_STEM_FIRST) + body[at + 1 :]
    return f"{subject.place}{body}{subject.form}{subject.tail}"


def _former(draw: random.Random, subject: _Subject) -> str:
    """The name it had before: another trade name."""
    stem = draw.choice(_STEM_FIRST) + draw.choice(_STEM_SECOND)
    return f"{subject.place}{stem}{subject.trade}{subject.form}{subject.tail}"


_NOISE: dict[str, tuple[Callable[[random.Random, _Subject], str], float]] = {
    "none": (_exact, 18),
    "typing": (_typed, 14),
    "brackets": (_bracketed, 8),
    "short form": (_shortened, 14),
    "place": (_replaced, 14),
    "homophones": (_by_ear, 12),
    "one slip": (_slipped, 16),
    "former name": (_former, 4),
}
