"""One spelling for each name: what is left of a subject's name once the ways of typing it are taken away.

Pure: no clock, no database. Every function comes twice, scalar for one name and over Polars for a column,
with equal results; both walk the same tables, which are built once from the rulebook's regions and OpenCC's
character map.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources

import polars as pl

from chengxin.rulebook import places

# Round, square, curly and lenticular brackets enclose a part of the name, the region or the legal form
# ("鼓浪贸易(福州)有限公司"). Quotation marks and book-title marks only decorate and go with the punctuation.
_OPENING, _CLOSING = "([{【〔〖", ")]}】〕〗"
_BRACKETS = str.maketrans(_OPENING + _CLOSING, "(" * len(_OPENING) + ")" * len(_CLOSING))

# Letters, digits, marks that belong to a letter, and private-use characters (old systems put rare name
# characters there).
_KEPT_CATEGORIES = frozenset("LNM")
_NOT_KEPT = r"[^\p{L}\p{N}\p{M}\p{Co}()]|[\x{FE00}-\x{FE0F}\x{E0100}-\x{E01EF}]"
_VARIATION_SELECTORS = frozenset([*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])

# 乾 is a current simplified character (乾元, 乾坤) and the traditional form of 干 at once: left as written.
_LEFT_AS_WRITTEN = frozenset("乾")

# Legal forms and kinds of outlet at the end of a name. They say what a subject is, not which one.
# Names: 企业名称登记管理规定 (State Council order 734) art. 6: region + trade name + industry + form of
# organisation.
ORGANISATION_FORMS: tuple[str, ...] = (
    "股份有限责任公司", "集团股份有限公司", "集团有限责任公司", "集团有限公司", "股份有限公司",
    "有限责任公司", "有限公司", "股份公司", "集团公司", "总公司", "公司", "集团", "个体工商户",
    "个人独资企业", "特殊普通合伙", "普通合伙", "有限合伙", "合伙企业", "农民专业合作社联合社",
    "农民专业合作社", "专业合作社", "合作社", "商行", "经营部", "经销部", "门市部", "服务部", "批发部",
    "营销部", "零售部", "商店", "网店", "店铺", "官方旗舰店", "旗舰店", "专营店", "专卖店", "直营店",
    "加盟店", "工作室", "事务所", "有限", "厂", "店",
)  # fmt: skip
# Ends the name of a part of another subject: 公司法 art. 13, a branch has no legal personality of its own.
BRANCH_ENDINGS: tuple[str, ...] = ("分公司", "分店", "分行", "支行", "分厂", "分部", "营业部", "办事处")
# An ending that looks like a form but carries meaning: the branch of a group, or a word that the form is a
# part of.
MEANINGFUL_ENDINGS: tuple[str, ...] = (
    *BRANCH_ENDINGS, "子公司", "酒店", "饭店", "书店", "药店", "花店", "茶店",
    "面店", "饼店",
)  # fmt: skip
# The trade in a name (行业), behind the trade name: shared by thousands, so it can't stand alone for a
# subject.
TRADE_WORDS: tuple[str, ...] = (
    "电子商务", "网络科技", "信息技术", "信息科技", "国际贸易", "进出口", "供应链", "供应链管理", "物流",
    "速递", "快递", "快运", "货运", "运输", "仓储", "贸易", "商贸", "商务", "科技", "技术", "实业", "工贸",
    "食品", "茶业", "茶叶", "茶庄", "水产", "海产", "生鲜", "鲜果", "果业", "农业", "农产品", "服饰", "服装",
    "鞋业", "鞋服", "纺织", "家具", "家居", "家电", "日用品", "用品", "百货", "电器", "电子", "数码", "通讯",
    "手机", "化妆品", "美妆", "母婴", "玩具", "文具", "图书", "书店", "珠宝", "工艺品", "药业", "医药",
    "医疗器械", "药店", "药房", "大药房", "小吃", "小吃店", "餐饮", "饭店", "酒店", "酒业", "烟酒", "便利",
    "便利店", "超市", "食杂店", "文化传媒", "文化", "传媒", "广告", "咨询", "服务", "管理", "投资", "发展",
    "制造", "五金", "建材", "机械", "汽车", "汽配", "互联网", "网络", "信息", "软件", "数据", "教育", "旅游",
    "旅行社", "代运营", "电商", "直播", "支付", "征信", "协会", "商会",
)  # fmt: skip
_REGION_KIND = r"(特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|省|市|县|地区|盟)$"
_MUNICIPALITIES = frozenset({"北京市", "天津市", "上海市", "重庆市"})
_MOST_REGIONS = 4  # province, city, county and one more ("福建福州长乐市…")
_LEAST_CORE = 2  # characters; less can't tell subjects apart


@cache
def simplified_characters() -> dict[str, str]:
    """Traditional character → simplified character, from OpenCC's table (first candidate, followed to its
    end).
    """
    text = (resources.files("opencc") / "dictionary" / "TSCharacters.txt").read_text(encoding="utf-8")
    first: dict[str, str] = {}
    for line in text.splitlines():
        traditional, _, candidates = line.partition("\t")
        simplified = candidates.split(" ")[0]
        if simplified and simplified != traditional and traditional not in _LEFT_AS_WRITTEN:
            first[traditional] = simplified
    return {traditional: _last(first, traditional) for traditional in first}


def _last(table: dict[str, str], key: str) -> str:
    seen = {key}
    while key in table and table[key] not in seen:
        key = table[key]
        seen.add(key)
    return key


@cache
def _translation() -> dict[int, str]:
    return {ord(traditional): simplified for traditional, simplified in simplified_characters().items()}


def _tidy(text: str) -> str:
    """The name in one spelling, its brackets still in place."""
    text = unicodedata.normalize("NFKC", text).upper().translate(_BRACKETS)
    kept = "".join(
        c
        for c in text
        if c in "()"
        or (
            (unicodedata.category(c)[0] in _KEPT_CATEGORIES or unicodedata.category(c) == "Co")
            and ord(c) not in _VARIATION_SELECTORS
        )
    )
    return unicodedata.normalize("NFC", kept).translate(_translation())


@cache
def _untidy_pattern() -> str:
    """A regular expression that finds names which `_tidy` may change: anything but simplified characters,
    A–Z, 0–9.
    """
    traditional = sorted(ord(c) for c in simplified_characters() if 0x4E00 <= ord(c) <= 0x9FFF)
    ranges, start = [], 0x4E00
    for code in [*traditional, 0xA000]:
        if code > start:
            ranges.append(f"\\x{{{start:X}}}-\\x{{{code - 1:X}}}")
        start = code + 1
    return f"[^A-Z0-9{''.join(ranges)}]"


def _tidy_series(names: pl.Series) -> pl.Series:
    """`_tidy` for a column: most names are in order already and are only looked at once."""
    untidy = names.str.contains(_untidy_pattern()).fill_null(False)
    if not untidy.any():
        return names
    rows = untidy.arg_true()
    text = names.gather(rows).str.normalize("NFKC").str.to_uppercase()
    for bracket, code in _BRACKETS.items():
        if chr(bracket) not in "()":
            text = text.str.replace_all(
                chr(bracket), str(chr(code) if isinstance(code, int) else code), literal=True
            )
    text = text.str.replace_all(_NOT_KEPT, "").str.normalize("NFC").str.replace_many(simplified_characters())
    return names.clone().scatter(rows, text)  # scatter writes in place: never into the caller's column


def _bare(tidy: str) -> str:
    return tidy.replace("(", "").replace(")", "")


def _without_brackets(names: pl.Series) -> pl.Series:
    return names.str.replace_all("[()]", "")


def normalise_name(text: str) -> str:
    """A name in the one spelling by which names are compared and kept for comparison.

    Full-width becomes half-width, Latin upper case, traditional simplified; white space, punctuation and
    brackets go (what stands in the brackets stays): `厦門鼓浪（福州）贸易 有限公司` →
    `厦门鼓浪福州贸易有限公司`. Applying it twice changes nothing. A name of nothing but punctuation becomes
    the empty string.
    """
    return _bare(_tidy(text))


def normalised(names: pl.Expr) -> pl.Expr:
    """`normalise_name` over a column of text; null stays null."""
    return names.map_batches(
        lambda s: _without_brackets(_tidy_series(s)), return_dtype=pl.String, is_elementwise=True
    )


@cache
def _region_prefixes() -> frozenset[str]:
    """Spellings of regions that a name may begin with: every full name; provinces, cities and home counties
    in short too.

    Districts (鼓楼区, 长安区) and far counties (和平县) aren't shortened: in short they are words of trade
    names.
    """
    spellings: set[str] = set()
    for region in places.regions():
        name = normalise_name(region.name)
        spellings.add(name)
        home = region.code.startswith(places.PROVINCE[:2]) and not name.endswith("区")
        if region.level != "county" or home:
            spellings.add(re.sub(_REGION_KIND, "", name))
    return frozenset(s for s in spellings if len(s) >= 2 and not s.endswith(("自治", "族")))


def _either(words: frozenset[str] | tuple[str, ...]) -> str:
    return "|".join(sorted(words, key=lambda w: (-len(w), w)))


@cache
def _patterns() -> dict[str, str]:
    """The regular expressions of `core_name`, in the part of the syntax that Python and Polars share."""
    regions, forms = _either(_region_prefixes()), _either(ORGANISATION_FORMS)
    return {
        "aside": rf"\((?:{regions}|{forms})*\)",
        "regions": rf"^(?:{regions}){{1,{_MOST_REGIONS}}}",
        "forms": rf"(?:{forms})+$",
        "meaningful": rf"(?:{_either(MEANINGFUL_ENDINGS)})$",
        "says_nothing": rf"^.?(?:{forms}|{_either(TRADE_WORDS)})*$",
        "trade": rf"(?:{_either(TRADE_WORDS)})+$",
    }


@cache
def _compiled(name: str) -> re.Pattern[str]:
    return re.compile(_patterns()[name])


def _core_series(names: pl.Series) -> pl.Series:
    tidy = _tidy_series(names)
    whole, pattern = _without_brackets(tidy), _patterns()
    rest = _without_brackets(tidy.str.replace_all(pattern["aside"], ""))
    bare = rest.str.replace(pattern["regions"], "")
    rest = bare.zip_with(~bare.str.contains(pattern["says_nothing"]).fill_null(True), rest)
    ended = rest.str.replace(pattern["forms"], "")
    ends = ~rest.str.contains(pattern["meaningful"]) & (ended.str.len_chars() >= _LEAST_CORE)
    core = ended.zip_with(ends.fill_null(False), rest)
    return core.zip_with((core.str.len_chars() >= _LEAST_CORE).fill_null(False), whole)


def core_names(names: pl.Expr) -> pl.Expr:
    """`core_name` over a column of text; null stays null."""
    return names.map_batches(_core_series, return_dtype=pl.String, is_elementwise=True)


def core_name(text: str) -> str:
    """What tells a subject from others of its region and form: the name without regions in front and forms
    behind.

    `福建省厦门市鼓浪贸易有限公司` and `鼓浪贸易（厦门）商行` → `鼓浪贸易`. Give the name as written, since
    brackets mark a region inside it. A branch keeps its ending, so that it doesn't fall together with its
    head office. A region stays where nothing but trade and form would be left (`福州商店`). Never shorter
    than two characters where the name has two.
    """
    tidy = _tidy(text)
    whole = _bare(tidy)
    rest = _bare(_compiled("aside").sub("", tidy)) if "(" in tidy else whole
    bare = _without_regions(rest)
    if not _compiled("says_nothing").search(bare):
        rest = bare
    ended = _compiled("forms").sub("", rest, count=1)
    core = rest if _compiled("meaningful").search(rest) or len(ended) < _LEAST_CORE else ended
    return core if len(core) >= _LEAST_CORE else whole


def _without_regions(text: str) -> str:
    """The same as the pattern `regions`, by look-up: an alternation of three thousand words is slow in
    Python.
    """
    regions, longest = _region_prefixes(), _longest_region()
    for _ in range(_MOST_REGIONS):
        for length in range(min(longest, len(text)), 1, -1):
            if text[:length] in regions:
                text = text[length:]
                break
        else:
            break
    return text


@cache
def _longest_region() -> int:
    return max(map(len, _region_prefixes()), default=0)


def stems(cores: pl.Series) -> pl.Series:
    """The trade name (字号) alone: core names without the trade behind it (`鼓浪贸易` → `鼓浪`), where two
    characters remain.
    """
    short = cores.str.replace(_patterns()["trade"], "")
    return short.zip_with((short.str.len_chars() >= _LEAST_CORE).fill_null(False), cores)


@cache
def _places_named() -> tuple[dict[str, str], str, str, str]:
    """Cities by their spellings (four digits), and patterns: a province, a city, a city in brackets.

    A spelling that several cities share (鼓楼区) names none.
    """
    cities: dict[str, set[str]] = {}
    provinces: set[str] = set()
    for region in places.regions():
        name = normalise_name(region.name)
        spellings = {name, re.sub(_REGION_KIND, "", name)} & _region_prefixes()
        # Beijing, Tianjin, Shanghai and Chongqing are provinces and cities at once.
        if region.level == "province" and not name.endswith("市"):
            provinces |= spellings
            continue
        for spelling in spellings:
            cities.setdefault(spelling, set()).add(
                region.code[:2] if name in _MUNICIPALITIES else region.code[:4]
            )
    clear = {spelling: codes.pop() for spelling, codes in cities.items() if len(codes) == 1}
    province, city = _either(frozenset(provinces)), _either(frozenset(clear))
    return clear, f"^(?:{province})", f"^({city})", rf"\((?:{province})?({city})\)"


def named_cities(names: pl.Series) -> pl.Series:
    """The city that a name as written names, in front or in brackets, as the first four digits of its GB/T
    2260 code.

    The municipalities give their two digits. Null where no city is named (`福建鼓浪贸易有限公司`) or one
    can't tell which.
    """
    cities, province, city, in_brackets = _places_named()
    tidy = _tidy_series(names)
    in_front = _without_brackets(tidy).str.replace(province, "").str.extract(city)
    aside = tidy.str.extract(in_brackets)
    return in_front.zip_with(in_front.is_not_null(), aside).replace_strict(
        cities, default=None, return_dtype=pl.String
    )


def is_branch(names: pl.Series) -> pl.Series:
    """Whether normalised names end as a branch of another subject does (分公司, 分店, 支行)."""
    return names.str.contains(rf"(?:{_either(BRANCH_ENDINGS)})$")
