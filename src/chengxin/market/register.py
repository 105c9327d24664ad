"""Who keeps the shops: names, codes, domains, legal persons; who was closed; which sites bear the mark."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from chengxin.market.columns import time
from chengxin.market.numbers import Flags, Generator, Ints, Words, generator, texts
from chengxin.market.plan import DAY
from chengxin.market.shop_names import domains, shop_names
from chengxin.market.world import World

CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
CLOSED = 0.02  # closed or listed shops for each shop


@dataclass
class Closed:
    """Shops that were closed or listed, one row each; `pictures` are those of the goods that each offered."""

    code: list[str]
    words: Words
    platform: Ints
    at: Ints
    keeper: tuple[Words, Words, Words]
    unknown: tuple[Flags, Flags, Flags]
    shop_name: list[str]
    domain: list[str | None]
    category: Ints
    region: Ints
    opened: Ints
    pictures: list[Ints]


@dataclass
class Register:
    """What is known of the shops' keepers, one row a shop; schemes and twins rewrite cells before it is
    written.

    `keeper` are the legal person, the phone and the business address; `seats` the counties in which they are
    registered.
    """

    shop_name: list[str]
    domain: list[str | None]
    keeper: tuple[Words, Words, Words]
    code: list[str]
    anonymous: Flags
    closed: Closed
    marked: dict[str, list[str]]
    chains: Ints
    seats: list[str]


def register(world: World) -> Register:
    """The keepers of a market's shops: some keep several (chains), most one; agents lend their phone to
    many."""
    random = generator(world.plan.seed, "register")
    size = world.shops.count
    person = np.arange(size)
    chained = np.flatnonzero(random.random(size) < 0.06)
    person[chained] = random.choice(chained, len(chained))
    phone = np.where(random.random(size) < 0.9, person, size + np.arange(size))
    agents = random.random(size) < 0.04
    phone[agents] = 3 * size + random.integers(0, max(1, size // 120), int(agents.sum()))
    place = np.where(random.random(size) < 0.75, np.arange(size), person)
    halls = random.random(size) < 0.06
    place[halls] = 2 * size + random.integers(0, max(1, size // 150), int(halls.sum()))
    names = shop_names(random, world.shops.category)
    keepers, counts = np.unique(person, return_counts=True)
    region = world.places.codes.gather(world.shops.region)
    found = Register(
        shop_name=names,
        domain=domains(random, names),
        keeper=(
            world.words("legal person", person),
            world.words("phone", phone),
            world.words("business address", place),
        ),
        code=codes(random, region),
        anonymous=random.random(size) < 0.05,
        closed=_closed(world, random),
        marked={},
        chains=np.flatnonzero(np.isin(person, keepers[counts > 1])),
        seats=region.to_list(),
    )
    _marked(random, found)
    return found


def _closed(world: World, random: Generator) -> Closed:
    """Shops that were closed or listed, most of them before the market opens and by people who left for
    good."""
    size = max(40, int(world.shops.count * CLOSED))
    number = np.arange(size) + 10_000_000
    category = world.shops.category[random.integers(0, world.shops.count, size)]
    names = shop_names(random, category)
    region = random.integers(0, world.places.count, size)
    at = world.plan.start - random.integers(-75 * DAY, 300 * DAY, size)
    known = random.random(len(world.products.picture)) < 0.1
    shared = np.flatnonzero(known & (world.products.picture < 0))
    pictures = []
    for one in range(size):
        own = 2_000_000_000 + one * 64 + np.arange(int(random.integers(3, 12)))
        of_supplier = world.products.picture[random.choice(shared, len(own))] if len(shared) else own
        pictures.append(np.where(random.random(len(own)) < 0.16, of_supplier, own))
    return Closed(
        code=codes(random, world.places.codes.gather(region)),
        words=world.words("closed seller", number),
        platform=random.integers(0, len(world.platforms), size),
        at=at,
        keeper=(
            world.words("legal person", number),
            world.words("phone", number),
            world.words("business address", number),
        ),
        unknown=(random.random(size) < 0.08, random.random(size) < 0.12, random.random(size) < 0.08),
        shop_name=names,
        domain=domains(random, names),
        category=category,
        region=region,
        opened=at - random.integers(60 * DAY, 1200 * DAY, size),
        pictures=pictures,
    )


def _marked(random: Generator, found: Register) -> None:
    """Sites that bear the mark of trust: well-kept shops with a domain of their own."""
    with_domain = [number for number, domain in enumerate(found.domain) if domain]
    chosen = random.permutation(np.array(with_domain, dtype=np.int64))[: max(8, len(with_domain) // 8)]
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
    """The lake's table of sellers; those who were closed stand in it, too."""
    closed, hidden = found.closed, found.anonymous
    present = pl.DataFrame(
        {
            "seller_id": world.shops.ids,
            "platform": world.platforms.gather(world.shops.platform),
            "subject_code": pl.Series(found.code).set(pl.Series(hidden), None),
            "shop_name": found.shop_name,
            "domain": pl.Series(found.domain, dtype=pl.String),
            "opened_at": time(world.shops.opened),
            "legal_person_hash": texts(found.keeper[0], hidden),
            "phone_hash": texts(found.keeper[1], hidden),
            "address_hash": texts(found.keeper[2], hidden),
            "region": found.seats,
        }
    )
    gone = _closed_facts(world, closed).with_columns(
        time(np.minimum(closed.opened, closed.at - DAY)).alias("opened_at"),
        world.places.codes.gather(closed.region).alias("region"),
    )
    return pl.concat([present, gone.select(present.columns)])


def listed(world: World, found: Register) -> pl.DataFrame:
    """The lake's table of those closed or listed."""
    return _closed_facts(world, found.closed).with_columns(time(found.closed.at).alias("listed_at"))


def _closed_facts(world: World, closed: Closed) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "subject_code": pl.Series(closed.code),
            "seller_id": texts(closed.words),
            "platform": world.platforms.gather(closed.platform),
            "legal_person_hash": texts(closed.keeper[0], closed.unknown[0]),
            "phone_hash": texts(closed.keeper[1], closed.unknown[1]),
            "address_hash": texts(closed.keeper[2], closed.unknown[2]),
            "shop_name": closed.shop_name,
            "domain": pl.Series(closed.domain, dtype=pl.String),
        }
    )


def marks(found: Register) -> pl.DataFrame:
    """The lake's table of certified sites."""
    return pl.DataFrame(found.marked)
