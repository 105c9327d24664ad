"""Who keeps the shops: names, codes, domains, legal persons; who was closed; which sites bear the mark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from chengxin.market.numbers import Flags, Generator, Ints, Words, generator, texts
from chengxin.market.orders import time
from chengxin.market.plan import DAY
from chengxin.market.shop_names import domains, shop_names
from chengxin.market.world import World

CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
CLOSED = 0.02  # closed or listed shops for each shop


@dataclass
class Register:
    """What is known of the shops' keepers, one row a shop; schemes and twins may rewrite rows before it is written."""

    shop_name: list[str]
    domain: list[str | None]
    person: Words
    phone: Words
    place: Words
    code: list[str]
    region: Ints
    opened: Ints
    anonymous: Flags
    closed: dict[str, list[object]]
    marked: dict[str, list[str]]


def register(world: World) -> Register:
    """The keepers of a market's shops: some keep several (chains), most one."""
    random = generator(world.plan.seed, "register")
    size = world.shops.count
    person = np.arange(size)
    chained = np.flatnonzero(random.random(size) < 0.06)
    person[chained] = person[random.choice(chained, len(chained)) // 1] if len(chained) else person[chained]
    phone = np.where(random.random(size) < 0.9, person, size + np.arange(size))
    place = np.where(random.random(size) < 0.75, np.arange(size), person)
    halls = random.random(size) < 0.05
    place[halls] = 2 * size + random.integers(0, max(1, size // 150), int(halls.sum()))
    names = shop_names(random, world.shops.category)
    region = world.shops.region
    found = Register(
        shop_name=names,
        domain=domains(random, names),
        person=world.words("legal person", person),
        phone=world.words("phone", phone),
        place=world.words("business address", place),
        code=codes(random, world.places.codes.gather(region)),
        region=region,
        opened=world.shops.opened,
        anonymous=random.random(size) < 0.05,
        closed={},
        marked={},
    )
    _closed(world, random, found)
    _marked(random, found)
    return found


def _closed(world: World, random: Generator, found: Register) -> None:
    """Shops that were closed or listed, most of them before the market opens and by people who left for good."""
    size = max(12, int(world.shops.count * CLOSED))
    number = np.arange(size)
    names = shop_names(random, world.shops.category[random.integers(0, world.shops.count, size)])
    region = world.places.codes.gather(random.integers(0, world.places.count, size))
    unknown = random.random((3, size)) < 0.08
    found.closed = {
        "subject_code": list(codes(random, region)),
        "seller_id": list(texts(world.words("closed seller", number))),
        "platform": list(world.platforms.gather(random.integers(0, len(world.platforms), size))),
        "listed_at": list(world.plan.start - random.integers(-70 * DAY, 300 * DAY, size)),
        "legal_person_hash": list(texts(world.words("legal person", number + 10_000_000), unknown[0])),
        "phone_hash": list(texts(world.words("phone", number + 10_000_000), unknown[1])),
        "address_hash": list(texts(world.words("business address", number + 10_000_000), unknown[2])),
        "shop_name": list(names),
        "domain": list(domains(random, names)),
    }


def _marked(random: Generator, found: Register) -> None:
    """Sites that bear the mark of trust: well-kept shops with a domain of their own."""
    with_domain = [number for number, domain in enumerate(found.domain) if domain]
    chosen = random.permutation(np.array(with_domain, dtype=np.int64))[: max(8, len(with_domain) // 5)]
    found.marked = {
        "domain": [str(found.domain[number]) for number in chosen],
        "shop_name": [found.shop_name[number] for number in chosen],
        "subject_code": [found.code[number] for number in chosen],
    }


def codes(random: Generator, region: pl.Series) -> list[str]:
    """Unified social credit codes with right check characters (GB 32100-2015, GB 11714)."""
    size = len(region)
    body = random.integers(0, 10, (size, 8))
    total = (body * np.array([3, 7, 9, 10, 5, 8, 4, 2])).sum(axis=1)
    check = (11 - total % 11) % 11
    kind = np.where(random.random(size) < 0.55, 1, 2)
    value = np.zeros((size, 17), dtype=np.int64)
    value[:, 0] = 9
    value[:, 1] = kind
    value[:, 2:8] = np.array([[int(digit) for digit in code] for code in region])
    value[:, 8:16] = body
    value[:, 16] = np.where(check == 10, CODE.index("X"), check)
    last = (31 - (value * np.array(WEIGHTS)).sum(axis=1) % 31) % 31
    whole = np.column_stack([value, last])
    letters = np.array(list(CODE))
    return ["".join(row) for row in letters[whole]]


def sellers(world: World, found: Register) -> pl.DataFrame:
    """The lake's table of sellers."""
    hidden = found.anonymous
    return pl.DataFrame(
        {
            "seller_id": world.shops.ids,
            "platform": world.platforms.gather(world.shops.platform),
            "subject_code": pl.Series(found.code).set(pl.Series(hidden), None),
            "shop_name": found.shop_name,
            "domain": pl.Series(found.domain, dtype=pl.String),
            "opened_at": time(found.opened),
            "legal_person_hash": texts(found.person, hidden),
            "phone_hash": texts(found.phone, hidden),
            "address_hash": texts(found.place, hidden),
            "region": world.places.codes.gather(found.region),
        }
    )


def listed(found: Register) -> pl.DataFrame:
    """The lake's table of those closed or listed."""
    columns = dict(found.closed)
    at = np.array(columns.pop("listed_at"), dtype=np.int64)
    return pl.DataFrame(
        {name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}
    ).with_columns(time(at).alias("listed_at"))


def marks(found: Register) -> pl.DataFrame:
    """The lake's table of certified sites."""
    return pl.DataFrame(found.marked)
