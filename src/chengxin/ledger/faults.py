"""What a verification finds: faults, each with its place and in words, and the verdict over all."""

from __future__ import annotations

from dataclasses import dataclass

TOLD = 20
"""Faults that a verdict names; more are counted."""

HEADS = "ledger_treehead"
TILES = "ledger_tile"


@dataclass(frozen=True)
class Fault:
    """Something that isn't as it was sealed.

    leaf: the number of the leaf, or the first of several up to `last`; None where no leaf is meant (a head,
    an inner hash of the tree). table: where it is; empty where no row is left to tell.
    """

    leaf: int | None
    table: str
    zh: str
    en: str
    last: int | None = None

    @property
    def place(self) -> tuple[bool, int, int]:
        """For sorting: by leaf, the narrowest first; those without a leaf last."""
        first = self.leaf or 0
        return self.leaf is None, first, (self.last or first) - first


@dataclass(frozen=True)
class Verdict:
    """leaves: rows that were held against the tree; size: leaves that the newest head covers.

    faults: the first `TOLD` in the order of the leaves; found: how many there are.
    """

    leaves: int
    size: int
    faults: tuple[Fault, ...] = ()
    found: int = 0

    @property
    def holds(self) -> bool:
        """Whether everything is as it was sealed."""
        return not self.faults

    @property
    def first_fault(self) -> Fault | None:
        """The fault of the first altered leaf."""
        return self.faults[0] if self.faults else None


class Findings:
    """Faults as they are found."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self.found = 0

    def add(self, fault: Fault) -> None:
        """Note a fault, once; of many, those of the first leaves are kept."""
        if fault in self._faults:
            return
        self.found += 1
        self._faults.append(fault)
        if len(self._faults) >= 2 * TOLD:
            self._faults = self.told()

    def told(self) -> list[Fault]:
        """The first faults, in the order of the leaves."""
        return sorted(self._faults, key=lambda fault: fault.place)[:TOLD]

    def names(self, table: str) -> bool:
        """Whether a fault is told of a table as a whole."""
        return any(one.leaf is None and one.table == table for one in self._faults)

    def within(self, first: int, last: int) -> bool:
        """Whether a fault names a leaf from `first` to `last`."""
        return any(one.leaf is not None and first <= one.leaf <= last for one in self._faults)


def _leaves(first: int, last: int) -> tuple[str, str]:
    if first == last:
        return f"第{first}号叶", f"leaf {first}"
    return f"第{first}至{last}号叶", f"leaves {first} to {last}"


def altered(leaf: int, table: str) -> Fault:
    """The row says something else than when it was kept."""
    return Fault(leaf, table, "这一行与入账时不同", "the row differs from what was sealed")


def missing(first: int, last: int | None = None) -> Fault:
    """No table holds the row any more."""
    if last is None or last == first:
        return Fault(first, "", "没有一张表还存有这一行", "no table holds the row of this leaf any more")
    zh, en = _leaves(first, last)
    return Fault(first, "", f"{zh}的行和哈希都没有了", f"{en}: rows and hashes are gone", last)


def twice(leaf: int, table: str) -> Fault:
    """A second row carries the number of a leaf."""
    return Fault(leaf, table, "另有一行也用这个编号", "another row carries the same number")


def not_covered(leaf: int, table: str) -> Fault:
    """A row that was never sealed, or whose head is gone."""
    return Fault(
        leaf, table, "没有签名的账本首覆盖这一行：行是加进来的，或账本首被删去了",
        "no signed head covers this row: it was added, or the head was removed",
    )  # fmt: skip


def unreadable(first: int, last: int, table: str, code: str | None) -> Fault:
    """The database can't read rows; `code`: its SQLSTATE."""
    zh, en = _leaves(first, last)
    return Fault(
        first, table, f"数据库读不出{zh}（{code or '连接中断'}）",
        f"the database can't read {en} ({code or 'connection lost'})", last,
    )  # fmt: skip


def unreadable_table(table: str, code: str | None) -> Fault:
    """The database can't read a table that holds no leaves, or can't say which row is damaged."""
    return Fault(
        None, table, f"数据库读不出这张表（{code or '连接中断'}）",
        f"the database can't read this table ({code or 'connection lost'})",
    )  # fmt: skip


def hidden(table: str, more: int) -> Fault:
    """The table holds rows that its index doesn't show, or the other way round."""
    return Fault(
        None, table, f"表与其主键索引相差{more}行", f"the table and its primary key differ by {more} rows"
    )


def tile_altered(leaf: int) -> Fault:
    """The hash of a leaf was changed; its row is as it was."""
    return Fault(leaf, TILES, "叶的哈希被改动，行本身无误", "the leaf's hash was changed; its row is sound")


def tile_short(first: int, last: int) -> Fault:
    """Hashes of leaves are gone; the rows are there."""
    zh, en = _leaves(first, last)
    return Fault(first, TILES, f"{zh}的哈希不见了", f"the hash of {en} is missing", last)


def node_altered(level: int, index: int, offset: int) -> Fault:
    """An inner hash isn't the root of what is below it."""
    span = 256**level
    first = (index * 256 + offset) * span
    return Fault(
        None, TILES,
        f"第{level}层第{index}块第{offset}个哈希（叶{first}至{first + span - 1}之上）与其下不符",
        f"level {level}, tile {index}, hash {offset} (over leaves {first} to {first + span - 1}) "
        "doesn't follow from what is below",
    )  # fmt: skip


def tile_stray(level: int, index: int) -> Fault:
    """A tile that the tree doesn't have, or one longer than the tree."""
    return Fault(
        None, TILES, f"第{level}层第{index}块不属于这棵树或超出其大小",
        f"level {level}, tile {index} isn't of this tree or is longer than it",
    )  # fmt: skip


def tree_altered(first: int, last: int) -> Fault:
    """Rows were changed together with their hashes; the signed heads bear witness."""
    zh, en = _leaves(first, last)
    return Fault(
        first, "", f"{zh}中有行连同其哈希被改动：签名的根不再符合",
        f"within {en} a row was changed together with its hash: the signed roots no longer agree", last,
    )  # fmt: skip


def head_unsigned(size: int, first: int | None, last: int | None) -> Fault:
    """A head without a valid signature; `first`, `last`: the leaves for which no valid head is left."""
    return Fault(
        first, HEADS, f"叶数为{size}的账本首签名无效：它被改动或伪造",
        f"the head of {size} leaves has no valid signature: it was changed or forged", last,
    )  # fmt: skip


def head_foreign(size: int) -> Fault:
    """A validly signed head with another root than this tree ever had."""
    return Fault(
        None, HEADS, f"叶数为{size}的账本首不是这棵树的",
        f"the head of {size} leaves is signed, but isn't of this tree",
    )  # fmt: skip


def head_removed(size: int) -> Fault:
    """A head to which the next one points is gone."""
    return Fault(None, HEADS, f"叶数为{size}的账本首被删去", f"the head of {size} leaves was removed")


def shadowed(name: str) -> Fault:
    """Something in the database takes the place of PostgreSQL's own function."""
    return Fault(
        None, "pg_proc", f"数据库中的“{name}”顶替了PostgreSQL自带的函数，核验结果不可信",
        f"'{name}' in the database takes the place of PostgreSQL's own: no result can be trusted",
    )  # fmt: skip


def not_a_table(name: str) -> Fault:
    """A view, or nothing, stands where a table should."""
    return Fault(
        None, name, "它不是原来的表（被视图、规则或子表代替，或已不存在）",
        "it isn't the table it was: a view, a rule or a child table stands for it, or nothing",
    )  # fmt: skip


def projection(leaf: int | None, table: str, column: str, row: int | None = None) -> Fault:
    """An unsealed column that isn't what follows from sealed rows; `row`: its id where that is no leaf."""
    zh, en = ("", "") if row is None else (f"第{row}行的", f"row {row}: ")
    return Fault(
        leaf, table, f"{zh}“{column}”与入账的各行推出的不同",
        f"{en}'{column}' isn't what follows from the sealed rows",
    )  # fmt: skip
